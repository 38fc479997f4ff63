"""The review of a case: who may review it, what counts as reviewed, what brings a red flag back, and undo."""

from datetime import date

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select, update

from data.analysis import cases
from data.analysis.columnar_copy import build_copy
from data.analysis.query_builder import records_source
from data.analysis.scope import WHOLE_CLINIC
from data.database.engine import revision, write_transaction
from data.importing import corrections, manual_entry
from data.records.lookups import serious_reasons_of
from data.review.assessment import Assessment, Reviewer, ReviewError
from data.review.case_review import record_review, record_second_opinion, review_of, review_steps, undo_review
from data.review.serious_reasons import correct_serious_reasons
from models.records import FollowUp, Practitioner, Revision, SideEffect
from tests import factories
from tests.data.factories import TODAY, imported, written
from tests.laws import examples

TREATED = "NP 1"  # the practitioner who treated
CLINIC, TREATING, OTHER = REVIEWERS = (
    Reviewer(name="Whole clinic"),
    Reviewer(name="Practitioner: NP 1", practitioner=TREATED),
    Reviewer(name="Practitioner: RN 2", practitioner="RN 2"),
)
DONE = Assessment(causality="probable", decision="watch", is_complete=True)
NOTE = {"state": "present", "status_date": date(2025, 3, 20), "status_id": "form-9"}

TREATMENTS = """
    treatment_id | date       | site | practitioner | client | area     | product        | units
    V1           | 2025-03-03 | main | NP 1         | 4711   | glabella | botox_cosmetic | 20
"""
EFFECTS = """
    effect_id | treatment_id | side_effect | onset      | status_date | state   | grade
    S1        | V1           | dysphagia   | 2025-03-10 | 2025-03-17  | present | severe
"""


def one_case(engine):
    """The number of a new red flag after a treatment by the same practitioner."""
    with write_transaction(engine) as connection:
        if connection.scalar(select(Practitioner.id)) is None:
            factories.practitioner(connection, code=TREATED)
        treatment = factories.treatment(connection, practitioner_id=1)
        return factories.side_effect(connection, treatment_id=treatment, term="dysphagia")


def review(engine, case, reviewer=CLINIC, assessment=DONE):
    latest = review_of(engine, case)
    read = latest.number if latest else None
    return record_review(engine, case, assessment, reviewer, "Read the notes", read, revision(engine))


def state(engine, case):
    return cases.find_case(records_source(engine), WHOLE_CLINIC, case).review


def flagged(tables):
    return cases.unreviewed_red_flags(tables, WHOLE_CLINIC).number.tolist()


class CaseReviewRules(RuleBasedStateMachine):
    """Steps of three reviewers and new notes in any order, next to the rules written down a second time."""

    def __init__(self, engine):
        super().__init__()
        self.engine, self.case = engine, one_case(engine)
        self.steps = []  # (reviewer, complete, second reviewer, agrees, whether nothing is newer), not undone

    def refused(self, why, step, *arguments):
        with pytest.raises(ReviewError, match=why):
            step(self.engine, self.case, *arguments)

    def read(self):
        latest = review_of(self.engine, self.case)
        assert (latest is None) == (not self.steps)
        return latest.number if latest else None

    @rule(reviewer=st.sampled_from(REVIEWERS), complete=st.booleans(), causality=st.sampled_from(["probable", None]))
    def assess(self, reviewer, complete, causality):
        assessment = Assessment(causality=causality, decision="watch", is_complete=complete)
        arguments = (assessment, reviewer, "Read the notes", self.read(), revision(self.engine))
        if complete and causality is None:
            self.refused("Choose a causality", record_review, *arguments)
        else:
            record_review(self.engine, self.case, *arguments)
            self.steps.append((reviewer, complete, None, None, True))

    @rule(reviewer=st.sampled_from(REVIEWERS), agrees=st.booleans())
    def give_a_second_opinion(self, reviewer, agrees):
        arguments = (reviewer, agrees, "Read it too", self.read())
        first, complete, _, _, is_fresh = self.steps[-1] if self.steps else (None, False, None, None, True)
        if not complete:
            self.refused("not marked as reviewed", record_second_opinion, *arguments)
        elif reviewer == first:
            self.refused("must be somebody else", record_second_opinion, *arguments)
        else:
            record_second_opinion(self.engine, self.case, *arguments)
            self.steps.append((first, complete, reviewer, agrees, is_fresh))

    @rule()
    def undo(self):
        if self.steps:
            undo_review(self.engine, self.case, OTHER, "Wrong case", self.read())
            self.steps.pop()
        else:
            self.refused("no review to undo", undo_review, OTHER, "Wrong case", None)

    @rule()
    def write_the_case_again(self):
        with write_transaction(self.engine) as connection:
            newest = select(Revision.number).scalar_subquery()
            connection.execute(update(SideEffect).where(SideEffect.id == self.case).values(revision=newest))
        self.steps = [(*step[:-1], False) for step in self.steps]

    @invariant()
    def the_state_is_what_the_rules_say(self):
        assert state(self.engine, self.case) == self.expected()

    def expected(self):
        if not self.steps:
            return "new"
        first, complete, second, agrees, is_fresh = self.steps[-1]
        if not is_fresh:
            return "changed"
        if not complete or agrees is False:
            return "in review"
        is_alone = first == TREATING and second not in (CLINIC, OTHER)
        return "in review" if is_alone else "reviewed"


