"""What keeps a client unnamed: keyed pseudonyms in place of ids. data/identifying.py takes out what else tells who."""

import base64
import hmac
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path

KEY_FILE = Path(__file__).parent / "private" / "pseudonym.key"
KEY_BYTES = 32
PSEUDONYM_BYTES = 10  # 80 bits, 16 characters: that two of a million clients share one has a chance of 4e-13

PSEUDONYM = re.compile("[a-z2-7]{16}")
Pseudonyms = Callable[[str, str], str]


class KeyProblem(Exception):  # noqa: N818
    """The key file can't be used; the message says why and what to do."""


def pseudonyms() -> Pseudonyms:
    """(namespace, id) -> pseudonym, under this clinic's key: the same id in the same namespace gives the same one.

    The key is made on first use, outside the database. Whoever has only the database can't tell who a client is, and
    whoever loses the key can't add to the records of the clients it named. Raises KeyProblem.
    """
    key = _key(Path(os.environ.get("SEQUELA_KEY_FILE") or KEY_FILE))

    def pseudonym(namespace: str, given: str) -> str:
        digest = hmac.digest(key, f"{namespace}\0{given}".encode(), "sha256")
        return base64.b32encode(digest[:PSEUDONYM_BYTES]).decode().lower()

    return pseudonym


def key_check(pseudonym: Pseudonyms) -> str:
    """What the same key always gives and another does not: a lost key must not bring every client in as a new one."""
    return pseudonym("key check", "")


def is_pseudonym(text: str) -> bool:
    """Has the text the shape of our pseudonyms?"""
    return bool(PSEUDONYM.fullmatch(text))


def _key(path: Path) -> bytes:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(KEY_BYTES))
        except FileExistsError:
            pass
        key = bytes.fromhex(path.read_text().strip())
    except OSError as error:
        raise KeyProblem(f"The key file {path} can't be used ({error.strerror}). Check the folder's rights.") from error
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyProblem(f"The key file {path} is damaged. Put back the copy kept with the backups.")
    return key
