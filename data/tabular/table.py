"""The table that a file becomes, and the limits for every file."""

from dataclasses import dataclass

# 200,000 rows are twenty years of a large clinic; the other limits are what that needs.
MAX_FILE_BYTES = 20 * 1024**2
MAX_UNPACKED_BYTES = 100 * 1024**2
MAX_ROWS = 200_000
MAX_LINES = 1_048_576  # of a text file, including empty ones: the most that an Excel worksheet holds
MAX_COLUMNS = 200
MAX_CELL_CHARACTERS = 10_000

# Words for a missing value. "none", "no" and "not done" are answers ("side effects: none"), and "#N/A" is a formula's
# error, so they are not in the list.
MISSING_WORDS = frozenset({
    "-", "--", "---", "–", "—", ".", "..", "...", "?", "??", "*", "n/a", "n.a.", "n.a", "na", "n/k", "n.k.", "nan",
    "null", "<na>", "blank", "(blank)", "empty", "missing", "unknown", "(unknown)", "unk", "no data", "not applicable",
    "not available", "not collected", "not given", "not known", "not provided", "not recorded", "not specified",
    "not stated", "tbc", "tbd", "to be confirmed",
})  # fmt: skip

COMPOUND_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # of the old Office formats

# Messages about a workbook, after the name of the file.
PASSWORD_MESSAGE = (
    "the workbook is protected with a password. Open it, remove the password, save it and choose it again."
)
DAMAGED_MESSAGE = "the workbook is damaged or cut off. Download or copy it again."


class UnreadableFileError(Exception):
    """The file can't be read. The message says what happened, where, what was expected and what to do."""


@dataclass(frozen=True)
class Fault:
    """Something wrong with one row.

    With `column`: one cell is wrong (an error value, an uncomputed formula); the row is kept, with the cell as a person
    sees it. Without: the row could not be read safely and is not in the table.
    """

    row: int
    column: str | None
    value: str
    message: str


@dataclass(frozen=True)
class Table:
    """One sheet, or the one table of a text file.

    rows: cells as text, as a person sees the value (yyyy-mm-dd if the cell is a date), one for each column;
    row_numbers: the number of each row in the spreadsheet program, from 1; columns: unique names, as in the file;
    epoch: the year from which the workbook counts its days, 1900 or 1904 (None for text files).
    """

    file: str
    sheet: str | None
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    row_numbers: tuple[int, ...]
    notices: tuple[str, ...]
    faults: tuple[Fault, ...] = ()
    epoch: int | None = None

    def column(self, name: str) -> list[str]:
        """The cells of a column, row by row."""
        index = self.columns.index(name)
        return [row[index] for row in self.rows]


def is_missing(text: str) -> bool:
    """Whether the cell has no value: blank, or one of MISSING_WORDS."""
    text = text.strip()
    return not text or text.casefold() in MISSING_WORDS
