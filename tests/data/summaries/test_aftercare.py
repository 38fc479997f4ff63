"""Courses with and without massage: compared within one side effect and grade, or not at all."""

from datetime import date, timedelta

import pytest

from data.analysis.query_builder import records_source
from data.analysis.scope import WHOLE_CLINIC
from data.analysis.selection import Selection
from data.database.engine import write_transaction
from data.summaries import aftercare
from tests import factories

ALL = Selection(as_of=date(2026, 11, 25))
ONSET = date(2026, 3, 6)

# Side effect, grade, with massage, how many days each lasted.
COURSES = (
    ("eyelid_ptosis", 1, True, range(20, 30)),
    ("eyelid_ptosis", 1, False, range(5, 15)),
    ("eyelid_ptosis", 2, True, range(40, 49)),  # nine: too few
    ("eyelid_ptosis", 2, False, range(5, 25)),
    ("mastication_disorder", 2, True, range(40, 60)),
    ("headache", 2, False, range(1, 21)),
    ("neck_weakness", None, True, range(1, 21)),
    ("neck_weakness", None, False, range(1, 21)),
)


@pytest.fixture
def source(sqlite_engine):
    with write_transaction(sqlite_engine) as connection:
        treatment = factories.treatment(connection)
        for term, grade, with_massage, lasting in COURSES:
            for days in lasting:
                effect = factories.side_effect(connection, term=term, treatment_id=treatment)
                last = ONSET + timedelta(days=days - 1)
                factories.status(connection, side_effect_id=effect, date=last, state="gone", last_day=last, grade=grade)
                if with_massage:
                    factories.remedy(connection, side_effect_id=effect)
    return records_source(sqlite_engine)


def test_chewing_weakness_with_massage_is_never_compared_with_headaches_without(source):
    courses = aftercare.comparable_courses(source, WHOLE_CLINIC, ALL, "massage")
    assert set(zip(courses.side_effect, courses.grade, strict=True)) == {("eyelid_ptosis", 1)}
    assert courses.groupby("with_remedy").size().to_dict() == {False: 10, True: 10}


def test_the_courses_of_one_side_effect_and_grade_have_their_own_medians(source):
    """The fifth of ten: day 24 with massage, day 9 without."""
    found = aftercare.course_durations(source, WHOLE_CLINIC, ALL, "massage", "eyelid_ptosis", 1)
    assert dict(zip(found.with_remedy, found["median"], strict=True)) == {True: 24, False: 9}


def test_a_remedy_that_nobody_used_is_compared_with_nothing(source):
    assert aftercare.comparable_courses(source, WHOLE_CLINIC, ALL, "water").empty
