"""Proposes a mapping for a foreign table: which column fills which field, how surely, and what to ask a person.

No proposal is used before a person has confirmed it. What the table cannot say is a question.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from data.files import Table, is_missing
from data.mapping.check_marks import CHECK_MARKS
from data.mapping.column_matching import (
    UNPROVEN_CONFIDENCE,
    is_exact_code,
    is_side_effect_name,
    nearest_code,
)
from data.mapping.field_suggestions import INSTRUMENT, NOT_STORED, Boxes, TableFields
from data.mapping.layout_suggestions import (
    DoseLayout,
    find_check_marks,
    find_fill_down,
    find_negative_column,
)
from data.mapping.proposal import (
    HIGH_CONFIDENCE,
    FieldSuggestion,
    MappingProposal,
    MappingQuestion,
    ValueMapping,
    client_question,
    date_order_question,
    layout_questions,
    product_choices,
    proven_date_order,
    select_rows,
    treatment_questions,
)
from data.mapping.repeated_cells import fill_down
from data.mapping.service_names import suggest_words
from data.mapping.service_suggestions import ServiceSuggestions, suggest_meanings
from data.mapping.spec import SERVICE, RowFilter, ServiceRule, field_type
from data.mapping.store import Preset, find_preset, similar_source
from data.privacy.file_names import without_people
from data.privacy.identifier_removal import identifying_columns
from data.problems import ImportRefusedError, Problem
from data.schema.column_types import ListOf
from data.schema.sheet_reader import normalize_heading
from data.schema.template import TREATMENTS

MAX_VALUES, MAX_SERVICES = 300, 2_000  # different ones: a person does not look through longer lists

# Columns of tick boxes in REDCap, raw or with labels. Source: REDCap help, "Data Exports".
BOX = re.compile(r"(?P<question>.+?)___(?P<answer>[\w-]+)")
BOX_WITH_LABEL = re.compile(r"(?P<question>.+?) \(choice=(?P<answer>.+)\)")

SIDE_EFFECT_BOXES = "side effects"  # in place of a question: one column for each of them


def propose(tables: Sequence[Table]) -> MappingProposal:
    """A mapping for the table that fits our template best; what it lacks, a person chooses.

    Raises ImportRefusedError if no table has rows.
    """
    proposals = [_propose_for(fill_down(table)) for table in _combine_tables(tables) if table.rows]
    if not proposals:
        expected, message = "a table with a header row and rows below it", "the table has no rows"
        raise ImportRefusedError(
            Problem(table.file, expected=expected, message=message, sheet=table.sheet) for table in tables
        )
    best = max(proposals, key=lambda proposal: sum(one.confidence for one in proposal.fields))
    unread = [f'the sheet "{t.sheet}" is not read' for t in tables if t.sheet and t.columns != best.table.columns]
    return replace(best, notices=(*best.notices, *unread))


def _combine_tables(tables: Sequence[Table]) -> list[Table]:
    """The files of one export, such as one per month, as one table: a word in any of them may need a question."""
    by_header: dict[tuple[str, ...], list[Table]] = {}
    for table in tables:
        by_header.setdefault(table.columns, []).append(table)
    return [
        replace(parts[0], rows=tuple(row for part in parts for row in part.rows),
                row_numbers=tuple(row for part in parts for row in part.row_numbers))
        for parts in by_header.values()
    ]  # fmt: skip


def suggest_values(table: Table, one: FieldSuggestion, where: RowFilter, boxes: Boxes) -> tuple[ValueMapping, ...]:
    """The values of a column of codes, unless all are codes or labels already; or the names of tick boxes."""
    kind = field_type(one.sheet, one.name)
    if not (getattr(kind, "choices", ()) or isinstance(kind, ListOf)) or one.column is None:
        return ()
    rows = select_rows(table, where)
    if one.column in boxes:
        answers, times = boxes[one.column], {}
        for box in answers:
            cells = table.column(box)
            times[box] = sum(cells[n].casefold() in CHECK_MARKS for n in rows)
    else:
        cells = table.column(one.column)
        times = dict(Counter(cells[n] for n in rows if not is_missing(cells[n])).most_common())
        answers = {text: text for text in times}
        if len(times) > MAX_VALUES or all(is_exact_code(kind, text) for text in times):
            return ()
    return tuple(
        ValueMapping(one.sheet, one.name, text, times[text], *nearest_code(kind, answer))
        for text, answer in answers.items()
    )


def _propose_for(table: Table) -> MappingProposal:
    preset = find_preset(table.columns)
    instrument = next((column for column in table.columns if column in INSTRUMENT), None)
    boxes: dict[str, dict[str, str]] = {}
    for column in table.columns:
        if match := BOX_WITH_LABEL.fullmatch(column) or BOX.fullmatch(column):
            boxes.setdefault(match["question"], {})[column] = match["answer"]
    effects = find_check_marks(table, list(filter(is_side_effect_name, table.columns)))
    boxes |= {SIDE_EFFECT_BOXES: {column: column for column in effects}} if effects else {}
    identifying = {name: kind for name, (kind, _) in identifying_columns(table).items()}
    found = TableFields(table, boxes, identifying)
    if not instrument:
        found.find_layout()
    if preset:
        found.add_from_preset(preset)
    elif instrument:
        found.add_from_instruments(instrument)
    else:
        found.add_from_values({})
    found.row_filters = found.row_filters or {TREATMENTS.name: {}}
    found.complete_clients()
    rule, fields = _service_rule(found, preset)
    where, questions = found.row_filters.get(TREATMENTS.name), []
    if where is not None:
        units = next((one.column for one in fields if one.name == "units"), None)
        questions += treatment_questions(table, fields, where, found.to_confirm, _product_named_in(units or ""))
        if found.layout.has_doses and found.layout.names_areas:  # every dose stands beside its area
            questions = [question for question in questions if question.topic != "unplaced"]
        negative = find_negative_column(table, [name for topic, name in found.to_confirm.items() if topic == "units"])
        names = [name for name in (rule.placeholders if rule else ()) if name not in found.layout.texts]
        left_empty = () if preset or instrument else find_fill_down(table, fields, names)
        questions += layout_questions(left_empty, negative)
    questions += date_order_question(table, fields)
    if not any(one.name == "client" for one in fields):
        questions.append(client_question(table, identifying))
    meanings = ServiceSuggestions()
    if rule:
        done = {question.column: question.answer for question in questions if question.topic == "lines"}
        from_names = any(one.text == f"{{{SERVICE}product}}" for one in fields)
        meanings = suggest_meanings(table, rule, {**(where or {}), **done}, from_names)
        if meanings.lacks_product and from_names:
            text = "Which product is it where the name does not say?"
            questions.append(MappingQuestion("service_product", text, product_choices()))
    if len(meanings.services) > MAX_SERVICES:
        message = f"there are {len(meanings.services):,} different names of services in {rule.text}"
        expected = f"at most {MAX_SERVICES:,}: export fewer"
        raise ImportRefusedError([Problem(table.file, expected=expected, message=message)])
    return MappingProposal(
        table=table,
        source=similar_source(table.columns) or (preset.source if preset else _source_name(table.file)),
        preset=preset.title if preset else "REDCap" if instrument else None,
        fields=tuple(one for one in fields if one.name not in NOT_STORED),
        row_filters=found.row_filters,
        questions=tuple(questions),
        service_rule=rule,
        words=meanings.words,
        services=meanings.services,
        value_mappings=tuple(
            value for one in fields for value in suggest_values(table, one, found.row_filters[one.sheet], boxes)
        ),
        boxes=boxes,
        identifying=identifying,
        proven_dates=proven_date_order(table, fields),
        notices=(*((preset.note,) if preset and preset.note else ()), *_notices(fields, identifying)),
    )


def _service_rule(found: TableFields, preset: Preset | None) -> tuple[ServiceRule | None, list[FieldSuggestion]]:
    """Where services and doses stand, and the fields with what they fill in place of the columns with the names."""
    texts = {one.name: one.text for one in found.fields if one.sheet == TREATMENTS.name}
    layout = found.layout
    if preset and preset.services:
        return ServiceRule(preset.services.text, notes=preset.services.notes), found.fields
    # What was injected: a service, or a product in words that are not our codes; then the areas with their doses.
    named = [texts[name] for name in ("service", "product") if name in texts]
    named += [f"{{{name}}}" for name in layout.texts]
    if not named and not layout.columns:
        return None, found.fields
    return ServiceRule(" / ".join(named), layout.columns, layout.notes), _replace_by_services(found.fields, layout)


def _product_named_in(header: str) -> str | None:
    words = [use.meaning.codes[0] for use in suggest_words({header: 1}) if use.meaning.kind == "product"]
    return words[0] if len(words) == 1 else None


def _source_name(file: str) -> str:
    """A name for the source after its file, without words that may name a person."""
    stem = without_people(file).rpartition(".")[0]
    return "practice software" if stem in ("", "file") else normalize_heading(stem).replace("_", " ")


def _replace_by_services(fields: list[FieldSuggestion], layout: DoseLayout) -> list[FieldSuggestion]:
    """The fields that the names of services and the doses fill, in place of the columns with the names."""
    treatments = {one.name: one for one in fields if one.sheet == TREATMENTS.name}
    replaced = {"product", "service"} | ({"units"} if layout.has_doses else set())
    replaced |= {"area"} if layout.has_doses and layout.names_areas else set()
    kept = [one for one in fields if one.sheet != TREATMENTS.name or one.name not in replaced]
    known = {one.name for one in kept if one.sheet == TREATMENTS.name}
    source = next((treatments[name] for name in ("service", "product") if name in treatments), None)
    confidence = min(source.confidence if source else HIGH_CONFIDENCE, UNPROVEN_CONFIDENCE)
    added = ["product"] if source or layout.columns or (layout.has_doses and layout.names_products) else []
    if layout.has_doses:
        added += [*(["area", "side"] if layout.names_areas else []), "units"] + (
            ["lot"] if layout.notes and "lot" not in known else []
        )
    elif "service" in treatments or "area" not in known:  # a column of products says no more
        added += [name for name in ("area", "units") if name not in known]
    reason = "from the doses in each row" if layout.has_doses else "from the names of services"
    return kept + [FieldSuggestion(TREATMENTS.name, name, f"{{{SERVICE}{name}}}", confidence, reason) for name in added]


def _notices(fields: Sequence[FieldSuggestion], identifying: Mapping[str, str]) -> Iterator[str]:
    used = {one.column for one in fields}
    if unused := [f'"{column}" ({kind})' for column, kind in identifying.items() if column not in used]:
        yield f"identifies a client and is never stored: {', '.join(unused)}"
    if names := sorted(f'"{column}"' for column in used & identifying.keys()):
        yield (
            f"{', '.join(names)} becomes a pseudonym and is never stored: two clients with the same name would count "
            "as one, and a name spelled differently as a second client; a column with the client's number is better"
        )
