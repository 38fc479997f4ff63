"""What a file becomes, and the bounds that every file is held to."""

from dataclasses import dataclass

# The bounds of an import (design: 200,000 rows is twenty years of a large clinic; the rest is what that needs).
MAX_FILE_BYTES = 20 * 1024**2
MAX_UNPACKED_BYTES = 100 * 1024**2
MAX_ROWS = 200_000
MAXIMUM_LINES = 1_048_576  # of a text file, empty ones too: what a worksheet of Excel holds
MAX_COLUMNS = 200
MAX_CELL_CHARACTERS = 10_000

# Words with which people say that a value is not there. "none", "no" and "not done" are answers ("side effects: none"),
# and "#N/A" is the error of a formula: they are not in the list.
MISSING_WORDS = frozenset({
    "-", "--", "---", "–", "—", ".", "..", "...", "?", "??", "*", "n/a", "n.a.", "n.a", "na", "n/k", "n.k.", "nan",
    "null", "<na>", "blank", "(blank)", "empty", "missing", "unknown", "(unknown)", "unk", "no data", "not applicable",
    "not available", "not collected", "not given", "not known", "not provided", "not recorded", "not specified",
    "not stated", "tbc", "tbd", "to be confirmed",
})  # fmt: skip


# What more than one reader says of a workbook, after the name of the file.
PASSWORD_MESSAGE = (
    "the workbook is protected with a password. Open it, remove the password, save it and choose it again."
)
DAMAGED_MESSAGE = "the workbook is damaged or cut off. Download or copy it again."


class UnreadableFileError(Exception):
    """The file can't be read. The message says what happened, where, what was expected and what to do."""


@dataclass(frozen=True)
class Fault:
    """Something wrong with one row.

    With `column`: one cell is wrong (an error value, a formula never computed); the row is kept and shows the cell as
    a person sees it. Without: the row could not be read safely and is not among the rows of the table.
    """

    row: int
    column: str | None
    value: str
    message: str


@dataclass(frozen=True)
class Table:
    """One sheet, or the one table of a text file.

    rows: text cells as a person sees the value (dates as yyyy-mm-dd where the cell really is a date), one for each
    column; row_numbers: the row each stands on in the spreadsheet program, from 1; columns: unique names, as given;
    epoch: the year from which the workbook counts its days, 1900 or 1904 (text files: None).
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


@dataclass(frozen=True)
class ValueProblem:
    """One value of a column that is not what the column holds: a date that can't be, a number with a word behind it."""

    row: int
    value: str
    message: str


def is_missing(text: str) -> bool:
    """Does the cell say that there is no value? True for blank cells and the words in MISSING_WORDS."""
    text = text.strip()
    return not text or text.casefold() in MISSING_WORDS