def test_the_rules_of_a_review_hold_in_any_order_of_steps(sqlite_engine):
    run_state_machine_as_test(
        lambda: CaseReviewRules(sqlite_engine), settings=settings(examples(8), stateful_step_count=10)
    )


def test_whoever_treated_needs_a_second_reviewer_on_every_database(engine):
    case = one_case(engine)
    assert flagged(records_source(engine)) == [case]
    first = review(engine, case, TREATING)
    assert (state(engine, case), flagged(records_source(engine))) == ("in review", [case])
    record_second_opinion(engine, case, OTHER, True, "I agree", first)
    for tables in (records_source(engine), build_copy(engine)[1]):
        assert cases.find_case(tables, WHOLE_CLINIC, case).review == "reviewed"
        assert flagged(tables) == []
    with write_transaction(engine) as connection:
        factories.follow_up(connection, outcome="done")
        connection.execute(update(FollowUp).values(revision=connection.scalar(select(Revision.number))))
    for tables in (records_source(engine), build_copy(engine)[1]):
        assert cases.find_case(tables, WHOLE_CLINIC, case).review == "changed"
        assert flagged(tables) == [case]


def test_every_step_records_who_when_and_why_and_an_undone_one_stays_on_record(sqlite_engine):
    case = one_case(sqlite_engine)
    first = review(sqlite_engine, case)
    second = record_second_opinion(sqlite_engine, case, OTHER, False, "It is  the\nother side", first)
    undo_review(sqlite_engine, case, CLINIC, "Wrong case", second)
    undone, kept = review_steps(sqlite_engine, case)
    assert (undone.number, undone.taken_by, undone.why) == (second, OTHER.name, "It is the other side")
    assert (undone.undone_by, undone.undone_why) == (CLINIC.name, "Wrong case")
    assert None not in (undone.made_at, undone.undone_at, kept.made_at)
    assert review_of(sqlite_engine, case) == kept
    assert kept.assessment == DONE


def test_a_step_on_a_review_that_somebody_else_changed_meanwhile_is_refused(sqlite_engine):
    case = one_case(sqlite_engine)
    read = review(sqlite_engine, case)
    review(sqlite_engine, case, OTHER)
    with pytest.raises(ReviewError, match="meanwhile"):
        record_second_opinion(sqlite_engine, case, TREATING, True, "I agree", read)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"causality": "sure"}, "causality from the list"),
        ({"decision": "wait"}, "decision from the list"),
        ({"grade": 4, "grade_scale": "mild_moderate_severe"}, "not on its scale"),
        ({"causality_method": "naranjo"}, "all ten questions"),
        ({"causality_method": "naranjo", "naranjo": ("unknown",) * 10, "causality": "certain"}, "differs"),
    ],
)
def test_an_assessment_that_does_not_fit_is_refused(sqlite_engine, wrong, why):
    with pytest.raises(ReviewError, match=why):
        review(sqlite_engine, one_case(sqlite_engine), assessment=Assessment(**wrong))


def test_a_new_note_a_contact_and_a_correction_each_bring_the_case_back(sqlite_engine, tmp_path):
    imported(sqlite_engine, written(tmp_path, treatments=TREATMENTS, side_effects=EFFECTS), source="clinic")
    version = corrections.read_version(sqlite_engine, "clinic", "side_effects", "S1")
    note = {"side_effects": [corrections.effect_identity(version) | NOTE]}
    contact = {"follow_up_id": "form-2", "treatment_id": "V1", "date": date(2025, 3, 21), "outcome": "done"}
    missed = contact | {"follow_up_id": "form-3", "outcome": "not_reached"}

    def save(rows):
        assert manual_entry.save_form(sqlite_engine, "clinic", "AB", rows, TODAY)

    for change, back in (
        (lambda: save({"follow_ups": [missed]}), "reviewed"),
        (lambda: save(note), "changed"),
        (lambda: save({"follow_ups": [contact]}), "changed"),
        (lambda: correct_serious_reasons(sqlite_engine, 1, ["disability"], "AB", "Read the letter", TODAY), "changed"),
    ):
        review(sqlite_engine, 1)
        assert state(sqlite_engine, 1) == "reviewed"
        change()
        assert state(sqlite_engine, 1) == back


def test_a_case_is_serious_if_and_only_if_there_is_a_reason(sqlite_engine, tmp_path):
    imported(sqlite_engine, written(tmp_path, treatments=TREATMENTS, side_effects=EFFECTS), source="clinic")

    def is_serious():
        return cases.find_case(records_source(sqlite_engine), WHOLE_CLINIC, 1).serious

    assert not is_serious()
    assert correct_serious_reasons(sqlite_engine, 1, [], "AB", "Nothing to change", TODAY) is None
    correct_serious_reasons(sqlite_engine, 1, ["hospitalisation", "disability"], "AB", "Read the letter", TODAY)
    assert is_serious()
    assert set(serious_reasons_of(sqlite_engine, 1)) == {"hospitalisation", "disability"}
    assert cases.find_case(records_source(sqlite_engine), WHOLE_CLINIC, 1).grade == 3
    correct_serious_reasons(sqlite_engine, 1, [], "AB", "It was another client", TODAY)
    assert not is_serious()
