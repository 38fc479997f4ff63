"""Names of files and sheets: stored without people, and written in a form that every system accepts."""

import re
from collections.abc import Iterable
from itertools import count
from pathlib import Path

from data.privacy.identifier_removal import remove_contact_details
from data.schema.template import SHEETS

LONGEST = 60  # characters of a name; file systems accept 255 bytes
LONGEST_TITLE = 31  # of a sheet, in Excel
NOT_IN_A_FILE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
NOT_IN_A_TITLE = re.compile(r"[\\/:*?\[\]\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]+")

# Words used in names of exports. Any other word may be a person; a list of given names would miss rare ones.
COMMON = Path(__file__).parents[1] / "reference" / "file_words.txt"
WORD = re.compile(r"[^\W\d_]+|\d+")
COMMON_WORDS = re.sub("(?m)^#.*", "", COMMON.read_text(encoding="utf-8"))
KNOWN_WORDS = frozenset(map(str.casefold, WORD.findall(" ".join([COMMON_WORDS, *(sheet.name for sheet in SHEETS)]))))
DATE_OR_NUMBER = re.compile(r"\d{1,2}|(?:19|20)\d\d(?:\d\d){0,2}")  # longer numbers are clients or phones


def without_people(name: str) -> str:
    """Keep the known words, dates and small numbers of a file name; "file.csv" if there are none.

    "Jane Doe treatments 2025-03.xlsx" becomes "treatments 2025-03.xlsx".
    """
    stem, dot, suffix = name.rpartition(".")
    if not dot or not re.fullmatch(r"[A-Za-z]{2,4}", suffix):
        stem, suffix = name, ""
    stem = remove_contact_details(stem)
    kept, end = "", 0
    for word in WORD.finditer(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", stem)):
        plain = word[0].casefold()
        if DATE_OR_NUMBER.fullmatch(word[0]) or not KNOWN_WORDS.isdisjoint({plain, plain.removesuffix("s")}):
            between = word.string[end : word.start()]
            between = between if re.fullmatch(r"[ ._-]*", between) else " "
            kept += between * bool(kept) + word[0]
            end = word.end()
    return f"{kept or 'file'}.{suffix}" if suffix else kept or "file"


def safe_stem(name: str) -> str:
    """A file name without its extension, in a form that every system accepts."""
    stem = name.rpartition(".")[0] or name
    return NOT_IN_A_FILE.sub("-", stem)[:LONGEST].strip(" .") or "file"


def safe_title(name: str) -> str:
    """A sheet name in a form that every spreadsheet program accepts."""
    return " ".join(NOT_IN_A_TITLE.sub(" ", name).split())[:LONGEST_TITLE].strip(" '") or "Sheet"


def distinct(names: Iterable[str], longest: int = LONGEST) -> list[str]:
    """The names with numbers added to duplicates; upper and lower case count as equal."""
    taken: set[str] = set()
    unique = []
    for name in names:
        stem, dot, suffix = name.rpartition(".") if "." in name else (name, "", "")
        numbers = count(2)
        candidate = name
        while candidate.casefold() in taken:
            ending = f" ({next(numbers)}){dot}{suffix}"
            candidate = f"{stem[: longest - len(ending)]}{ending}"
        unique.append(candidate)
        taken.add(candidate.casefold())
    return unique
