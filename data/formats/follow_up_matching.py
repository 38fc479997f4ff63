"""The lines of a follow-up log joined to what is on record: each to one treatment, one contact, one side effect.

Nothing is guessed: a line that fits none, or fits two, is a problem that says what it could have been.
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
from data.schema.follow_up_log import DONE_OUTCOME, HOW_ASKED, NOTHING_TO_REPORT, STATES, VOLUNTEERED_CODE
from data.schema.template import GRADE_WORDS, GRADE_WORDS_SCALE

LOG_ID_PREFIX = "log"  # how the id of a side effect begins that the log alone tells of
MAX_NEAREST = 3  # treatments named where a client was not treated on the day given
EFFECT_COLUMNS = ("area", "side", "grade", "first_noticed", "state", "last_day", "advised", "used", "serious", "words")

PartialKey = tuple[str | None, ...]  # what a line tells of where or how; None: not told


@dataclass(frozen=True)
class MatchedRow:
    """One line, with the treatment it is about."""

    row: Any
    treatment: TreatmentRecord


class FollowUpMatcher:
    """Joins to what is `stored` of one source. `client_key`: the pseudonym of a client's number in it."""

    def __init__(self, source: str, client_key: Callable[[str], str], stored: Snapshot, problems: list[Problem]):
        self.source, self.client_key, self.stored, self.problems = source, client_key, stored, problems
        self.treatments_by_client: dict[str, list[TreatmentRecord]] = defaultdict(list)
        for visit in sorted(stored.treatments.values(), key=lambda visit: visit.date):
            self.treatments_by_client[visit.client].append(visit)
        self.follow_ups_by_day: dict[tuple[str, date], list[FollowUpRecord]] = defaultdict(list)
        for contact in stored.follow_ups.values():
            self.follow_ups_by_day[contact.treatment, contact.date].append(contact)
        self.effects_by_term: dict[tuple[str, str], list[SideEffectRecord]] = defaultdict(list)
        for effect in stored.side_effects.values():
            self.effects_by_term[effect.client, effect.term].append(effect)

    def match_rows(self, lines: Iterable[Any]) -> tuple[tuple[FollowUpRecord, ...], tuple[SideEffectRecord, ...]]:
        """The contacts and side effects that these lines tell of; what does not join goes into `problems`."""
        joined = [
            MatchedRow(line, visit)
            for line in lines
            if self._is_complete(line) and (visit := self._find_treatment(line))
        ]
        return tuple(self._follow_ups(joined)), tuple(self._side_effects(joined))

    # A line by itself

    def _is_complete(self, line: Any) -> bool:
        """Does the line say what its own words need? What it lacks is a problem."""
        before = len(self.problems)
        if line.contact_date is None:
            self._problem(line, "contact_date", "the cell is empty", "the day of the contact")
        if line.asked is None:
            self._problem(line, "asked", "the cell is empty", ", ".join(HOW_ASKED))
            return False
        outcome, *_ = HOW_ASKED[line.asked]
        told = [name for name in EFFECT_COLUMNS if getattr(line, name)]
        if outcome not in (DONE_OUTCOME, None):
            if line.found or told:
                message = f"stands beside {line.asked}, and who was not asked told nothing"
                self._problem(line, "found" if line.found else told[0], message, "an empty cell, or how it was asked")
        elif line.found is None:
            self._problem(line, "found", "the cell is empty", f"{NOTHING_TO_REPORT}, or a side effect")
        elif line.found == NOTHING_TO_REPORT:
            if told:
                self._problem(
                    line, told[0], f"stands beside {NOTHING_TO_REPORT}", "an empty cell, or the effect under found"
                )
            if outcome is None:
                self._problem(line, "asked", f"{NOTHING_TO_REPORT}, and nobody asked", "how it was asked, or no line")
        elif line.state is None:
            self._problem(line, "state", "the cell is empty", ", ".join(STATES))
        return len(self.problems) == before

    # Its treatment

    def _find_treatment(self, line: Any) -> TreatmentRecord | None:
        key = self.client_key(line.client) if line.client else None
        if named := line.treatment_or_invoice:
            return self._find_named_treatment(line, named, key)
        if key is None or line.treated_on is None:
            expected = "client and treated_on, or treatment_or_invoice"
            self._problem(line, "treated_on" if key else "client", "the treatment is not named", expected)
            return None
        own = self.treatments_by_client.get(key, [])
        found = [visit for visit in own if visit.date == line.treated_on]
        if len(found) == 1:
            return found[0]
        if found:
            ids = " or ".join(sorted(visit.source_id for visit in found))
            message = f"the client has {len(found)} treatments of that day"
            self._problem(line, "treated_on", message, f"treatment_or_invoice: {ids}")
        elif own:
            self._problem(
                line,
                "treated_on",
                "is no day on which this client was treated",
                _nearest_treatments(own, line.treated_on),
            )
        else:
            expected = f"a client's number as {self.source} has it"
            self._problem(line, "client", "this client has no treatment on record", expected)
        return None

    def _find_named_treatment(self, line: Any, named: str, key: str | None) -> TreatmentRecord | None:
        visit = self.stored.treatments.get(named)
        name = "treatment_or_invoice"
        if visit is None:
            expected = f"a number as {self.source} has it, or client and treated_on"
            self._problem(line, name, "is the number of no treatment on record", expected)
        elif key not in (None, visit.client):
            self._problem(line, name, "is of another client than the line names", "the client of the treatment")
            return None
        elif line.treated_on not in (None, visit.date):
            self._problem(line, "treated_on", f"the treatment {named} was on {visit.date}", "the day of the treatment")
            return None
        return visit

    # Contacts

    def _follow_ups(self, joined: Sequence[MatchedRow]) -> Iterable[FollowUpRecord]:
        asked = [told for told in joined if HOW_ASKED[told.row.asked][0]]
        for (source_id, day), lines in _group_rows(
            asked, lambda t: (t.treatment.source_id, t.row.contact_date)
        ).items():
            there = self.follow_ups_by_day.get((source_id, day), [])
            settled = resolve_partial_keys({(t.row.method,) for t in lines} | {(contact.method,) for contact in there})
            for method, same in _group_rows(lines, lambda t, s=settled: s[t.row.method,]).items():
                known = [contact for contact in there if settled[contact.method,] == method]
                if method is None:
                    self._problem(same[0].row, "method", "the day has contacts of two methods", "which of them it is")
                elif contact := self._merge_contact(source_id, day, method[0], same, known):
                    yield contact

    def _merge_contact(
        self, treatment: str, day: date, method: str | None, same: Sequence[MatchedRow], there: Sequence[FollowUpRecord]
    ) -> FollowUpRecord | None:
        first = same[0].row
        outcome, asked, _ = HOW_ASKED[first.asked]
        for told in same[1:]:
            if told.row.asked != first.asked:
                message = f"differs from {_row_label(first)}, of the same contact"
                self._problem(told.row, "asked", message, "one way for each contact, or a method for each")
                return None
        found = {told.row.found: told.row for told in same}
        if NOTHING_TO_REPORT in found and len(found) > 1:
            other = next(line for name, line in found.items() if name != NOTHING_TO_REPORT)
            self._problem(
                found[NOTHING_TO_REPORT], "found", f"and {_row_label(other)} tells a side effect", "one of the two"
            )
            return None
        source_id = " ".join(part for part in (treatment, day.isoformat(), method) if part)
        known = [contact for contact in there if contact.source_id == source_id or contact.outcome == outcome]
        if len(known) > 1:
            self._problem(first, "contact_date", f"has {len(known)} such contacts on record", "a day with one of them")
            return None
        return FollowUpRecord(
            source_id=known[0].source_id if known else source_id,
            treatment=treatment,
            date=day,
            method=method,
            outcome=outcome,
            asked=asked,
            row_refs=tuple(told.row.row_ref for told in same),
        )

    # Side effects

    def _side_effects(self, joined: Sequence[MatchedRow]) -> Iterable[SideEffectRecord]:
        effects = [told for told in joined if told.row.found not in (None, NOTHING_TO_REPORT)]
        episodes: dict[str, list[MatchedRow]] = defaultdict(list)
        unnamed = []
        for told in effects:
            if told.row.side_effect_on_record:
                if self._require_on_record(told):
                    episodes[told.row.side_effect_on_record].append(told)
            else:
                unnamed.append(told)
        for (treatment, term, again), lines in _group_rows(unnamed, _episode_key).items():
            known = [
                effect
                for effect in self.effects_by_term.get((lines[0].treatment.client, term), ())
                if _may_follow(effect, lines[0].treatment) and _occurrence_number(effect) == again
            ]
            settled = resolve_partial_keys(
                {_area_and_side(told.row) for told in lines} | {_area_and_side(effect) for effect in known}
            )
            for place, same in _group_rows(lines, lambda t, s=settled: s[_area_and_side(t.row)]).items():
                there = [effect for effect in known if settled[_area_and_side(effect)] == place]
                unsure = [effect for effect in known if settled[_area_and_side(effect)] is None]
                unsure = [effect for effect in unsure if place and _is_compatible(_area_and_side(effect), place)]
                if place is None or len(there) > 1 or unsure:
                    for told in same:
                        self._report_ambiguous(told.row, there or unsure)
                    continue
                own_id = " ".join(
                    part for part in (LOG_ID_PREFIX, treatment, term, *place, again and f"#{again}") if part
                )
                episodes[there[0].source_id if there else own_id] += same
        for source_id, lines in episodes.items():
            if effect := self._merge_side_effect(source_id, sorted(lines, key=lambda told: told.row.contact_date)):
                yield effect

    def _require_on_record(self, told: MatchedRow) -> bool:
        effect = self.stored.side_effects.get(told.row.side_effect_on_record)
        if effect and effect.client == told.treatment.client and effect.term == told.row.found:
            return True
        message = "is no side effect of this client with this name"
        self._problem(told.row, "side_effect_on_record", message, "the cell as the call list filled it in, or empty")
        return False

    def _report_ambiguous(self, line: Any, known: Sequence[SideEffectRecord]) -> None:
        places = " or ".join(
            " ".join(part or "" for part in _area_and_side(effect)).strip() or "no place" for effect in known
        )
        message = "there are several of this name after the treatment"
        self._problem(line, "found", message, f"area and side as on record: {places}" if known else "its area and side")

    def _merge_side_effect(self, source_id: str, lines: Sequence[MatchedRow]) -> SideEffectRecord | None:
        known, visit = self.stored.side_effects.get(source_id), lines[0].treatment
        before = len(self.problems)
        onset = self._require_agreement(lines, "first_noticed")
        area, side = self._require_agreement(lines, "area"), self._require_agreement(lines, "side")
        statuses = self._statuses(lines, known)
        if len(self.problems) > before:
            return None
        words = next((told.row.words for told in lines if told.row.words), None)
        words = remove_contact_details(words) if words else None
        light = VOLUNTEERED_CODE if HOW_ASKED[lines[0].row.asked][0] is None else "asked"
        serious = {reason for told in lines for reason in told.row.serious or ()}
        if known:
            serious |= set(known.serious)
            if known.statuses and known.statuses[0].date <= lines[0].row.contact_date:
                light, words = known.came_to_light or light, known.as_given or words
        return SideEffectRecord(
            source_id=source_id,
            client=visit.client,
            treatment=known.treatment if known else visit.source_id,
            area=area,
            side=side,
            term=lines[0].row.found,
            as_given=words,
            onset_first=onset[0] if onset else None,
            onset_last=onset[1] if onset else None,
            came_to_light=light,
            serious=tuple(sorted(serious)),
            statuses=statuses,
            remedies=_remedies(lines),
            row_refs=tuple(told.row.row_ref for told in lines),
        )

    def _statuses(self, lines: Sequence[MatchedRow], known: SideEffectRecord | None) -> tuple[StatusRecord, ...]:
        there = {(note.date, note.state): note.source_id for note in known.statuses} if known else {}
        notes: dict[date, StatusRecord] = {}
        for told in lines:
            line, state = told.row, STATES[told.row.state]
            grade = GRADE_WORDS.index(line.grade) + 1 if line.grade else None
            note = StatusRecord(
                source_id=there.get((line.contact_date, state), ""),
                date=line.contact_date,
                state=state,
                last_day=line.last_day,
                grade=grade,
                grade_scale=GRADE_WORDS_SCALE if grade else None,
                row_ref=line.row_ref,
            )
            if notes.setdefault(note.date, note) != note:
                expected = "one line for a side effect at a contact, or its area and side"
                self._problem(line, "state", f"differs from {_row_ref_label(notes[note.date].row_ref)}", expected)
        return tuple(notes.values())

    def _require_agreement(self, lines: Sequence[MatchedRow], name: str) -> Any:
        """What the lines that say anything say."""
        said = [told.row for told in lines if getattr(told.row, name) is not None]
        for line in said[1:]:
            if getattr(line, name) != getattr(said[0], name):
                expected = "the same in each line of a side effect; 2 under again if it came a second time"
                self._problem(line, name, f"differs from {_row_label(said[0])}", expected)
        return getattr(said[0], name) if said else None

    def _problem(self, line: Any, name: str, message: str, expected: str) -> None:
        self.problems.append(line.row_ref.problem(name, message, expected))


