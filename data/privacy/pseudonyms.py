"""Keyed pseudonyms in place of client ids; data/privacy/identifier_removal.py removes other identifiers."""

from collections.abc import Callable
from functools import partial

from data.privacy.pseudonym_key import PSEUDONYM, load_key, make_pseudonym

Pseudonymizer = Callable[[str, str], str]


def make_pseudonymizer(key_name: str | None = None) -> Pseudonymizer:
    """(namespace, id) -> pseudonym, under the key of this name: the same id in the same namespace gives the same one.

    The database alone does not identify a client, and without the key nobody can add to the records of the clients it
    named. Raises PseudonymKeyError.
    """
    return partial(make_pseudonym, load_key(key_name))


def key_check(pseudonym: Pseudonymizer) -> str:
    """A fingerprint of the key, so that another key cannot store every client a second time."""
    return pseudonym("key check", "")


def is_pseudonym(text: str) -> bool:
    """Whether the text has the form of our pseudonyms."""
    return bool(PSEUDONYM.fullmatch(text))
