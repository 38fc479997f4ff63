"""Text that a person typed or pasted, as the same text in a file would be read."""

import unicodedata

from data.tabular.grid import CONTROL, INVISIBLE_CHARACTERS, LINE_BREAK, ODD_SPACE
from data.tabular.table import MAX_CELL_CHARACTERS

MAX_LENGTH = MAX_CELL_CHARACTERS
NO_TEXT = "holds characters that are no text"


def normalize_text(text: str) -> str:
    """Without the spaces, marks and bytes that nobody sees: a number that was pasted is the number in the file."""
    text = INVISIBLE_CHARACTERS.sub("", ODD_SPACE.sub(" ", LINE_BREAK.sub("\n", text)))
    return unicodedata.normalize("NFC", CONTROL.sub("", text)).strip()


def is_storable_text(text: str) -> bool:
    """False where something in it is no character that can be stored."""
    return not CONTROL.search(LINE_BREAK.sub("\n", text))
