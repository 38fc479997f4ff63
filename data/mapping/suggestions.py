"""A foreign table: which column fills which field of our template, how sure that is, and what a person must be asked.

Nothing here is used before a person has confirmed it (data/mapping/answers.py). What cannot be known is a question.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from data.files import Table, is_missing
from data.mapping import redcap, service_names
from data.mapping.column_matching import (
    HIGH_CONFIDENCE,
    ColumnMatch,
    ColumnSample,
    distinct_values,
    is_exact_code,
    match_columns,
    nearest_code,
)
from data.mapping.presets import Preset, find_preset
from data.mapping.proposal import FieldSuggestion, MappingProposal, ValueMapping, column_values, matching_rows
from data.mapping.questions import mapping_questions
from data.mapping.service_names import Service
from data.mapping.spec import ANY, COLUMN, SERVICE, TICKED_CODE
from data.privacy.file_names import without_people
from data.privacy.identifier_removal import identifying_columns
from data.problems import ImportRefusedError, Problem
from data.schema.column_types import ListOf
from data.schema.sheet_reader import normalize_heading
from data.schema.template import FOLLOW_UPS, SHEETS, SIDE_EFFECTS, TREATMENTS, SheetSchema

PROPOSED_SHEETS = (TREATMENTS, FOLLOW_UPS, SIDE_EFFECTS)
# What makes lines of a table lines of a sheet: a date, and one of these.
IDENTIFYING_FIELDS = {
    TREATMENTS: ("product", "service", "area"),
    FOLLOW_UPS: ("outcome",),
    SIDE_EFFECTS: ("side_effect",),
}
SHARED_FIELDS = ("client", "treatment_id")  # columns that several sheets may read
MAX_WORDS, MAX_SERVICES = 300, 2_000  # different ones: more are no list that a person looks through


def propose(tables: Sequence[Table]) -> MappingProposal:
    """A mapping for the table that fits our template best. Raises Refused where none holds treatments or effects."""
    found = [proposal for table in _combine_tables(tables) if table.rows and (proposal := _proposal(table))]
    if not found:
        raise ImportRefusedError([_no_match_problem(table) for table in tables])
    best = max(found, key=lambda proposal: sum(one.confidence for one in proposal.fields))
    left = [f'the sheet "{t.sheet}" is not read' for t in tables if t.sheet and t.columns != best.table.columns]
    return replace(best, notices=(*best.notices, *left))


def _combine_tables(tables: Sequence[Table]) -> list[Table]:
    """Files of one export (a month each, say) as one table: a word of any of them must be asked for."""
    alike: dict[tuple[str, ...], list[Table]] = {}
    for table in tables:
        alike.setdefault(table.columns, []).append(table)
    return [
        replace(parts[0], rows=tuple(row for part in parts for row in part.rows),
                row_numbers=tuple(row for part in parts for row in part.row_numbers))
        for parts in alike.values()
    ]  # fmt: skip


def suggest_services(table: Table, cell: str, where: Mapping[str, object]) -> tuple[Service, ...]:
    """What the names of services in these lines probably stand for."""
    columns = [column_values(table, column) for column in COLUMN.findall(cell)]
    names: Counter[str] = Counter()
    for texts in ([cells[n] for cells in columns] for n in matching_rows(table, where)):
        if not any(map(is_missing, texts)):
            values = iter(texts)
            names[COLUMN.sub(lambda _, values=values: next(values), cell)] += 1
    once: dict[str, tuple[str, int]] = {}
    for name, times in names.most_common():
        spelt, before = once.get(service_names.plain_name(name), (name, 0))
        once[service_names.plain_name(name)] = spelt, before + times
    return service_names.suggest_services_for(dict(once.values()))


def suggest_values(
    table: Table, one: FieldSuggestion, where: Mapping[str, object], boxes: Mapping[str, Mapping[str, str]]
) -> tuple[ValueMapping, ...]:
    """Words of a column of codes, unless all are codes or labels as they stand; names of tick boxes."""
    kind = next((c.type for k in SHEETS if k.name == one.sheet for c in k.columns if c.name == one.name), None)
    if not (getattr(kind, "choices", ()) or isinstance(kind, ListOf)) or one.column is None:
        return ()
    lines = matching_rows(table, where)
    if one.column in boxes:
        ticked = {box: column_values(table, box) for box in boxes[one.column]}
        times = {box: sum(cells[n].casefold() in redcap.TICKED_AS for n in lines) for box, cells in ticked.items()}
        return tuple(
            ValueMapping(one.sheet, one.name, box, times[box], *nearest_code(kind, answer))
            for box, answer in boxes[one.column].items()
        )
    cells = column_values(table, one.column)
    times = Counter(cells[n] for n in lines if not is_missing(cells[n]))
    if len(times) > MAX_WORDS or all(is_exact_code(kind, text) for text in times):
        return ()
    return tuple(
        ValueMapping(one.sheet, one.name, text, many, *nearest_code(kind, text)) for text, many in times.most_common()
    )


# One table


def _source_of(file: str) -> str:
    """A name for the source by that of its file, which may name a person."""
    stem = without_people(file).rpartition(".")[0]
    return "practice software" if stem in ("", "file") else normalize_heading(stem).replace("_", " ")


def _proposal(table: Table) -> MappingProposal | None:
    identifying = {column.column: column.kind for column in identifying_columns(table)}
    preset, instruments = find_preset(table.columns), redcap.list_instruments(table)
    boxes = redcap.tick_boxes(table.columns) if instruments is not None else {}
    if preset:
        found, where, asked = _suggest_from_preset(table, preset, identifying)
    elif instruments is not None:
        found, where, asked = _suggest_from_instruments(table, instruments, boxes, identifying)
    else:
        found, where, asked = _suggest_from_values(table, {}, {}, identifying)
    if not found:
        return None
    cell = preset.services if preset else _service_column(found)
    found = _replace_by_services(found, cell)
    asking = tuple(mapping_questions(table, found, where, asked))
    lines = {question.column: list(question.answer) for question in asking if question.topic == "lines"}
    by_service = suggest_services(table, cell, {**where.get(TREATMENTS.name, {}), **lines}) if cell else ()
    if len(by_service) > MAX_SERVICES:
        message = f"there are {len(by_service):,} different names of services in {cell}"
        raise ImportRefusedError(
            [Problem(table.file, None, None, None, f"at most {MAX_SERVICES:,}: export fewer", message)]
        )
    return MappingProposal(
        table=table,
        source=preset.source if preset else _source_of(table.file),
        preset=preset.title if preset else "REDCap" if instruments is not None else None,
        fields=tuple(one for one in found if one.name not in ("service", "lines")),
        row_filters=where,
        questions=asking,
        service_column=cell,
        services=by_service,
        value_mappings=tuple(word for one in found for word in suggest_values(table, one, where[one.sheet], boxes)),
        boxes=boxes,
        identifying=identifying,
        notices=(*((preset.note,) if preset and preset.note else ()), *_notices(found, identifying)),
    )


Suggestion = tuple[
    list[FieldSuggestion], dict[str, dict[str, object]], dict[str, ColumnMatch]
]  # fields, where, what must be asked


def _suggest_from_preset(table: Table, preset: Preset, identifying: Mapping[str, str]) -> Suggestion:
    there = {normalize_heading(column): column for column in table.columns}
    as_there = {column: there[normalize_heading(column)] for column in preset.needs}

    def filled(text: str) -> str:
        return COLUMN.sub(lambda told: f"{{{as_there.get(told[1], told[1])}}}", text)

    found, where = [], {}
    for sheet, section in preset.sections.items():
        where[sheet] = {as_there.get(name, name): wanted for name, wanted in section.get("where", {}).items()}
        told = {name: filled(text) for name, text in section.items() if name != "where"}
        found += [FieldSuggestion(sheet, name, text, 1.0, f"as {preset.title} has it") for name, text in told.items()]
        used = {*preset.ask.values(), *(column for text in told.values() for column in COLUMN.findall(text))}
        others = [column for column in _sample_columns(table, range(len(table.rows)), {}, identifying)
                  if column.header not in used and column.header not in preset.needs]  # fmt: skip
        kind = next(kind for kind in SHEETS if kind.name == sheet)
        found += [_suggest_field(kind, fit) for fit in match_columns(kind, others)
                  if fit.field not in told and fit.confidence >= HIGH_CONFIDENCE and not fit.needs_confirmation and fit.field not in ("service", "lines")]  # fmt: skip  # noqa: E501
    asked = {about: ColumnMatch(about, as_there[column], 1.0, "", True) for about, column in preset.ask.items()}
    return found, where, asked


def _suggest_from_instruments(
    table: Table, instruments: list[str], boxes, identifying: Mapping[str, str]
) -> Suggestion:
    column = redcap.find_column(table.columns, redcap.INSTRUMENT)
    found: list[FieldSuggestion] = []
    where: dict[str, dict[str, object]] = {}
    asked: dict[str, ColumnMatch] = {}
    for instrument in instruments:
        some, lines, questions = _suggest_from_values(table, {column: instrument}, boxes, identifying)
        if new := [one for one in some if one.sheet not in where]:
            found += _number_ids(table, new, boxes)
            where |= {sheet: lines[sheet] for sheet in {one.sheet for one in new}}
            asked |= questions
    return found, where, asked


def _number_ids(table: Table, found: list[FieldSuggestion], boxes: Mapping[str, object]) -> list[FieldSuggestion]:
    """Ids of a REDCap record: the record and the instance of the instrument."""
    instance = redcap.find_column(table.columns, redcap.INSTANCE)
    ids = {TREATMENTS.name: "treatment_id", FOLLOW_UPS.name: "follow_up_id", SIDE_EFFECTS.name: "effect_id"}
    numbered = []
    for sheet in dict.fromkeys(one.sheet for one in found):
        client = next((one for one in found if one.sheet == sheet and one.name == "client"), None)
        client = client or FieldSuggestion(sheet, "client", f"{{{table.columns[0]}}}", HIGH_CONFIDENCE, "the record")
        ticked = any(one.sheet == sheet and one.name == "side_effect" and one.column in boxes for one in found)
        text = f"{client.text} {{{instance}}}" + (f" {{{TICKED_CODE}}}" if ticked else "")
        own = FieldSuggestion(sheet, ids[sheet], text, HIGH_CONFIDENCE, "the record and its instance")
        rest = [one for one in found if one.sheet == sheet and one.name not in ("client", ids[sheet])]
        numbered += [own, client, *rest]
    return numbered


def _suggest_from_values(
    table: Table, where: Mapping[str, object], boxes, identifying: Mapping[str, str]
) -> Suggestion:
    """By aliases and values: the sheets that the lines of a table fill."""
    columns = _sample_columns(table, matching_rows(table, where), boxes, identifying)
    found: list[FieldSuggestion] = []
    lines: dict[str, dict[str, object]] = {}
    asked: dict[str, ColumnMatch] = {}
    for kind in PROPOSED_SHEETS:
        used = {one.column for one in found if one.name not in SHARED_FIELDS}
        best = {
            fit.field: fit for fit in match_columns(kind, [column for column in columns if column.header not in used])
        }
        telling = [best[name] for name in IDENTIFYING_FIELDS[kind] if name in best]
        if not telling or ("date" in kind.required and "date" not in best):
            continue
        found += [
            _suggest_field(kind, fit) for fit in best.values() if not fit.needs_confirmation and fit.field != "lines"
        ]
        if kind is FOLLOW_UPS and "treatment_id" not in best and "treated_on" not in best:
            day = next((one for one in found if one.sheet == TREATMENTS.name and one.name == "date"), None)
            found += [replace(day, sheet=kind.name, name="treated_on")] if day else []
        lines[kind.name] = dict(where) | ({telling[0].column: ANY} if lines and telling[0].column not in boxes else {})
        asked |= {fit.field: fit for fit in best.values() if fit.needs_confirmation or fit.field == "lines"}
    return found, lines, asked


def _suggest_field(kind: SheetSchema, fit: ColumnMatch) -> FieldSuggestion:
    return FieldSuggestion(kind.name, fit.field, f"{{{fit.column}}}", fit.confidence, fit.reason)


def _sample_columns(table: Table, lines: Sequence[int], boxes, identifying: Mapping[str, str]) -> list[ColumnSample]:
    """The columns with anything in these lines; tick boxes of one question as one column."""
    of_a_box = {column for columns in boxes.values() for column in columns}
    found = []
    for column in table.columns:
        named = not set("{}") & set(column)  # a mapping names columns in braces
        if named and column not in of_a_box and column not in (*redcap.INSTRUMENT, *redcap.INSTANCE):
            cells = column_values(table, column)
            values, filled = distinct_values(cells[n] for n in lines)
            if filled:
                found.append(ColumnSample(column, values, filled, identifying.get(column)))
    for question, columns in boxes.items():
        cells = {answer: column_values(table, column) for column, answer in columns.items()}
        if any(not is_missing(told[n]) for told in cells.values() for n in lines):
            found.append(ColumnSample(question, tuple(cells), len(cells)))
    return found


# Services


def _service_column(found: Sequence[FieldSuggestion]) -> str | None:
    """Where what was injected must be read from names: of services, or of products that are no words of ours."""
    by_name = {one.name: one for one in found if one.sheet == TREATMENTS.name}
    names = [by_name[name].text for name in ("service", "product") if name in by_name]
    return " / ".join(names) if names else None


def _replace_by_services(found: list[FieldSuggestion], cell: str | None) -> list[FieldSuggestion]:
    """What the names of services will fill, in place of the names themselves."""
    if not cell:
        return found
    given = {one.name for one in found if one.sheet == TREATMENTS.name}
    kept = [one for one in found if one.sheet != TREATMENTS.name or one.name not in ("product", "service")]
    sure = next((one.confidence for one in found if one.name in ("service", "product")), HIGH_CONFIDENCE)
    fill = [name for name in ("product", "area", "units") if name == "product" or name not in given]
    if "service" not in given and "area" in given:
        fill = ["product"]  # a column of products says no more than that
    new = [
        FieldSuggestion(TREATMENTS.name, name, f"{{{SERVICE}{name}}}", sure, "by the names of services")
        for name in fill
    ]
    return kept + [one for one in new if one.name not in {old.name for old in kept if old.sheet == TREATMENTS.name}]


# Words and notices


def _notices(found: Sequence[FieldSuggestion], identifying: Mapping[str, str]):
    used = {one.column for one in found}
    left = [f'"{column}" ({kind})' for column, kind in identifying.items() if column not in used]
    if left:
        yield f"tells who a client is and is never stored: {', '.join(left)}"
    named = {one.column for one in found if one.column in identifying}
    if named:
        columns = ", ".join(f'"{column}"' for column in sorted(named))
        yield (
            f"{columns} becomes a pseudonym and is never stored: two clients of one name would be one, and a name "
            "that is spelt anew a second; a column with the client's number is better"
        )


def _no_match_problem(table: Table) -> Problem:
    expected = "a column of dates, and one of products, areas, services, outcomes of contacts or side effects"
    message = f"no mapping can be proposed for the columns {', '.join(table.columns)[:200]}"
    return Problem(table.file, None, None, None, expected, message, table.sheet)
