"""Keeps spreadsheet programs from running text as a formula, in every CSV and XLSX file we write."""

import re
from typing import Any

# OWASP, "CSV Injection": how a cell may not begin. Excel takes full-width signs for plain ones.
FORMULA_STARTS = tuple("=+-@\t\r\n\0＝＋－＠﹢﹣﹦﹫")
INVISIBLE = "\ufeff\u200b\u2060\xa0 "  # a program that trims a cell meets what comes after them
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # a workbook is XML


def escape_formula(value: Any) -> Any:
    """Text that a spreadsheet program would run, with an apostrophe before it; other values unchanged."""
    return f"'{value}" if isinstance(value, str) and _would_run(value) else value


def unescape_formula(text: str) -> str:
    """The text before `escape_formula`."""
    return text[1:] if text.startswith("'") and _would_run(text) else text


def workbook_cell(value: Any) -> Any:
    """As `escape_formula`, without the characters that a workbook can't hold: they must go first, or hide a formula."""
    return escape_formula(NOT_IN_XML.sub("", value)) if isinstance(value, str) else value


def _would_run(text: str) -> bool:
    return text.lstrip("'" + INVISIBLE).startswith(FORMULA_STARTS)  # what was escaped before is escaped again
