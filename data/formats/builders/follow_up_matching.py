"""Matches the rows of a follow-up log to the records: each to one treatment, one contact and one side effect.

Nothing is guessed: a row that matches none, or more than one, is a problem that names the possible matches.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from data.privacy.identifier_removal import remove_contact_details
from data.problems import Problem
from data.records.neutral_records import FollowUpRecord, RemedyRecord, SideEffectRecord, StatusRecord, TreatmentRecord
from data.records.repository import Snapshot
from data.schema.follow_up_log import DONE_OUTCOME, HOW_ASKED, NOTHING_TO_REPORT, STATES
from data.schema.template import grade_of_word

LOG_ID_PREFIX = "log"  # of the id of a side effect that only the log reports
MAX_NEAREST = 3  # treatments named if a client was not treated on the day given
EFFECT_COLUMNS = ("area", "side", "grade", "first_noticed", "state", "last_day", "advised", "used", "serious", "words")

PartialKey = tuple[str | None, ...]  # area and side, or method; None: not recorded


@dataclass(frozen=True)
class MatchedRow:
    """A row of the log with the treatment it is about."""

    row: Any
    treatment: TreatmentRecord


class FollowUpMatcher:
    """Matches to the stored records of one source. `client_key`: the pseudonym of a client's number in it."""

    def __init__(self, source: str, client_key: Callable[[str], str], stored: Snapshot, problems: list[Problem]):
        self.source, self.client_key, self.stored, self.problems = source, client_key, stored, problems
        treatments = sorted(stored.treatments.values(), key=lambda treatment: treatment.date)
        self.treatments_by_client = _group(treatments, lambda treatment: treatment.client)
        self.follow_ups_by_day = _group(stored.follow_ups.values(), lambda contact: (contact.treatment, contact.date))
        self.effects_by_term = _group(stored.side_effects.values(), lambda effect: (effect.client, effect.term))

    def match_rows(self, rows: Iterable[Any]) -> tuple[tuple[FollowUpRecord, ...], tuple[SideEffectRecord, ...]]:
        """The contacts and side effects in these rows; what does not match goes into `problems`."""
        complete = [row for row in rows if self._is_complete(row)]
        matches = [MatchedRow(row, treatment) for row in complete if (treatment := self._find_treatment(row))]
        return tuple(self._follow_ups(matches)), tuple(self._side_effects(matches))

    # One row

    def _is_complete(self, row: Any) -> bool:
        """Whether the row has everything that its own answers require. What it lacks is a problem."""
        before = len(self.problems)
        if row.contact_date is None:
            self._problem(row, "contact_date", "the cell is empty", "the day of the contact")
        if row.asked is None:
            self._problem(row, "asked", "the cell is empty", ", ".join(HOW_ASKED))
            return False
        outcome, *_ = HOW_ASKED[row.asked]
        details = [name for name in EFFECT_COLUMNS if getattr(row, name)]
        if outcome not in (DONE_OUTCOME, None):
            if row.found or details:
                message = f'is filled in next to "{row.asked}"'
                self._problem(row, "found" if row.found else details[0], message, "an empty cell, or how it was asked")
        elif row.found is None:
            self._problem(row, "found", "the cell is empty", f"{NOTHING_TO_REPORT}, or a side effect")
        elif row.found == NOTHING_TO_REPORT:
            if details:
                message = f'is filled in next to "{NOTHING_TO_REPORT}"'
                self._problem(row, details[0], message, "an empty cell, or the side effect under found")
            if outcome is None:
                self._problem(row, "asked", f"{NOTHING_TO_REPORT}, and nobody asked", "how it was asked, or no row")
        elif row.state is None:
            self._problem(row, "state", "the cell is empty", ", ".join(STATES))
        return len(self.problems) == before

    def _find_treatment(self, row: Any) -> TreatmentRecord | None:
        """The one treatment that a row names, by its number or by client and day. Otherwise it is a problem."""
        key = self.client_key(row.client) if row.client else None
        if row.treatment_or_invoice:
            return self._find_named_treatment(row, key)
        treatments = self.treatments_by_client.get(key, [])
        same_day = [treatment for treatment in treatments if treatment.date == row.treated_on]
        if len(same_day) == 1:
            return same_day[0]
        column = "treated_on" if key else "client"
        if key is None or row.treated_on is None:
            message, expected = "the treatment is not named", "client and treated_on, or treatment_or_invoice"
        elif same_day:
            message = f"the client has {len(same_day)} treatments on that day"
            ids = sorted(treatment.source_id for treatment in same_day)
            expected = f"treatment_or_invoice: {' or '.join(ids)}"
        elif treatments:
            days = {treatment.date for treatment in treatments}
            nearest = sorted(days, key=lambda day: (abs(day - row.treated_on), day))[:MAX_NEAREST]
            message = "is not a day on which this client was treated"
            expected = f"a day of this client's treatments, such as {' or '.join(map(str, sorted(nearest)))}"
        else:
            column, message = "client", "this client has no treatment on record"
            expected = f"a client's number as in {self.source}"
        self._problem(row, column, message, expected)
        return None

    def _find_named_treatment(self, row: Any, key: str | None) -> TreatmentRecord | None:
        column, named = "treatment_or_invoice", row.treatment_or_invoice
        treatment = self.stored.treatments.get(named)
        if treatment and key in (None, treatment.client) and row.treated_on in (None, treatment.date):
            return treatment
        if treatment is None:
            message = "is not the number of a treatment on record"
            expected = f"a number as in {self.source}, or client and treated_on"
        elif key not in (None, treatment.client):
            message, expected = "belongs to another client than the row names", "the client of the treatment"
        else:
            column, message = "treated_on", f"the treatment {named} was on {treatment.date}"
            expected = "the day of the treatment"
        self._problem(row, column, message, expected)
        return None

    # Contacts

    def _follow_ups(self, matches: Sequence[MatchedRow]) -> Iterable[FollowUpRecord]:
        contacts = [match for match in matches if HOW_ASKED[match.row.asked][0]]
        by_day = _group(contacts, lambda match: (match.treatment.source_id, match.row.contact_date))
        for (treatment, day), of_day in by_day.items():
            stored = self.follow_ups_by_day.get((treatment, day), [])
            methods = {(match.row.method,) for match in of_day} | {(contact.method,) for contact in stored}
            resolved = resolve_partial_keys(methods)
            for key, same in _group(of_day, lambda match, keys=resolved: keys[match.row.method,]).items():
                existing = [contact for contact in stored if resolved[contact.method,] == key]
                if key is None:
                    message = "the day has contacts by two methods"
                    self._problem(same[0].row, "method", message, "the method of this contact")
                elif contact := self._merge_contact(treatment, day, key[0], [match.row for match in same], existing):
                    yield contact

    def _merge_contact(
        self, treatment: str, day: date, method: str | None, rows: Sequence[Any], stored: Sequence[FollowUpRecord]
    ) -> FollowUpRecord | None:
        first = rows[0]
        outcome, asked, _ = HOW_ASKED[first.asked]
        for row in rows[1:]:
            if row.asked != first.asked:
                message = f"differs from row {first.row_ref.row}, of the same contact"
                self._problem(row, "asked", message, "one way of asking for each contact, or a method for each")
                return None
        by_finding = {row.found: row for row in rows}
        if NOTHING_TO_REPORT in by_finding and len(by_finding) > 1:
            other = next(row for name, row in by_finding.items() if name != NOTHING_TO_REPORT)
            message = f"but row {other.row_ref.row} reports a side effect"
            self._problem(by_finding[NOTHING_TO_REPORT], "found", message, "one of the two")
            return None
        source_id = " ".join(part for part in (treatment, day.isoformat(), method) if part)
        same = [contact for contact in stored if contact.source_id == source_id or contact.outcome == outcome]
        if len(same) > 1:
            self._problem(first, "contact_date", f"has {len(same)} such contacts on record", "a day with one of them")
            return None
        return FollowUpRecord(
            source_id=same[0].source_id if same else source_id, treatment=treatment, date=day, method=method,
            outcome=outcome, asked=asked, row_refs=tuple(row.row_ref for row in rows),
        )  # fmt: skip

    # Side effects

    def _side_effects(self, matches: Sequence[MatchedRow]) -> Iterable[SideEffectRecord]:
        episodes: dict[str, list[MatchedRow]] = defaultdict(list)
        new = []
        for match in matches:
            if match.row.found in (None, NOTHING_TO_REPORT):
                continue
            if not match.row.side_effect_on_record:
                new.append(match)
            elif self._require_on_record(match):
                episodes[match.row.side_effect_on_record].append(match)
        by_term = _group(new, lambda match: (match.treatment.source_id, match.row.found, match.row.again))
        for (treatment_id, term, again), rows in by_term.items():
            treatment = rows[0].treatment
            stored = [
                effect
                for effect in self.effects_by_term.get((treatment.client, term), ())
                if _may_follow(effect, treatment) and _occurrence_number(effect) == again
            ]
            resolved = resolve_partial_keys({*(_place(match.row) for match in rows), *map(_place, stored)})
            for place, same in _group(rows, lambda match, places=resolved: places[_place(match.row)]).items():
                existing = [effect for effect in stored if resolved[_place(effect)] == place]
                unclear = [effect for effect in stored if resolved[_place(effect)] is None]
                unclear = [effect for effect in unclear if place and _is_compatible(_place(effect), place)]
                if place is None or len(existing) > 1 or unclear:
                    for match in same:
                        self._report_ambiguous(match.row, existing or unclear)
                    continue
                parts = (LOG_ID_PREFIX, treatment_id, term, *place, again and f"#{again}")
                new_id = " ".join(part for part in parts if part)
                episodes[existing[0].source_id if existing else new_id] += same
        for source_id, rows in episodes.items():
            if effect := self._merge_side_effect(source_id, sorted(rows, key=lambda match: match.row.contact_date)):
                yield effect

    def _require_on_record(self, match: MatchedRow) -> bool:
        effect = self.stored.side_effects.get(match.row.side_effect_on_record)
        if effect and effect.client == match.treatment.client and effect.term == match.row.found:
            return True
        message = "is not a side effect of this client with this name"
        self._problem(match.row, "side_effect_on_record", message, "the cell as the call list filled it in, or empty")
        return False

    def _report_ambiguous(self, row: Any, effects: Sequence[SideEffectRecord]) -> None:
        places = (" ".join(part or "" for part in _place(effect)).strip() or "no place" for effect in effects)
        message = "there are several of this name after the treatment"
        expected = f"area and side as on record: {' or '.join(places)}" if effects else "its area and side"
        self._problem(row, "found", message, expected)

    def _merge_side_effect(self, source_id: str, matches: Sequence[MatchedRow]) -> SideEffectRecord | None:
        stored, treatment = self.stored.side_effects.get(source_id), matches[0].treatment
        rows = [match.row for match in matches]
        before = len(self.problems)
        onset, area, side = (self._require_agreement(rows, name) for name in ("first_noticed", "area", "side"))
        statuses = self._statuses(rows, stored)
        if len(self.problems) > before:
            return None
        words = next((remove_contact_details(row.words) for row in rows if row.words), None)
        _, _, came_to_light = HOW_ASKED[rows[0].asked]
        serious = {reason for row in rows for reason in row.serious or ()}
        if stored:
            serious |= set(stored.serious)
            if stored.statuses and stored.statuses[0].date <= rows[0].contact_date:
                came_to_light, words = stored.came_to_light or came_to_light, stored.as_given or words
        onset_first, onset_last = onset or (None, None)
        return SideEffectRecord(
            source_id=source_id, client=treatment.client,
            treatment=stored.treatment if stored else treatment.source_id,
            area=area, side=side, term=rows[0].found, as_given=words, onset_first=onset_first, onset_last=onset_last,
            came_to_light=came_to_light, serious=tuple(sorted(serious)), statuses=statuses, remedies=_remedies(rows),
            row_refs=tuple(row.row_ref for row in rows),
        )  # fmt: skip

    def _statuses(self, rows: Sequence[Any], stored: SideEffectRecord | None) -> tuple[StatusRecord, ...]:
        ids = {(note.date, note.state): note.source_id for note in stored.statuses} if stored else {}
        notes: dict[date, StatusRecord] = {}
        for row in rows:
            state = STATES[row.state]
            grade, scale = grade_of_word(row.grade)
            note = StatusRecord(
                source_id=ids.get((row.contact_date, state), ""), date=row.contact_date, state=state,
                last_day=row.last_day, grade=grade, grade_scale=scale, row_ref=row.row_ref,
            )  # fmt: skip
            first = notes.setdefault(note.date, note)
            if first != note:
                expected = "one row for a side effect at a contact, or its area and side"
                self._problem(row, "state", f"differs from row {first.row_ref.row}", expected)
        return tuple(notes.values())

    def _require_agreement(self, rows: Sequence[Any], name: str) -> Any:
        """The value in the rows that have one; different values are problems."""
        filled = [row for row in rows if getattr(row, name) is not None]
        for row in filled[1:]:
            if getattr(row, name) != getattr(filled[0], name):
                expected = "the same in each row of a side effect; 2 under again if it came a second time"
                self._problem(row, name, f"differs from row {filled[0].row_ref.row}", expected)
        return getattr(filled[0], name) if filled else None

    def _problem(self, row: Any, name: str, message: str, expected: str) -> None:
        self.problems.append(row.row_ref.problem(name, message, expected))


