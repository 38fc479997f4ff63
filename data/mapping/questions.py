"""What a foreign table cannot say and a person must: which clinic, units or vials, who injected, day or month first."""

from collections.abc import Iterator, Mapping, Sequence

from data.files import Table
from data.mapping.column_matching import ColumnMatch, distinct_values
from data.mapping.proposal import NO, YES, FieldSuggestion, MappingQuestion, column_values, matching_rows
from data.mapping.spec import ORDERS, SERVICE
from data.schema.column_types import PartialDate
from data.schema.date_columns import read_dates
from data.schema.date_parser import DateOrder, format_day
from data.schema.template import SHEETS, TREATMENTS
from models import codelist

MAX_STATUS_WORDS = 30
# Words for a line that was carried out, as far as programs agree on them. Others are asked for.
COMPLETED_WORDS = frozenset({"closed", "completed", "complete", "checked out", "paid", "done", "finished", "services",
                         "service", "final"})  # fmt: skip


def mapping_questions(
    table: Table,
    found: Sequence[FieldSuggestion],
    where: Mapping[str, Mapping[str, object]],
    asked: Mapping[str, ColumnMatch],
) -> Iterator[MappingQuestion]:
    """The questions about a table. `asked`: by what they are about, the column that must not be used unasked."""
    if TREATMENTS.name in where:
        yield from _treatment_questions(table, found, where[TREATMENTS.name], asked)
    yield from _date_order_question(table, found)


def _treatment_questions(
    table: Table, found: Sequence[FieldSuggestion], where: Mapping[str, object], asked: Mapping[str, ColumnMatch]
) -> Iterator[MappingQuestion]:
    given = {one.name: one for one in found if one.sheet == TREATMENTS.name}
    if (fit := asked.get("lines")) and (question := _row_filter_question(table, fit.column, where)):
        yield question
    if (fit := asked.get("units")) and ("units" not in given or given["units"].column is None):
        other = "vials, or how often it was sold; units are those in the names of services, if any"
        choices = ((YES, "units of the product"), (NO, other))
        yield MappingQuestion("units", f'Is "{fit.column}" the number of units injected?', choices, column=fit.column)
    if (fit := asked.get("practitioner")) and "practitioner" not in given:
        text = f'Does "{fit.column}" name who injected? It often names who sold.'
        choices = ((NO, "not, or not always: the practitioner is left out"), (YES, "who injected"))
        yield MappingQuestion("practitioner", text, choices, NO, column=fit.column)
    if "site" not in given:
        yield MappingQuestion("site", "Which clinic is it? No column says.")
    if "product" not in given:
        products = tuple((code, product.label) for code, product in codelist.products().items())
        yield MappingQuestion("product", "Which product is it? No column says.", products)
    if "area" not in given or SERVICE in given["area"].text:
        choices = ((YES, "they count per treatment and in no area"), (NO, "they are refused as problems"))
        yield MappingQuestion("unplaced", "May lines without an area come in, as area not recorded?", choices)


def _row_filter_question(table: Table, column: str, where: Mapping[str, object]) -> MappingQuestion | None:
    cells = column_values(table, column)
    states, _ = distinct_values(cells[n] for n in matching_rows(table, where))
    if len(states) > MAX_STATUS_WORDS:
        return None
    done = tuple(state for state in states if state.casefold() in COMPLETED_WORDS)
    text = f'Which words in "{column}" mean that the treatment was carried out?'
    return MappingQuestion(
        "lines", text, tuple((state, state) for state in states), done, allows_several=True, column=column
    )


def _date_order_question(table: Table, found: Sequence[FieldSuggestion]) -> Iterator[MappingQuestion]:
    """Whether the day or the month comes first, where a column of dates does not prove it."""
    dates = {
        (kind.name, column.name) for kind in SHEETS for column in kind.columns if isinstance(column.type, PartialDate)
    }
    for one in found:
        if one.column in table.columns and (one.sheet, one.name) in dates:
            values, _ = distinct_values(column_values(table, one.column))
            reading = read_dates(values, range(len(values)))
            if doubt := next((question for question in reading.questions if question.topic == "order"), None):
                text = f'Does the day or the month come first in "{one.column}"? No value proves it.'
                choices = tuple((order, f"{doubt.value} is {_format_reading(doubt.value, order)}") for order in ORDERS)
                yield MappingQuestion("dates", text, choices, column=one.column)
                return


def _format_reading(value: str, order: DateOrder) -> str:
    return format_day(read_dates([value], [0], order).dates[0].first)
