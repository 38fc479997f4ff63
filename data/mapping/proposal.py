"""What is proposed for a foreign table before a person has confirmed it: fields, questions, words, services."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from data.files import Table, is_missing
from data.mapping.column_matching import distinct_values
from data.mapping.service_names import Service
from data.mapping.spec import ANY, COLUMN, SERVICE

About = Literal["dates", "site", "units", "practitioner", "lines", "unplaced", "product"]

EXAMPLES = 3
YES, NO = "yes", "no"


@dataclass(frozen=True)
class FieldSuggestion:
    """A field of a sheet and the text that fills it, as a mapping has it ("{Qty}"); None: nothing was found."""

    sheet: str
    name: str
    text: str | None
    confidence: float
    reason: str

    @property
    def column(self) -> str | None:
        """The one column that it is."""
        told = re.fullmatch(COLUMN, self.text or "")
        return None if told is None or told[1].startswith(SERVICE) else told[1]


@dataclass(frozen=True)
class MappingQuestion:
    """What a person must say. `choices`: (answer, what it means), none where any text may be answered; `answer`: what
    is proposed; `several`: more than one choice may be right."""

    topic: About
    text: str
    choices: tuple[tuple[str, str], ...] = ()
    answer: str | tuple[str, ...] | None = None
    allows_several: bool = False
    column: str | None = None


@dataclass(frozen=True)
class ValueMapping:
    """A word of a column of codes, or the name of a tick box, and the code that it may stand for."""

    sheet: str
    name: str
    text: str
    times: int
    code: str | None
    confidence: float


@dataclass(frozen=True)
class MappingProposal:
    """What is proposed for one table. `where`: by sheet, the lines that fill it; `boxes`: tick boxes by question;
    `identifying`: columns that tell who a client is, and what kind of column each is."""

    table: Table = field(repr=False)
    source: str
    preset: str | None
    fields: tuple[FieldSuggestion, ...]
    row_filters: Mapping[str, Mapping[str, object]]
    questions: tuple[MappingQuestion, ...]
    service_column: str | None
    services: tuple[Service, ...]
    value_mappings: tuple[ValueMapping, ...]
    boxes: Mapping[str, Mapping[str, str]]
    identifying: Mapping[str, str]
    notices: tuple[str, ...]

    def examples(self, column: str) -> tuple[str, ...]:
        """A few values of a column; none of one that tells who a client is."""
        if column in self.identifying or column not in self.table.columns:
            return ()
        return distinct_values(column_values(self.table, column))[0][:EXAMPLES]


def column_values(table: Table, column: str) -> list[str]:
    """A column of a table, line by line."""
    at = table.columns.index(column)
    return [row[at] for row in table.rows]


def matching_rows(table: Table, where: Mapping[str, object]) -> list[int]:
    """The lines of a table that have these values, as a mapping asks for them."""
    lines = list(range(len(table.rows)))
    for column, wanted in where.items():
        wants = wanted if isinstance(wanted, list | tuple) else [wanted]
        cells = column_values(table, column)
        lines = [n for n in lines if cells[n] in wants or (ANY in wants and not is_missing(cells[n]))]
    return lines
