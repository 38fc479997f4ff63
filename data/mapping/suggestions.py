"""Proposes a mapping for a foreign table: which column fills which field, how surely, and what to ask a person.

No proposal is used before a person has confirmed it. What the table cannot say is a question.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from data.files import Table, is_missing
from data.mapping.column_matching import ColumnSample, is_exact_code, match_columns, nearest_code
from data.mapping.proposal import (
    HIGH_CONFIDENCE,
    FieldSuggestion,
    MappingProposal,
    ValueMapping,
    date_order_question,
    distinct_values,
    select_rows,
    treatment_questions,
)
from data.mapping.service_names import Service, suggest_services_for
from data.mapping.spec import ANY, COLUMN, SCHEMAS, SERVICE, TICKED_CODE, CellRule, RowFilter, field_type, plain_name
from data.mapping.store import Preset, find_preset
from data.privacy.file_names import without_people
from data.privacy.identifier_removal import identifying_columns
from data.problems import ImportRefusedError, Problem
from data.schema.column_types import ListOf
from data.schema.sheet_reader import normalize_heading
from data.schema.template import FOLLOW_UPS, SIDE_EFFECTS, TREATMENTS

# A row belongs to a sheet if it has a value in one of these fields (and in `date`, if the sheet requires one).
IDENTIFYING_FIELDS = {
    TREATMENTS: ("product", "service", "area"),
    FOLLOW_UPS: ("outcome",),
    SIDE_EFFECTS: ("side_effect",),
}
SHARED_FIELDS = ("client", "treatment_id")  # their columns may fill several sheets
NOT_STORED = ("service", "lines")  # of column_aliases.csv: the names of services, and the status of a row
MAX_VALUES, MAX_SERVICES = 300, 2_000  # different ones: a person does not look through longer lists

# REDCap's flat export, raw or with labels: the columns that say which instrument a row belongs to, and tick boxes.
# Source: REDCap help, "Data Exports".
INSTRUMENT = ("redcap_repeat_instrument", "Repeat Instrument")
INSTANCE = ("redcap_repeat_instance", "Repeat Instance")
TICKED_AS = ("1", "checked")
BOX = re.compile(r"(?P<question>.+?)___(?P<answer>[\w-]+)")
BOX_WITH_LABEL = re.compile(r"(?P<question>.+?) \(choice=(?P<answer>.+)\)")

Boxes = Mapping[str, Mapping[str, str]]  # question with tick boxes -> its columns -> the answer that each stands for


def propose(tables: Sequence[Table]) -> MappingProposal:
    """A mapping for the table that fits our template best. Raises ImportRefusedError if none fits."""
    proposals = [proposal for table in _combine_tables(tables) if table.rows and (proposal := _propose_for(table))]
    if not proposals:
        expected = "a column of dates, and one of products, areas, services, outcomes of contacts or side effects"
        message = "no mapping can be proposed for the columns"
        raise ImportRefusedError(
            Problem(table.file, expected=expected, message=f"{message} {', '.join(table.columns)[:200]}",
                    sheet=table.sheet)
            for table in tables
        )  # fmt: skip
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


def suggest_services(table: Table, template: str, where: RowFilter) -> tuple[Service, ...]:
    """What the names of services in these rows probably stand for; different spellings of a name count as one."""
    cell = CellRule(template)
    columns = [table.column(column) for column in cell.placeholders]
    filled = (cell.fill([cells[n] for cells in columns]) for n in select_rows(table, where))
    counts: dict[str, tuple[str, int]] = {}
    for name, times in Counter(filter(None, filled)).most_common():
        spelling, before = counts.get(plain_name(name), (name, 0))
        counts[plain_name(name)] = spelling, before + times
    return suggest_services_for(dict(counts.values()))


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
            times[box] = sum(cells[n].casefold() in TICKED_AS for n in rows)
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


def _propose_for(table: Table) -> MappingProposal | None:
    preset = find_preset(table.columns)
    instrument = next((column for column in table.columns if column in INSTRUMENT), None)
    boxes: dict[str, dict[str, str]] = {}
    for column in table.columns if instrument else ():
        if match := BOX_WITH_LABEL.fullmatch(column) or BOX.fullmatch(column):
            boxes.setdefault(match["question"], {})[column] = match["answer"]
    identifying = {name: kind for name, (kind, _) in identifying_columns(table).items()}
    found = _Suggestions(table, boxes, identifying)
    if preset:
        found.add_from_preset(preset)
    elif instrument:
        found.add_from_instruments(instrument)
    else:
        found.add_from_values({})
    if not found.fields:
        return None
    # The text that names what was injected: a service, or a product in words that are not our codes.
    texts = {one.name: one.text for one in found.fields if one.sheet == TREATMENTS.name}
    service_column = " / ".join(texts[name] for name in ("service", "product") if name in texts) or None
    if preset and preset.services:
        service_column = preset.services.text
    fields = _replace_by_services(found.fields) if service_column else found.fields
    where, questions, services = found.row_filters.get(TREATMENTS.name), [], ()
    if where is not None:
        questions += treatment_questions(table, fields, where, found.to_confirm)
    questions += date_order_question(table, fields)
    if service_column:
        done = {question.column: question.answer for question in questions if question.topic == "lines"}
        services = suggest_services(table, service_column, {**(where or {}), **done})
    if len(services) > MAX_SERVICES:
        message = f"there are {len(services):,} different names of services in {service_column}"
        expected = f"at most {MAX_SERVICES:,}: export fewer"
        raise ImportRefusedError([Problem(table.file, expected=expected, message=message)])
    return MappingProposal(
        table=table,
        source=preset.source if preset else _source_name(table.file),
        preset=preset.title if preset else "REDCap" if instrument else None,
        fields=tuple(one for one in fields if one.name not in NOT_STORED),
        row_filters=found.row_filters,
        questions=tuple(questions),
        service_column=service_column,
        services=services,
        value_mappings=tuple(
            value for one in fields for value in suggest_values(table, one, found.row_filters[one.sheet], boxes)
        ),
        boxes=boxes,
        identifying=identifying,
        notices=(*((preset.note,) if preset and preset.note else ()), *_notices(fields, identifying)),
    )


def _source_name(file: str) -> str:
    """A name for the source after its file, without words that may name a person."""
    stem = without_people(file).rpartition(".")[0]
    return "practice software" if stem in ("", "file") else normalize_heading(stem).replace("_", " ")


@dataclass
class _Suggestions:
    """What is found in one table. `to_confirm`: by topic, a column that must not be used before a person confirms."""

    table: Table
    boxes: Boxes
    identifying: Mapping[str, str]
    fields: list[FieldSuggestion] = field(default_factory=list)
    row_filters: dict[str, RowFilter] = field(default_factory=dict)
    to_confirm: dict[str, str] = field(default_factory=dict)

    def add_from_preset(self, preset: Preset) -> None:
        """The fields of a preset, in the table's spelling of its columns, and what else is sure."""
        columns = {normalize_heading(column): column for column in self.table.columns}
        spelling = {column: columns[normalize_heading(column)] for column in preset.needs}
        self.to_confirm = {topic: spelling[column] for topic, column in preset.ask.items()}
        samples = self._sample_columns({})
        for sheet, rule in preset.sheets.items():
            self.row_filters[sheet] = {spelling.get(name, name): wanted for name, wanted in rule.where.items()}
            texts = {
                name: COLUMN.sub(lambda match: f"{{{spelling.get(match[1], match[1])}}}", cell.template)
                for name, cell in rule.cells.items()
            }
            self.fields += [FieldSuggestion(sheet, name, text, 1.0, f"from the preset {preset.title}")
                            for name, text in texts.items()]  # fmt: skip
            named = (name for text in texts.values() for name in COLUMN.findall(text))
            used = {*preset.needs, *preset.ask.values(), *named}
            others = match_columns(SCHEMAS[sheet], [sample for sample in samples if sample.header not in used])
            self.fields += [
                match
                for match in others
                if match.confidence >= HIGH_CONFIDENCE and not match.needs_confirmation
                if match.name not in texts and match.name not in NOT_STORED
            ]

    def add_from_instruments(self, instrument_column: str) -> None:
        """The sheets that the rows of each instrument of REDCap fill, with ids of the record and the instance."""
        instance = next((column for column in self.table.columns if column in INSTANCE), None)
        ids = {TREATMENTS.name: "treatment_id", FOLLOW_UPS.name: "follow_up_id", SIDE_EFFECTS.name: "effect_id"}
        for instrument in dict.fromkeys(self.table.column(instrument_column)):
            part = _Suggestions(self.table, self.boxes, self.identifying)
            part.add_from_values({instrument_column: instrument})
            new_sheets = dict.fromkeys(one.sheet for one in part.fields if one.sheet not in self.row_filters)
            for sheet in new_sheets:
                fields = {one.name: one for one in part.fields if one.sheet == sheet}
                record = FieldSuggestion(sheet, "client", f"{{{self.table.columns[0]}}}", HIGH_CONFIDENCE, "the record")
                client = fields.pop("client", record)
                is_ticked = "side_effect" in fields and fields["side_effect"].column in self.boxes
                text = f"{client.text} {{{instance}}}" + (f" {{{TICKED_CODE}}}" if is_ticked else "")
                row_id = FieldSuggestion(sheet, ids[sheet], text, HIGH_CONFIDENCE, "the record and its instance")
                fields.pop(ids[sheet], None)
                self.fields += [row_id, client, *fields.values()]
                self.row_filters[sheet] = part.row_filters[sheet]
            self.to_confirm |= part.to_confirm if new_sheets else {}

    def add_from_values(self, where: RowFilter) -> None:
        """The sheets that these rows fill, by the headers and the values of their columns."""
        samples = self._sample_columns(where)
        for kind, identifying_fields in IDENTIFYING_FIELDS.items():
            used = {one.column for one in self.fields if one.name not in SHARED_FIELDS}
            matches = match_columns(kind, [sample for sample in samples if sample.header not in used])
            best = {match.name: match for match in matches}
            first = next((best[name] for name in identifying_fields if name in best), None)
            if first is None or ("date" in kind.required and "date" not in best):
                continue
            asked = [match for match in matches if match.needs_confirmation or match.name == "lines"]
            self.to_confirm |= {match.name: match.column for match in asked}
            self.fields += [match for match in matches if match not in asked]
            if kind is FOLLOW_UPS and "treatment_id" not in best and "treated_on" not in best:
                day = next((one for one in self.fields if one.sheet == TREATMENTS.name and one.name == "date"), None)
                self.fields += [replace(day, sheet=kind.name, name="treated_on")] if day else []
            more = {first.column: ANY} if self.row_filters and first.column not in self.boxes else {}
            self.row_filters[kind.name] = {**where, **more}

    def _sample_columns(self, where: RowFilter) -> list[ColumnSample]:
        """The columns with a value in these rows; the tick boxes of a question count as one column."""
        table, rows = self.table, select_rows(self.table, where)
        skipped = {*INSTRUMENT, *INSTANCE, *(column for columns in self.boxes.values() for column in columns)}
        skipped.add(TICKED_CODE)  # like braces and "service.", it has a meaning of its own in a mapping
        samples = []
        for column in table.columns:
            if column not in skipped and set("{}").isdisjoint(column) and not column.startswith(SERVICE):
                cells = table.column(column)
                values, filled = distinct_values(cells[n] for n in rows)
                if filled:
                    samples.append(ColumnSample(column, values, filled, self.identifying.get(column)))
        for question, columns in self.boxes.items():
            answers = {answer: table.column(column) for column, answer in columns.items()}
            if any(not is_missing(cells[n]) for cells in answers.values() for n in rows):
                samples.append(ColumnSample(question, tuple(answers), len(answers)))
        return samples