def resolve_partial_keys(told: Collection[PartialKey]) -> Mapping[PartialKey, PartialKey | None]:
    """Each of these -> the one fullest of them that it fits: (left) to (glabella, left); None where it fits two."""

    def fuller(one: PartialKey) -> list[PartialKey]:
        return [other for other in told if other != one and _is_compatible(one, other)]

    settled: dict[PartialKey, PartialKey | None] = {}
    for one in told:
        fullest = [other for other in fuller(one) if not fuller(other)]
        settled[one] = one if not fullest else fullest[0] if len(fullest) == 1 else None
    return settled


def _is_compatible(one: PartialKey, other: PartialKey) -> bool:
    return all(mine in (None, theirs) for mine, theirs in zip(one, other, strict=True))


def _group_rows(lines: Iterable[MatchedRow], key: Callable[[MatchedRow], Any]) -> dict[Any, list[MatchedRow]]:
    groups: dict[Any, list[MatchedRow]] = {}
    for told in lines:
        groups.setdefault(key(told), []).append(told)
    return groups


def _episode_key(told: MatchedRow) -> tuple[str, str, int | None]:
    return told.treatment.source_id, told.row.found, told.row.again


def _area_and_side(of: Any) -> PartialKey:
    return of.area, of.side


def _may_follow(effect: SideEffectRecord, visit: TreatmentRecord) -> bool:
    """Is this side effect of the client after this treatment, as far as it is told?"""
    if effect.treatment:
        return effect.treatment == visit.source_id
    return effect.onset_last is None or effect.onset_last >= visit.date


def _occurrence_number(effect: SideEffectRecord) -> int | None:
    """Which time it came, where a line of the log made it and said so."""
    name, _, number = effect.source_id.rpartition(" #")
    return int(number) if name.startswith(f"{LOG_ID_PREFIX} ") and number.isdecimal() else None


def _remedies(lines: Sequence[MatchedRow]) -> tuple[RemedyRecord, ...]:
    remedies: dict[tuple, RemedyRecord] = {}
    for told in lines:
        for kind in ("advised", "used"):
            for code in getattr(told.row, kind) or ():
                remedies.setdefault((code, kind), RemedyRecord(remedy=code, kind=kind, row_ref=told.row.row_ref))
    return tuple(sorted(remedies.values(), key=RemedyRecord.sort_key))


def _nearest_treatments(own: Sequence[TreatmentRecord], day: date) -> str:
    nearest = sorted(own, key=lambda visit: abs(visit.date - day))[:MAX_NEAREST]
    return f"a day of this client's treatments, such as {' or '.join(sorted({str(visit.date) for visit in nearest}))}"


def _row_label(line: Any) -> str:
    return _row_ref_label(line.row_ref)


def _row_ref_label(place: Any) -> str:
    return f"row {place.row}"
