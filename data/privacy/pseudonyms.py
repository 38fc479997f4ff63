"""What keeps a client unnamed: keyed pseudonyms in place of ids. data/privacy/identifier_removal.py takes out what
else tells who."""

from collections.abc import Callable
from functools import partial

from data.privacy.pseudonym_key import PSEUDONYM, load_key, make_pseudonym

Pseudonymizer = Callable[[str, str], str]


def make_pseudonymizer(key_name: str | None = None) -> Pseudonymizer:
    """(namespace, id) -> pseudonym, under the key of this name: the same id in the same namespace gives the same one.

    Whoever has only the database can't tell who a client is, and whoever loses the key can't add to the records of the
    clients it named. Raises KeyProblem.
    """
    return partial(make_pseudonym, load_key(key_name))


def key_check(pseudonym: Pseudonymizer) -> str:
    """What the same key always gives and another does not: a lost key must not bring every client in as a new one."""
    return pseudonym("key check", "")


def is_pseudonym(text: str) -> bool:
    """Has the text the shape of our pseudonyms?"""
    return bool(PSEUDONYM.fullmatch(text))