def _replace_by_services(fields: list[FieldSuggestion]) -> list[FieldSuggestion]:
    """The fields that the names of services fill, in place of the columns with the names."""
    known = {one.name for one in fields if one.sheet == TREATMENTS.name}
    kept = [one for one in fields if one.sheet != TREATMENTS.name or one.name not in ("product", "service")]
    confidence = next((one.confidence for one in fields if one.name in ("service", "product")), HIGH_CONFIDENCE)
    added = ["product"]
    if "service" in known or "area" not in known:  # a column of products says no more
        added += [name for name in ("area", "units") if name not in known]
    return kept + [
        FieldSuggestion(TREATMENTS.name, name, f"{{{SERVICE}{name}}}", confidence, "from the names of services")
        for name in added
    ]


def _notices(fields: Sequence[FieldSuggestion], identifying: Mapping[str, str]) -> Iterator[str]:
    used = {one.column for one in fields}
    if unused := [f'"{column}" ({kind})' for column, kind in identifying.items() if column not in used]:
        yield f"identifies a client and is never stored: {', '.join(unused)}"
    if names := sorted(f'"{column}"' for column in used & identifying.keys()):
        yield (
            f"{', '.join(names)} becomes a pseudonym and is never stored: two clients with the same name would count "
            "as one, and a name spelled differently as a second client; a column with the client's number is better"
        )
