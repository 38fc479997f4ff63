"""Which columns of a foreign table fill which fields of which sheet, by header, by values, or by a preset."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from data.files import Table, is_missing
from data.mapping.check_marks import CHECK_MARKS
from data.mapping.column_matching import (
    FIELD_TYPES,
    UNPROVEN_CONFIDENCE,
    VALUES_ONLY_CONFIDENCE,
    ColumnSample,
    match_columns,
    share_readable,
)
from data.mapping.layout_suggestions import DoseLayout, find_dose_layout, find_service_column
from data.mapping.proposal import HIGH_CONFIDENCE, MEDIUM_CONFIDENCE, FieldSuggestion, distinct_values, select_rows
from data.mapping.spec import ANY, COLUMN, SCHEMAS, SERVICE, TICKED_CODE, RowFilter
from data.mapping.store import Preset
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
MIN_DAYS_SHARE = 0.9  # of the values of a column of days that no header names

# REDCap's flat export, raw or with labels: the columns that say which instrument a row belongs to, and tick boxes.
# Source: REDCap help, "Data Exports".
INSTRUMENT = ("redcap_repeat_instrument", "Repeat Instrument")
INSTANCE = ("redcap_repeat_instance", "Repeat Instance")

Boxes = Mapping[str, Mapping[str, str]]  # question with tick boxes -> its columns -> the answer that each stands for


@dataclass
class TableFields:
    """What is found in one table. `to_confirm`: by topic, a column that must not be used before a person confirms."""

    table: Table
    boxes: Boxes
    identifying: Mapping[str, str]
    layout: DoseLayout = DoseLayout()
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
                if match.confidence >= UNPROVEN_CONFIDENCE and not match.needs_confirmation
                if match.name not in texts and match.name not in NOT_STORED
            ]

    def add_from_instruments(self, instrument_column: str) -> None:
        """The sheets that the rows of each instrument of REDCap fill, with ids of the record and the instance."""
        instance = next((column for column in self.table.columns if column in INSTANCE), None)
        ids = {TREATMENTS.name: "treatment_id", FOLLOW_UPS.name: "follow_up_id", SIDE_EFFECTS.name: "effect_id"}
        for instrument in dict.fromkeys(self.table.column(instrument_column)):
            part = TableFields(self.table, self.boxes, self.identifying)
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
            if (
                "date" in kind.required
                and "date" not in best
                and (day := self._find_day(samples, used | {match.column for match in matches}))
            ):
                day = replace(day, sheet=kind.name)
                matches.append(day)
                best["date"] = day
            holds_doses = kind is TREATMENTS and self.layout.has_doses
            if (first is None and not holds_doses) or ("date" in kind.required and "date" not in best):
                continue
            asked = [match for match in matches if match.needs_confirmation or match.name == "lines"]
            self.to_confirm |= {match.name: match.column for match in asked
                                if match.name != "units" or not self.layout.has_doses}  # fmt: skip
            self.fields += [match for match in matches if match not in asked]
            if kind is FOLLOW_UPS and "treatment_id" not in best and "treated_on" not in best:
                day = next((one for one in self.fields if one.sheet == TREATMENTS.name and one.name == "date"), None)
                self.fields += [replace(day, sheet=kind.name, name="treated_on")] if day else []
            if kind is SIDE_EFFECTS:
                self._complete_side_effects(best)
            more = {first.column: ANY} if first and self.row_filters and first.column not in self.boxes else {}
            self.row_filters[kind.name] = {**where, **more}
        if not self.row_filters and not where:
            self._add_what_is_known(samples)

    def _complete_side_effects(self, best: Mapping[str, FieldSuggestion]) -> None:
        """What a list of side effects leaves open: which is which, after which visit, and when it was noted."""
        effects = {one.name: one for one in self.fields if one.sheet == SIDE_EFFECTS.name}
        visits = {one.name: one for one in self.fields if one.sheet == TREATMENTS.name}
        contacts = {one.name: one for one in self.fields if one.sheet == FOLLOW_UPS.name}
        client = effects.get("client") or contacts.get("client") or visits.get("client")
        day = effects.get("treated_on") or contacts.get("treated_on") or visits.get("date")
        add = partial(FieldSuggestion, SIDE_EFFECTS.name, confidence=MEDIUM_CONFIDENCE)
        if client and "client" not in effects and "treatment_id" not in effects:
            self.fields.append(replace(client, sheet=SIDE_EFFECTS.name))
        if day and not {"treated_on", "treatment_id"} & effects.keys():
            self.fields.append(add(name="treated_on", text=day.text, reason="the visit in the same row"))
        if "date" in contacts and not {"onset", "last_day", "status_date"} & effects.keys():
            contact = contacts["date"].text
            self.fields.append(add(name="status_date", text=contact, reason="the contact in the same row"))
            self.fields.append(add(name="state", text="unknown", reason="the contact says no more"))
        began = effects.get("onset") or day
        if client and began and "effect_id" not in effects:
            term = f"{{{TICKED_CODE}}}" if best["side_effect"].column in self.boxes else best["side_effect"].text
            text, reason = f"{client.text} {began.text} {term}", "one a client, day and side effect"
            self.fields.append(add(name="effect_id", text=text, reason=reason))

    def _add_what_is_known(self, samples: Sequence[ColumnSample]) -> None:
        """Treatments without a header for product, area or service: the columns that fit, and one by its values."""
        matches = match_columns(TREATMENTS, samples)
        taken = {*self.identifying, *(match.column for match in matches)}
        free = [name for name in self._plain_columns(samples) if name not in taken]
        if service := find_service_column(self.table, free):
            add = partial(FieldSuggestion, TREATMENTS.name, confidence=VALUES_ONLY_CONFIDENCE)
            matches.append(add(name="service", text=f"{{{service}}}", reason="by its values alone"))
        asked = [match for match in matches if match.needs_confirmation or match.name == "lines"]
        self.to_confirm |= {match.name: match.column or "" for match in asked}
        self.fields += [match for match in matches if match not in asked]
        self.row_filters[TREATMENTS.name] = {}

    def find_layout(self) -> None:
        """Where doses stand, beside the names of services."""
        samples = self._sample_columns({})
        services = {match.column for match in match_columns(TREATMENTS, samples) if match.name == "service"}
        skipped = {*self.table.columns} - {*self._plain_columns(samples)} | services | self.identifying.keys()
        self.layout = find_dose_layout(self.table, skipped)

    def _plain_columns(self, samples: Sequence[ColumnSample]) -> list[str]:
        """The filled columns whose names a mapping can hold, without tick boxes."""
        return [sample.header for sample in samples if sample.header in self.table.columns]

    def complete_clients(self) -> None:
        """Tells apart clients of the same name by their email or date of birth, if every row with a name has it."""
        for at, one in enumerate(self.fields):
            if one.name == "client" and self.identifying.get(one.column or "") == "name":
                names = self.table.column(one.column)
                for column, kind in self.identifying.items():
                    cells = self.table.column(column)
                    is_complete = all(is_missing(name) or not is_missing(cell)
                                      for name, cell in zip(names, cells, strict=True))  # fmt: skip
                    if kind in ("e-mail", "date of birth") and is_complete and column != one.column:
                        reason = f"{one.reason}; with the {kind}, because two clients may have one name"
                        self.fields[at] = replace(one, text=f"{one.text} {{{column}}}", reason=reason)
                        break

    def _find_day(self, samples: Sequence[ColumnSample], used: Collection[str | None]) -> FieldSuggestion | None:
        """A column of days that no header names, the fullest first; never a date of birth."""
        days = [sample for sample in samples
                if not sample.identifying and sample.header not in used
                and share_readable(FIELD_TYPES[TREATMENTS.name, "date"], sample.distinct) >= MIN_DAYS_SHARE
                and not all(map(str.isdecimal, sample.distinct))]  # fmt: skip
        best = max(days, key=lambda sample: sample.filled, default=None)
        reason = "by its values alone"
        return best and FieldSuggestion(TREATMENTS.name, "date", f"{{{best.header}}}", VALUES_ONLY_CONFIDENCE, reason)

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
            # Forms have the boxes of other forms too, all 0: a question belongs to the rows where a box is ticked.
            if any(cells[n].casefold() in CHECK_MARKS for cells in answers.values() for n in rows):
                samples.append(ColumnSample(question, tuple(answers), len(answers)))
        return samples
