"""A proposal: a mapping specification that no person has confirmed yet, with confidence values and questions.

What a table cannot say, a person must: which clinic, units or vials, who injected, day or month first.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec import structs

from data.files import Table, is_missing
from data.mapping import spec
from data.mapping.service_names import Service, ServiceWordUse
from data.privacy.identifier_removal import remove_contact_details
from data.problems import ImportRefusedError, Problem
from data.schema.date_columns import PartialDate
from data.schema.date_parser import DateOrder, format_day
from data.schema.template import TREATMENTS
from models import codelist

YES, NO = "yes", "no"
HIGH_CONFIDENCE, MEDIUM_CONFIDENCE = 0.85, 0.6
MAX_EXAMPLES = 3
MAX_SAMPLED_VALUES = 2_000  # different values of a column, spread evenly
MAX_STATUS_WORDS = 30
# Words for a treatment that was carried out, as far as programs agree on them. A person is asked about all others.
COMPLETED_WORDS = frozenset({
    "closed", "completed", "complete", "checked out", "paid", "done", "finished", "services", "service", "final",
    "arrived", "attended", "fulfilled", "yes", "y", "ja", "oui", "si",
})  # fmt: skip

Answer = str | tuple[str, ...] | None
Place = tuple[str, str]  # a sheet and one of its fields


@dataclass(frozen=True)
class FieldSuggestion:
    """A field of a sheet and the text that fills it, as a mapping has it ("{Qty}"). `needs_confirmation`: a person must
    say what the column holds before it is used."""

    sheet: str
    name: str
    text: str
    confidence: float
    reason: str
    needs_confirmation: bool = False

    @property
    def columns(self) -> list[str]:
        """The columns in the text."""
        return [name for name in spec.COLUMN.findall(self.text) if not name.startswith(spec.SERVICE)]

    @property
    def column(self) -> str | None:
        """The column, if the text is one column and nothing else."""
        match = spec.COLUMN.fullmatch(self.text)
        return None if match is None or match[1].startswith(spec.SERVICE) else match[1]


@dataclass(frozen=True)
class MappingQuestion:
    """What a person must answer. `choices`: (answer, what it means), empty if any text will do; `answer`: the one
    proposed; `column`: the column that the question is about."""

    topic: str
    text: str
    choices: tuple[tuple[str, str], ...] = ()
    answer: Answer = None
    allows_several: bool = False
    column: str | None = None

    def __str__(self) -> str:
        choices = (f"  {answer}: {meaning}" for answer, meaning in self.choices if answer != meaning)
        return "\n".join([self.text, *choices])


@dataclass(frozen=True)
class ValueMapping:
    """A value of a column of codes, or the name of a tick box, and the code that it may stand for."""

    sheet: str
    name: str
    text: str
    times: int
    code: str | None
    confidence: float


@dataclass(frozen=True)
class MappingProposal:
    """What is proposed for one table. `row_filters`: by sheet, the rows that fill it; `service_rule`: where names of
    services and doses stand, with `words` that explain most names and `services`, the other names; `boxes`: for each
    question with tick boxes, their columns and answers; `identifying`: columns that identify a client, and as what;
    `known_codes`: by field, the codes of values that a person gave before; `proven_dates`: the order that all columns
    of dates prove together, because one file of several may prove none."""

    table: Table = field(repr=False)
    source: str
    preset: str | None
    fields: tuple[FieldSuggestion, ...]
    row_filters: Mapping[str, spec.RowFilter]
    questions: tuple[MappingQuestion, ...]
    service_rule: spec.ServiceRule | None
    words: tuple[ServiceWordUse, ...]
    services: tuple[Service, ...]
    value_mappings: tuple[ValueMapping, ...]
    boxes: Mapping[str, Mapping[str, str]]
    identifying: Mapping[str, str]
    notices: tuple[str, ...]
    known_codes: Mapping[Place, Mapping[str, str]] = field(default_factory=dict)
    proven_dates: DateOrder | None = None

    def examples(self, column: str) -> tuple[str, ...]:
        """A few values of a column, without contact details; none of one that identifies a client."""
        if column in self.identifying or column not in self.table.columns:
            return ()
        return tuple(map(remove_contact_details, distinct_values(self.table.column(column))[0][:MAX_EXAMPLES]))

    def to_spec(
        self,
        source: str | None = None,
        fields: Mapping[Place, str | None] | None = None,
        answers: Mapping[str, Answer] | None = None,
        services: Iterable[Service] | None = None,
        words: Iterable[ServiceWordUse] | None = None,
        codes: Mapping[Place, Mapping[str, str | None]] | None = None,
        filters: Mapping[str, spec.RowFilter] | None = None,
    ) -> spec.MappingSpec:
        """The specification as proposed, or with what a person says instead; UNANSWERED where an answer is missing.

        `fields`: the text of a field (None: not read); `answers`: by topic; `codes`: by field, value -> code;
        `filters`: by sheet, its rows. Raises ImportRefusedError if a column that identifies a client would be stored.
        """
        texts = {(one.sheet, one.name): one.text for one in self.fields} | dict(fields or {})
        answers = {question.topic: question.answer for question in self.questions} | dict(answers or {})
        if codes is None:
            codes = {}
            for value in self.value_mappings:
                codes.setdefault((value.sheet, value.name), {})[value.text] = value.code
        if problems := list(self._identifying_columns(texts)):
            raise ImportRefusedError(problems)
        asked = {question.topic: question for question in self.questions}
        unplaced = {YES: True, NO: False}.get(answers["unplaced"], spec.UNANSWERED) if "unplaced" in asked else False
        sheets = {}
        filters = self.row_filters if filters is None else filters
        for kind in spec.SCHEMAS.values():
            if kind.name not in filters:
                continue
            where = dict(filters[kind.name])
            cells = {}
            for (sheet, name), text in texts.items():
                if sheet == kind.name and text is not None:
                    known = codes.get((sheet, name), {})
                    boxes = self.boxes.get(text.strip("{}"), {})
                    translated = {value: known.get(value) or spec.UNANSWERED for value in boxes or known}
                    cells[name] = spec.CellRule(boxes=translated) if boxes else spec.CellRule(text, translated)
            if "client" in asked and "client" in kind.names:
                column = answers["client"]
                cells["client"] = spec.CellRule(f"{{{column}}}" if column else spec.UNANSWERED)
            if kind is TREATMENTS:
                _apply_answers(asked, answers, where, cells)
            for name in kind.required:
                if name not in cells and not (name == "area" and unplaced):
                    cells[name] = spec.CellRule(spec.UNANSWERED)
            sheets[kind.name] = spec.SheetRule({name: cells[name] for name in kind.names if name in cells}, where)
        used = set().union(*(rule.service_fields for rule in sheets.values()))
        names = {one.name: one.to_mapping_value(used) for one in (self.services if services is None else services)}
        meanings = {one.word: one.to_mapping_value() for one in (self.words if words is None else words)}
        rule = self.service_rule and structs.replace(self.service_rule, names=names, words=meanings)
        if rule and "service_product" in asked:
            rule = structs.replace(rule, product=answers["service_product"] or spec.UNANSWERED)
        refunds = {asked["refunds"].column: answers["refunds"] or spec.UNANSWERED} if "refunds" in asked else {}
        return spec.MappingSpec(
            source=source or self.source,
            header=self.table.columns,
            dates=(answers["dates"] or spec.UNANSWERED) if "dates" in asked else self.proven_dates,
            unplaced=unplaced,
            fill_down=tuple(answers.get("fill_down") or ()),
            refunds=refunds,
            services=rule if used else None,
            sheets=sheets,
        )

    def comments(self) -> dict[str, str]:
        """By setting, the comment above its line in a mapping file: why it is proposed, or what is asked."""
        comments = {f"{one.sheet}.{one.name}": f"{confidence_label(one.confidence)}: {one.reason}"
                    for one in self.fields}  # fmt: skip
        settings = {topic: topic for topic in ("dates", "unplaced", "fill_down", "refunds")}
        settings |= {"lines": f"{TREATMENTS.name}.where", "service_product": f"{spec.SERVICES}.product"}
        for question in self.questions:
            comments[settings.get(question.topic, f"{TREATMENTS.name}.{question.topic}")] = str(question)
        return comments | {
            f"{spec.SERVICES}.names.{service.name}": f"{confidence_label(service.confidence)}; rows: {service.times:,}"
            for service in self.services
        }

    def _identifying_columns(self, texts: Mapping[Place, str | None]) -> Iterator[Problem]:
        for (sheet, name), text in texts.items():
            client = texts.get((sheet, "client")) or ""
            for column in spec.COLUMN.findall(text or "") if name != "client" else ():
                kind = self.identifying.get(column)
                if kind and not (name in spec.ID_FIELDS and f"{{{column}}}" in client):  # an id holds its pseudonym
                    message = f"identifies a client ({kind})"
                    expected = f"another column for {sheet}.{name}; this one may only become the client's pseudonym"
                    yield Problem(self.table.file, None, column, None, expected, message, self.table.sheet)


def _apply_answers(
    asked: Mapping[str, MappingQuestion], answers: Mapping[str, Answer], where: dict, cells: dict[str, spec.CellRule]
) -> None:
    """Fills the row filter and cells of the Treatments sheet that questions are about."""
    if "lines" in asked:
        where[asked["lines"].column] = tuple(answers["lines"] or ()) or spec.UNANSWERED
    if "units" in asked:
        by_answer = {YES: f"{{{asked['units'].column}}}", NO: f"{{{spec.SERVICE}units}}"}
        cells["units"] = spec.CellRule(by_answer.get(answers["units"], spec.UNANSWERED))
    if "practitioner" in asked and answers["practitioner"] != NO:
        is_injector = answers["practitioner"] == YES
        cells["practitioner"] = spec.CellRule(f"{{{asked['practitioner'].column}}}" if is_injector else spec.UNANSWERED)
    for topic in ("site", "product"):
        if topic in asked and topic not in cells:
            cells[topic] = spec.CellRule(answers[topic] or spec.UNANSWERED)


def confidence_label(confidence: float) -> str:
    """A confidence of 0 to 1 in words."""
    return "sure" if confidence >= HIGH_CONFIDENCE else "likely" if confidence >= MEDIUM_CONFIDENCE else "please check"


def distinct_values(cells: Iterable[str]) -> tuple[tuple[str, ...], int]:
    """The different filled cells, sampled evenly if there are many, and how many cells are filled."""
    filled = [cell for cell in cells if not is_missing(cell)]
    distinct = list(dict.fromkeys(filled))
    return tuple(distinct[:: 1 + len(distinct) // MAX_SAMPLED_VALUES]), len(filled)


def select_rows(table: Table, where: spec.RowFilter) -> list[int]:
    """The indexes of the rows of a table that a row filter asks for."""
    return spec.matching_rows(table.column, len(table.rows), where)


def treatment_questions(
    table: Table,
    fields: Sequence[FieldSuggestion],
    where: spec.RowFilter,
    to_confirm: Mapping[str, str],
    product: str | None = None,
) -> Iterator[MappingQuestion]:
    """What to ask about treatments. `to_confirm`: by topic, a column that must not be used before a person confirms;
    `product`: the one that a header names, such as "Units Botox"."""
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
        yield MappingQuestion("practitioner", text, choices, column=column)
    if "site" not in known:
        yield MappingQuestion("site", "Which clinic is this? No column says.")
    if "product" not in known:
        yield MappingQuestion("product", "Which product is this? No column says.", product_choices(), product)
    if "area" not in known or spec.SERVICE in known["area"].text:
        choices = ((YES, "count them per treatment, with area not recorded"), (NO, "refuse them as problems"))
        yield MappingQuestion("unplaced", "Import rows without an area?", choices)


def product_choices() -> tuple[tuple[str, str], ...]:
    """Every product with its label."""
    return tuple((code, product.label) for code, product in codelist.products().items())


def client_question(table: Table, identifying: Mapping[str, str]) -> MappingQuestion:
    """Which column identifies the client."""
    names = [name for name in table.columns if identifying.get(name) in (None, "name") and set("{}").isdisjoint(name)]
    text = "Which column identifies the client? A number is best; its values become pseudonyms."
    return MappingQuestion("client", text, tuple((name, name) for name in names))


def layout_questions(fill_down: Sequence[str], negative: str | None) -> Iterator[MappingQuestion]:
    """What to ask about cells that are left empty and about negative quantities."""
    if fill_down:
        text = "Which empty cells repeat the cell above?"
        yield MappingQuestion("fill_down", text, tuple((name, name) for name in fill_down), tuple(fill_down), True)
    if negative:
        choices = (("refunded", "money was paid back; the treatment stays"),
                   ("voided", "it did not take place; the row that it reverses is left out too"))  # fmt: skip
        yield MappingQuestion("refunds", f'What does a negative "{negative}" mean?', choices, column=negative)


def proven_date_order(table: Table, fields: Sequence[FieldSuggestion]) -> DateOrder | None:
    """Whether the day or the month comes first in all columns of dates, if their values prove one order."""
    orders = {
        PartialDate().parse_column(dict.fromkeys(table.column(one.column), 0)).order
        for one in fields
        if one.column in table.columns and isinstance(spec.field_type(one.sheet, one.name), PartialDate)
    } - {None}
    return orders.pop() if len(orders) == 1 else None


def date_order_question(table: Table, fields: Sequence[FieldSuggestion]) -> Iterator[MappingQuestion]:
    """Whether the day or the month comes first, if a column of dates does not prove it."""
    for one in fields:
        if one.column in table.columns and isinstance(spec.field_type(one.sheet, one.name), PartialDate):
            values, _ = distinct_values(table.column(one.column))
            for value in PartialDate().parse_column(dict.fromkeys(values, 0)).undecided:
                spans = {
                    order: PartialDate().parse_column({value: 0}, order=order).values.get(value)
                    for order in spec.ORDERS
                }
                if all(spans.values()):  # otherwise it is a spreadsheet's day number
                    choices = tuple((order, f"{value} is {format_day(span.first)}") for order, span in spans.items())
                    text = f'Does the day or the month come first in "{one.column}"? No value proves it.'
                    yield MappingQuestion("dates", text, choices, column=one.column)
                    return
