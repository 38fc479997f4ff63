"""What a foreign table cannot say and a person must: which clinic, units or vials, who injected, day or month first."""

from collections.abc import Iterator, Mapping, Sequence

from data.files import Table
from data.mapping.proposal import NO, YES, FieldSuggestion, MappingQuestion, distinct_values, select_rows
from data.mapping.spec import ORDERS, SERVICE, RowFilter, field_type
from data.schema.date_columns import PartialDate
from data.schema.date_parser import format_day
from data.schema.template import TREATMENTS
from models import codelist

MAX_STATUS_WORDS = 30
# Words for a treatment that was carried out, as far as programs agree on them. A person is asked about all others.
COMPLETED_WORDS = frozenset({"closed", "completed", "complete", "checked out", "paid", "done", "finished", "services",
                         "service", "final"})  # fmt: skip


def mapping_questions(
    table: Table, fields: Sequence[FieldSuggestion], row_filters: Mapping[str, RowFilter], to_confirm: Mapping[str, str]
) -> Iterator[MappingQuestion]:
    """The questions about a table. `to_confirm`: by topic, a column that must not be used before a person confirms."""
    if TREATMENTS.name in row_filters:
        yield from _treatment_questions(table, fields, row_filters[TREATMENTS.name], to_confirm)
    yield from _date_order_question(table, fields)


def _treatment_questions(
    table: Table, fields: Sequence[FieldSuggestion], where: RowFilter, to_confirm: Mapping[str, str]
) -> Iterator[MappingQuestion]:
    known = {one.name: one for one in fields if one.sheet == TREATMENTS.name}
    if column := to_confirm.get("lines"):
        cells = table.column(column)
        words, _ = distinct_values(cells[n] for n in select_rows(table, where))
        if len(words) <= MAX_STATUS_WORDS:
            done = tuple(word for word in words if word.casefold() in COMPLETED_WORDS)
            text = f'Which words in "{column}" mean that the treatment was carried out?'
            yield MappingQuestion("lines", text, tuple(zip(words, words, strict=True)), done, True, column)
    if (column := to_confirm.get("units")) and ("units" not in known or known["units"].column is None):
        other = "vials, or how many were sold; units come from the names of services, if given there"
        choices = ((YES, "units of the product"), (NO, other))
        yield MappingQuestion("units", f'Is "{column}" the number of units injected?', choices, column=column)
    if (column := to_confirm.get("practitioner")) and "practitioner" not in known:
        text = f'Does "{column}" name who injected? It often names who sold.'
        choices = ((NO, "not always; leave the practitioner out"), (YES, "it names who injected"))
        yield MappingQuestion("practitioner", text, choices, NO, column=column)
    if "site" not in known:
        yield MappingQuestion("site", "Which clinic is this? No column says.")
    if "product" not in known:
        products = tuple((code, product.label) for code, product in codelist.products().items())
        yield MappingQuestion("product", "Which product is this? No column says.", products)
    if "area" not in known or SERVICE in known["area"].text:
        choices = ((YES, "count them per treatment, with area not recorded"), (NO, "refuse them as problems"))
        yield MappingQuestion("unplaced", "Import rows without an area?", choices)


def _date_order_question(table: Table, fields: Sequence[FieldSuggestion]) -> Iterator[MappingQuestion]:
    """Whether the day or the month comes first, if a column of dates does not prove it."""
    for one in fields:
        if one.column in table.columns and isinstance(field_type(one.sheet, one.name), PartialDate):
            values, _ = distinct_values(table.column(one.column))
            for value in PartialDate().parse_column(dict.fromkeys(values, 0)).undecided:
                spans = {order: PartialDate().parse_column({value: 0}, order).values.get(value) for order in ORDERS}
                if all(spans.values()):  # otherwise it is a spreadsheet's day number
                    choices = tuple((order, f"{value} is {format_day(span.first)}") for order, span in spans.items())
                    text = f'Does the day or the month come first in "{one.column}"? No value proves it.'
                    yield MappingQuestion("dates", text, choices, column=one.column)
                    return
