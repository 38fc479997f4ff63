"""The one rule that keeps spreadsheet programs from running text as a formula, in every CSV and XLSX file we write."""

import re
from typing import Any

# OWASP, "CSV Injection": what a cell may not begin with. Excel takes the full-width forms for the plain signs.
FORMULA_STARTS = tuple("=+-@\t\r\n\0＝＋－＠")
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # a workbook is XML


def escape_formula(value: Any) -> Any:
    """Text with an apostrophe before it where a spreadsheet program would run it; other values as they are."""
    return f"'{value}" if isinstance(value, str) and _would_run(value) else value


def unescape_formula(text: str) -> str:
    """What `escape_formula` was given."""
    return text[1:] if text.startswith("'") and _would_run(text) else text


def workbook_cell(value: Any) -> Any:
    """The same for a workbook, which can't hold every character."""
    return NOT_IN_XML.sub("", escape_formula(value)) if isinstance(value, str) else value


def _would_run(text: str) -> bool:
    return text.lstrip("'").startswith(FORMULA_STARTS)  # apostrophes: what was escaped before is escaped once more
