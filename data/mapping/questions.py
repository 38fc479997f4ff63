"""What a foreign table cannot say and a person must: which clinic, units or vials, who injected, day or month first."""

from collections.abc import Iterator, Mapping, Sequence

from data.files import Table
from data.mapping.column_matching import Fit, different
from data.mapping.proposal import NO, YES, Field, Question, cells_of, lines_of
from data.mapping.spec import ORDERS, SERVICE
from data.schema.column_types import Span
from data.schema.date_columns import read_dates
from data.schema.date_parser import Order, spoken
from data.schema.template import SHEETS, TREATMENTS
from models import codelist

MOST_STATES = 30
# Words for a line that was carried out, as far as programs agree on them. Others are asked for.
CARRIED_OUT = frozenset({"closed", "completed", "complete", "checked out", "paid", "done", "finished", "services",
                         "service", "final"})  # fmt: skip


def questions(
    table: Table, found: Sequence[Field], where: Mapping[str, Mapping[str, object]], asked: Mapping[str, Fit]
) -> Iterator[Question]:
    """The questions about a table. `asked`: by what they are about, the column that must not be used unasked."""
    if TREATMENTS.name in where:
        yield from _of_treatments(table, found, where[TREATMENTS.name], asked)
    yield from _order(table, found)


def _of_treatments(
    table: Table, found: Sequence[Field], where: Mapping[str, object], asked: Mapping[str, Fit]
) -> Iterator[Question]:
    given = {one.name: one for one in found if one.sheet == TREATMENTS.name}
    if (fit := asked.get("lines")) and (question := _lines(table, fit.column, where)):
        yield question
    if (fit := asked.get("units")) and ("units" not in given or given["units"].column is None):
        other = "vials, or how often it was sold; units are those in the names of services, if any"
        choices = ((YES, "units of the product"), (NO, other))
        yield Question("units", f'Is "{fit.column}" the number of units injected?', choices, column=fit.column)
    if (fit := asked.get("practitioner")) and "practitioner" not in given:
        text = f'Does "{fit.column}" name who injected? It often names who sold.'
        choices = ((NO, "not, or not always: the practitioner is left out"), (YES, "who injected"))
        yield Question("practitioner", text, choices, NO, column=fit.column)
    if "site" not in given:
        yield Question("site", "Which clinic is it? No column says.")
    if "product" not in given:
        products = tuple((code, product.label) for code, product in codelist.products().items())
        yield Question("product", "Which product is it? No column says.", products)
    if "area" not in given or SERVICE in given["area"].text:
        choices = ((YES, "they count per treatment and in no area"), (NO, "they are refused as problems"))
        yield Question("unplaced", "May lines without an area come in, as area not recorded?", choices)


def _lines(table: Table, column: str, where: Mapping[str, object]) -> Question | None:
    cells = cells_of(table, column)
    states, _ = different(cells[n] for n in lines_of(table, where))
    if len(states) > MOST_STATES:
        return None
    done = tuple(state for state in states if state.casefold() in CARRIED_OUT)
    text = f'Which words in "{column}" mean that the treatment was carried out?'
    return Question("lines", text, tuple((state, state) for state in states), done, several=True, column=column)


def _order(table: Table, found: Sequence[Field]) -> Iterator[Question]:
    """Whether the day or the month comes first, where a column of dates does not prove it."""
    dates = {(kind.name, column.name) for kind in SHEETS for column in kind.columns if isinstance(column.kind, Span)}
    for one in found:
        if one.column in table.columns and (one.sheet, one.name) in dates:
            values, _ = different(cells_of(table, one.column))
            reading = read_dates(values, range(len(values)))
            if doubt := next((question for question in reading.questions if question.about == "order"), None):
                text = f'Does the day or the month come first in "{one.column}"? No value proves it.'
                choices = tuple((order, f"{doubt.value} is {_read(doubt.value, order)}") for order in ORDERS)
                yield Question("dates", text, choices, column=one.column)
                return


def _read(value: str, order: Order) -> str:
    return spoken(read_dates([value], [0], order).dates[0].first)