def resolve_partial_keys(keys: Collection[PartialKey]) -> Mapping[PartialKey, PartialKey | None]:
    """Each key -> the one most complete key that it fits: (left) to (glabella, left); None if it fits two."""

    def more_complete(key: PartialKey) -> list[PartialKey]:
        return [other for other in keys if other != key and _is_compatible(key, other)]

    resolved: dict[PartialKey, PartialKey | None] = {}
    for key in keys:
        complete = [other for other in more_complete(key) if not more_complete(other)]
        resolved[key] = key if not complete else complete[0] if len(complete) == 1 else None
    return resolved


def _is_compatible(key: PartialKey, other: PartialKey) -> bool:
    return all(part in (None, theirs) for part, theirs in zip(key, other, strict=True))


def _group(items: Iterable[Any], key: Callable[[Any], Any]) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def _place(row_or_effect: Any) -> PartialKey:
    return row_or_effect.area, row_or_effect.side


def _may_follow(effect: SideEffectRecord, treatment: TreatmentRecord) -> bool:
    """Whether the client's side effect may have come after this treatment."""
    if effect.treatment:
        return effect.treatment == treatment.source_id
    return effect.onset_last is None or effect.onset_last >= treatment.date


def _occurrence_number(effect: SideEffectRecord) -> int | None:
    """Which occurrence it is, if a row of the log created it and said so."""
    name, _, number = effect.source_id.rpartition(" #")
    return int(number) if name.startswith(f"{LOG_ID_PREFIX} ") and number.isdecimal() else None


def _remedies(rows: Sequence[Any]) -> tuple[RemedyRecord, ...]:
    remedies: dict[tuple, RemedyRecord] = {}
    for row in rows:
        for kind in ("advised", "used"):
            for code in getattr(row, kind) or ():
                remedies.setdefault((code, kind), RemedyRecord(remedy=code, kind=kind, row_ref=row.row_ref))
    return tuple(sorted(remedies.values(), key=RemedyRecord.sort_key))
