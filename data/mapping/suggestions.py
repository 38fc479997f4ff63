"""A foreign table: which column fills which field of our template, how sure that is, and what a person must be asked.

Nothing here is used before a person has confirmed it (data/mapping/answers.py). What cannot be known is a question.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from data.files import Table, is_missing
from data.mapping import redcap, service_names
from data.mapping.column_matching import SURE, Fit, Values, different, exactly, fits, nearest
from data.mapping.presets import Preset, preset_for
from data.mapping.proposal import Field, Proposal, Word, cells_of, lines_of
from data.mapping.questions import questions
from data.mapping.service_names import Service
from data.mapping.spec import ANY, COLUMN, SERVICE, TICKED
from data.privacy.file_names import without_people
from data.privacy.identifier_removal import identifying_columns
from data.problems import Problem, Refused
from data.schema.column_types import Several
from data.schema.sheet_reader import header_name
from data.schema.template import FOLLOW_UPS, SHEETS, SIDE_EFFECTS, TREATMENTS, SheetKind

PROPOSED_SHEETS = (TREATMENTS, FOLLOW_UPS, SIDE_EFFECTS)
# What makes lines of a table lines of a sheet: a date, and one of these.
TELLING = {
    TREATMENTS: ("product", "service", "area"),
    FOLLOW_UPS: ("outcome",),
    SIDE_EFFECTS: ("side_effect",),
}
SHARED = ("client", "treatment_id")  # columns that several sheets may read
MOST_WORDS, MOST_SERVICES = 300, 2_000  # different ones: more are no list that a person looks through


def propose(tables: Sequence[Table]) -> Proposal:
    """A mapping for the table that fits our template best. Raises Refused where none holds treatments or effects."""
    found = [proposal for table in _together(tables) if table.rows and (proposal := _proposal(table))]
    if not found:
        raise Refused([_unlike(table) for table in tables])
    best = max(found, key=lambda proposal: sum(one.confidence for one in proposal.fields))
    left = [f'the sheet "{t.sheet}" is not read' for t in tables if t.sheet and t.columns != best.table.columns]
    return replace(best, notices=(*best.notices, *left))


def _together(tables: Sequence[Table]) -> list[Table]:
    """Files of one export (a month each, say) as one table: a word of any of them must be asked for."""
    alike: dict[tuple[str, ...], list[Table]] = {}
    for table in tables:
        alike.setdefault(table.columns, []).append(table)
    return [
        replace(parts[0], rows=tuple(row for part in parts for row in part.rows),
                row_numbers=tuple(row for part in parts for row in part.row_numbers))
        for parts in alike.values()
    ]  # fmt: skip


def services_in(table: Table, cell: str, where: Mapping[str, object]) -> tuple[Service, ...]:
    """What the names of services in these lines probably stand for."""
    columns = [cells_of(table, column) for column in COLUMN.findall(cell)]
    names: Counter[str] = Counter()
    for texts in ([cells[n] for cells in columns] for n in lines_of(table, where)):
        if not any(map(is_missing, texts)):
            values = iter(texts)
            names[COLUMN.sub(lambda _, values=values: next(values), cell)] += 1
    once: dict[str, tuple[str, int]] = {}
    for name, times in names.most_common():
        spelt, before = once.get(service_names.plain_name(name), (name, 0))
        once[service_names.plain_name(name)] = spelt, before + times
    return service_names.proposed(dict(once.values()))


def words_in(
    table: Table, one: Field, where: Mapping[str, object], boxes: Mapping[str, Mapping[str, str]]
) -> tuple[Word, ...]:
    """Words of a column of codes, unless all are codes or labels as they stand; names of tick boxes."""
    kind = next((c.kind for k in SHEETS if k.name == one.sheet for c in k.columns if c.name == one.name), None)
    if not (getattr(kind, "choices", ()) or isinstance(kind, Several)) or one.column is None:
        return ()
    lines = lines_of(table, where)
    if one.column in boxes:
        ticked = {box: cells_of(table, box) for box in boxes[one.column]}
        times = {box: sum(cells[n].casefold() in redcap.TICKED_AS for n in lines) for box, cells in ticked.items()}
        return tuple(
            Word(one.sheet, one.name, box, times[box], *nearest(kind, answer))
            for box, answer in boxes[one.column].items()
        )
    cells = cells_of(table, one.column)
    times = Counter(cells[n] for n in lines if not is_missing(cells[n]))
    if len(times) > MOST_WORDS or all(exactly(kind, text) for text in times):
        return ()
    return tuple(Word(one.sheet, one.name, text, many, *nearest(kind, text)) for text, many in times.most_common())


# One table


def _source_of(file: str) -> str:
    """A name for the source by that of its file, which may name a person."""
    stem = without_people(file).rpartition(".")[0]
    return "practice software" if stem in ("", "file") else header_name(stem).replace("_", " ")


def _proposal(table: Table) -> Proposal | None:
    identifying = {column.column: column.kind for column in identifying_columns(table)}
    preset, instruments = preset_for(table.columns), redcap.instruments(table)
    boxes = redcap.boxes(table.columns) if instruments is not None else {}
    if preset:
        found, where, asked = _of_preset(table, preset, identifying)
    elif instruments is not None:
        found, where, asked = _of_instruments(table, instruments, boxes, identifying)
    else:
        found, where, asked = _of_sheets(table, {}, {}, identifying)
    if not found:
        return None
    cell = preset.services if preset else _services_from(found)
    found = _with_services(found, cell)
    asking = tuple(questions(table, found, where, asked))
    lines = {question.column: list(question.answer) for question in asking if question.about == "lines"}
    by_service = services_in(table, cell, {**where.get(TREATMENTS.name, {}), **lines}) if cell else ()
    if len(by_service) > MOST_SERVICES:
        message = f"there are {len(by_service):,} different names of services in {cell}"
        raise Refused([Problem(table.file, None, None, None, f"at most {MOST_SERVICES:,}: export fewer", message)])
    return Proposal(
        table=table,
        source=preset.source if preset else _source_of(table.file),
        preset=preset.title if preset else "REDCap" if instruments is not None else None,
        fields=tuple(one for one in found if one.name not in ("service", "lines")),
        where=where,
        questions=asking,
        services_from=cell,
        services=by_service,
        words=tuple(word for one in found for word in words_in(table, one, where[one.sheet], boxes)),
        boxes=boxes,
        identifying=identifying,
        notices=(*((preset.note,) if preset and preset.note else ()), *_notices(found, identifying)),
    )


Found = tuple[list[Field], dict[str, dict[str, object]], dict[str, Fit]]  # fields, where, what must be asked


def _of_preset(table: Table, preset: Preset, identifying: Mapping[str, str]) -> Found:
    there = {header_name(column): column for column in table.columns}
    as_there = {column: there[header_name(column)] for column in preset.needs}

    def filled(text: str) -> str:
        return COLUMN.sub(lambda told: f"{{{as_there.get(told[1], told[1])}}}", text)

    found, where = [], {}
    for sheet, section in preset.sections.items():
        where[sheet] = {as_there.get(name, name): wanted for name, wanted in section.get("where", {}).items()}
        told = {name: filled(text) for name, text in section.items() if name != "where"}
        found += [Field(sheet, name, text, 1.0, f"as {preset.title} has it") for name, text in told.items()]
        used = {*preset.ask.values(), *(column for text in told.values() for column in COLUMN.findall(text))}
        others = [column for column in _values(table, range(len(table.rows)), {}, identifying)
                  if column.header not in used and column.header not in preset.needs]  # fmt: skip
        kind = next(kind for kind in SHEETS if kind.name == sheet)
        found += [_field(kind, fit) for fit in fits(kind, others)
                  if fit.field not in told and fit.confidence >= SURE and not fit.ask and fit.field not in ("service", "lines")]  # fmt: skip  # noqa: E501
    asked = {about: Fit(about, as_there[column], 1.0, "", True) for about, column in preset.ask.items()}
    return found, where, asked


def _of_instruments(table: Table, instruments: list[str], boxes, identifying: Mapping[str, str]) -> Found:
    column = redcap.column_of(table.columns, redcap.INSTRUMENT)
    found: list[Field] = []
    where: dict[str, dict[str, object]] = {}
    asked: dict[str, Fit] = {}
    for instrument in instruments:
        some, lines, questions = _of_sheets(table, {column: instrument}, boxes, identifying)
        if new := [one for one in some if one.sheet not in where]:
            found += _numbered(table, new, boxes)
            where |= {sheet: lines[sheet] for sheet in {one.sheet for one in new}}
            asked |= questions
    return found, where, asked


def _numbered(table: Table, found: list[Field], boxes: Mapping[str, object]) -> list[Field]:
    """Ids of a REDCap record: the record and the instance of the instrument."""
    instance = redcap.column_of(table.columns, redcap.INSTANCE)
    ids = {TREATMENTS.name: "treatment_id", FOLLOW_UPS.name: "follow_up_id", SIDE_EFFECTS.name: "effect_id"}
    numbered = []
    for sheet in dict.fromkeys(one.sheet for one in found):
        client = next((one for one in found if one.sheet == sheet and one.name == "client"), None)
        client = client or Field(sheet, "client", f"{{{table.columns[0]}}}", SURE, "the record")
        ticked = any(one.sheet == sheet and one.name == "side_effect" and one.column in boxes for one in found)
        text = f"{client.text} {{{instance}}}" + (f" {{{TICKED}}}" if ticked else "")
        own = Field(sheet, ids[sheet], text, SURE, "the record and its instance")
        rest = [one for one in found if one.sheet == sheet and one.name not in ("client", ids[sheet])]
        numbered += [own, client, *rest]
    return numbered


def _of_sheets(table: Table, where: Mapping[str, object], boxes, identifying: Mapping[str, str]) -> Found:
    """By aliases and values: the sheets that the lines of a table fill."""
    columns = _values(table, lines_of(table, where), boxes, identifying)
    found: list[Field] = []
    lines: dict[str, dict[str, object]] = {}
    asked: dict[str, Fit] = {}
    for kind in PROPOSED_SHEETS:
        used = {one.column for one in found if one.name not in SHARED}
        best = {fit.field: fit for fit in fits(kind, [column for column in columns if column.header not in used])}
        telling = [best[name] for name in TELLING[kind] if name in best]
        if not telling or ("date" in kind.required and "date" not in best):
            continue
        found += [_field(kind, fit) for fit in best.values() if not fit.ask and fit.field != "lines"]
        if kind is FOLLOW_UPS and "treatment_id" not in best and "treated_on" not in best:
            day = next((one for one in found if one.sheet == TREATMENTS.name and one.name == "date"), None)
            found += [replace(day, sheet=kind.name, name="treated_on")] if day else []
        lines[kind.name] = dict(where) | ({telling[0].column: ANY} if lines and telling[0].column not in boxes else {})
        asked |= {fit.field: fit for fit in best.values() if fit.ask or fit.field == "lines"}
    return found, lines, asked


def _field(kind: SheetKind, fit: Fit) -> Field:
    return Field(kind.name, fit.field, f"{{{fit.column}}}", fit.confidence, fit.why)


def _values(table: Table, lines: Sequence[int], boxes, identifying: Mapping[str, str]) -> list[Values]:
    """The columns with anything in these lines; tick boxes of one question as one column."""
    of_a_box = {column for columns in boxes.values() for column in columns}
    found = []
    for column in table.columns:
        named = not set("{}") & set(column)  # a mapping names columns in braces
        if named and column not in of_a_box and column not in (*redcap.INSTRUMENT, *redcap.INSTANCE):
            cells = cells_of(table, column)
            values, filled = different(cells[n] for n in lines)
            if filled:
                found.append(Values(column, values, filled, identifying.get(column)))
    for question, columns in boxes.items():
        cells = {answer: cells_of(table, column) for column, answer in columns.items()}
        if any(not is_missing(told[n]) for told in cells.values() for n in lines):
            found.append(Values(question, tuple(cells), len(cells)))
    return found


# Services


def _services_from(found: Sequence[Field]) -> str | None:
    """Where what was injected must be read from names: of services, or of products that are no words of ours."""
    by_name = {one.name: one for one in found if one.sheet == TREATMENTS.name}
    names = [by_name[name].text for name in ("service", "product") if name in by_name]
    return " / ".join(names) if names else None


def _with_services(found: list[Field], cell: str | None) -> list[Field]:
    """What the names of services will fill, in place of the names themselves."""
    if not cell:
        return found
    given = {one.name for one in found if one.sheet == TREATMENTS.name}
    kept = [one for one in found if one.sheet != TREATMENTS.name or one.name not in ("product", "service")]
    sure = next((one.confidence for one in found if one.name in ("service", "product")), SURE)
    fill = [name for name in ("product", "area", "units") if name == "product" or name not in given]
    if "service" not in given and "area" in given:
        fill = ["product"]  # a column of products says no more than that
    new = [Field(TREATMENTS.name, name, f"{{{SERVICE}{name}}}", sure, "by the names of services") for name in fill]
    return kept + [one for one in new if one.name not in {old.name for old in kept if old.sheet == TREATMENTS.name}]


# Words and notices


def _notices(found: Sequence[Field], identifying: Mapping[str, str]):
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


def _unlike(table: Table) -> Problem:
    expected = "a column of dates, and one of products, areas, services, outcomes of contacts or side effects"
    message = f"no mapping can be proposed for the columns {', '.join(table.columns)[:200]}"
    return Problem(table.file, None, None, None, expected, message, table.sheet)
