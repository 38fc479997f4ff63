"""Keyed pseudonyms in place of client ids; data/privacy/identifier_removal.py removes other identifiers.

A key is in the keyring of this user or, on a machine without one, in a file; it is never next to the database.
A key's name is a pseudonym made with it. Each import is stored with the name of its key, so that a database finds its
own among the keys of a machine, even after its folder was moved, and never uses another.
"""

import base64
import hmac
import os
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import keyring
from keyring.errors import KeyringError
from platformdirs import user_config_path

from data.privacy.private_folder import PRIVATE, make_private
from data.refusal import RefusedError

KEY_BYTES = 32
PSEUDONYM_BYTES = 10  # 80 bits, 16 characters: two of a million clients share one with a probability of 4e-13
PSEUDONYM = re.compile("[a-z2-7]{16}")
KEY_NAME = ("key check", "")  # the namespace and id whose pseudonym is a key's name, which tells nothing else about it

Pseudonymizer = Callable[[str, str], str]

SERVICE = "sequela"
CURRENT = "current"  # the entry with the name of the key for databases without clients
NEXT_TO_DATABASE = PRIVATE / "pseudonym.key"  # where earlier versions kept the key
MIN_PRIORITY = 1  # of a keyring that encrypts; the package gives less to one that stores plain text or nothing


class PseudonymKeyError(RefusedError):
    """The key cannot be used; the message says why and what to do."""


def make_pseudonym(key: bytes, namespace: str, given: str) -> str:
    """The same id in the same namespace under the same key gives the same pseudonym."""
    digest = hmac.digest(key, f"{namespace}\0{given}".encode(), "sha256")
    return base64.b32encode(digest[:PSEUDONYM_BYTES]).decode().lower()


def make_pseudonymizer(key_name: str | None = None) -> Pseudonymizer:
    """(namespace, id) -> pseudonym, under the key of this name.

    The database alone does not identify a client, and without the key nobody can add to the records of the clients it
    named. Raises PseudonymKeyError.
    """
    return partial(make_pseudonym, load_key(key_name))


def is_pseudonym(text: str) -> bool:
    """Whether the text has the form of our pseudonyms."""
    return bool(PSEUDONYM.fullmatch(text))


def load_key(name: str | None = None) -> bytes:
    """The key of this name. Without a name: the key for a database without clients, made on first use.

    SEQUELA_KEY_FILE names a file to use instead of the keyring. Raises PseudonymKeyError.
    """
    try:
        if file := os.environ.get("SEQUELA_KEY_FILE"):
            path = Path(file)
            if name is None:
                with suppress(FileExistsError):
                    _write_new(path, secrets.token_hex(KEY_BYTES))
            key = _as_key(path.read_text(), str(path)) if path.exists() else None
        else:
            stores = _stores()
            if NEXT_TO_DATABASE.exists():  # moved away once it was read back from its new place
                _store(stores[0], _as_key(NEXT_TO_DATABASE.read_text(), str(NEXT_TO_DATABASE)).hex())
                NEXT_TO_DATABASE.unlink(missing_ok=True)
            entry = name
            if entry is None:
                current = (store.get_password(SERVICE, CURRENT) for store in stores)
                entry = next(filter(None, current), None) or _store(stores[0], secrets.token_hex(KEY_BYTES))
            kept = (store.get_password(SERVICE, entry) for store in stores if PSEUDONYM.fullmatch(entry))
            text = next(filter(None, kept), None)
            key = _as_key(text, f'"{entry}"') if text else None
    except OSError as error:
        reason = f"{error.filename}: {error.strerror}"
        raise PseudonymKeyError(
            f"The key file can't be used ({reason}). Check the permissions of its folder."
        ) from error
    except KeyringError as error:
        reason = str(error).rstrip(".") or type(error).__name__
        raise PseudonymKeyError(f"The keyring can't be used ({reason}). Unlock it and try again.") from error
    if key is None or name not in (None, make_pseudonym(key, *KEY_NAME)):
        found = "is not on this machine" if key is None else f"is not the one in {file}"
        raise PseudonymKeyError(
            f"The key of these records {found}. With another key, all clients would be stored as new clients. "
            f"Nothing was changed. Add the copy of the key kept with the backups: python -m data key --add FILE. "
            f"On the machine with the key, write the copy: python -m data key FILE."
        )
    return key


def save_copy(file: Path, name: str | None) -> None:
    """Write the key of this name to a new file that only this user can read. Raises PseudonymKeyError and OSError."""
    _write_new(file, load_key(name).hex())


def add_copy(file: Path) -> None:
    """Store the key in this file for the records made with it. Raises PseudonymKeyError and OSError."""
    _store(_stores()[0], _as_key(file.read_text(), str(file)).hex())


class KeyFolder:
    """Keys in files, for a machine without a keyring; called like a keyring."""

    def get_password(self, service: str, entry: str) -> str | None:
        with suppress(FileNotFoundError):
            return (user_config_path(service, appauthor=False) / f"{entry}.key").read_text().strip()
        return None

    def set_password(self, service: str, entry: str, password: str) -> None:
        with suppress(FileExistsError):  # another process was faster
            _write_new(user_config_path(service, appauthor=False) / f"{entry}.key", password)


def _stores() -> list:
    """Where keys are searched; a new one is stored in the first."""
    system = keyring.get_keyring()
    return [system, KeyFolder()] if system.priority >= MIN_PRIORITY else [KeyFolder()]


def _store(store, text: str) -> str:
    """Store a key and read it back. Return the name of the current key, which another process may have set first."""
    name = make_pseudonym(_as_key(text, "given"), *KEY_NAME)
    if store.get_password(SERVICE, name) is None:
        store.set_password(SERVICE, name, text)
    if store.get_password(SERVICE, name) != text:
        raise PseudonymKeyError(
            "The keyring did not keep the pseudonym key. Set SEQUELA_KEY_FILE to a file for the key."
        )
    if store.get_password(SERVICE, CURRENT) is None:
        store.set_password(SERVICE, CURRENT, name)
    return store.get_password(SERVICE, CURRENT)


def _as_key(text: str, place: str) -> bytes:
    with suppress(ValueError):
        key = bytes.fromhex(text.strip())
        if len(key) == KEY_BYTES:
            return key
    raise PseudonymKeyError(f"The key {place} is damaged. Restore the copy kept with the backups.")


def _write_new(file: Path, text: str) -> None:
    """Write a file completely or not at all, never over an existing one, so that no process reads half a key."""
    if not file.parent.exists():
        make_private(file.parent)
    draft = file.with_name(f".{file.name}-{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        file.hardlink_to(draft)
    finally:
        draft.unlink(missing_ok=True)
