"""Rows that head a group of records: "JUNE 2025", "Provider: Anna". They become a column of the rows below."""

import re

from data.tabular.grid import CellGrid, format_rows

Lines = list[tuple[int, list[str]]]  # row number and cells

MIN_WIDTH = 3  # columns; in a narrower table one filled cell may be a record
# Months in English, German, Spanish and French; a heading has nothing but one and perhaps a year.
MONTHS = (
    "jan(?:uary|uar|vier)?|feb(?:ruary|ruar|rero)?|f[ée]vrier|mar(?:ch|zo|s)?|m[äa]rz|apr(?:il)?|abril|avr(?:il)?|may|mai"
    "|mayo|jun(?:e|i|io)?|juin|jul(?:y|i|io)?|juillet|aug(?:ust)?|agosto|ao[ûu]t|sep(?:t(?:ember|embre|iembre)?)?"
    "|oct(?:ober|obre|ubre)?|okt(?:ober)?|nov(?:ember|embre|iembre)?|dec(?:ember)?|dez(?:ember)?|d[ée]cembre"
    "|dic(?:iembre)?|ener?o"
)
MONTH = re.compile(rf"(?:\W*(?:{MONTHS})\.?\W+(?:de )?(?:19|20)\d\d\W*|\W*(?:{MONTHS})\W*|(?:19|20)\d\d)", re.I)
LABELED = re.compile(r"\W*(?P<label>[^\W\d][\w /.-]{1,30}?)\s*[:=]\s*(?P<value>\S.{0,80})")


def take_out_headings(grid: CellGrid, names: list[str], lines: Lines) -> tuple[list[str], Lines]:
    """The columns and rows without headings, and with a column for each kind of heading ("Month", "Provider").

    The grid gets a notice about them. A row with one cell that is neither stays a row.
    """
    if len(names) < MIN_WIDTH:
        return names, lines
    headings: dict[int, tuple[str, str]] = {}
    for at, (_, cells) in enumerate(lines):
        filled = [cell for cell in cells if cell]
        if len(filled) == 1:
            if MONTH.fullmatch(filled[0]):
                headings[at] = "Month", filled[0].strip(" -*:")
            elif match := LABELED.fullmatch(filled[0]):
                headings[at] = match["label"].strip(), match["value"].strip()
    if not headings or len(headings) == len(lines):
        return names, lines
    names = names + [""] * (max(len(cells) for _, cells in lines) - len(names))
    labels = list(dict.fromkeys(label for label, _ in headings.values()))
    current = dict.fromkeys(labels, "")
    kept: Lines = []
    for at, (row, cells) in enumerate(lines):
        if at in headings:
            label, value = headings[at]
            current[label] = value
        else:
            kept.append((row, [*cells, *[""] * (len(names) - len(cells)), *current.values()]))
    rows = format_rows([lines[at][0] for at in headings])
    grid.notices.append(f"Headings of groups, read as {'columns' if len(labels) > 1 else 'a column'} "
                        f"{' and '.join(repr(label) for label in labels)} of the rows below: {rows}.")  # fmt: skip
    return [*names, *labels], kept
