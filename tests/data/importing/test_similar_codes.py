"""One person, site or lot, written in two ways, is named in a notice and never joined silently."""

from pathlib import Path

from tests.data.factories import imported, written

CASE = Path(__file__).parents[2] / "fixtures" / "cases" / "39-same-client-many-ways"
VISIT = """
treatment_id | date       | site  | practitioner | client | area     | product | lot | units
{number}     | 2025-10-01 | north | {code}       | c1     | glabella | botox   | L1  | 20
"""


def test_codes_that_differ_by_capital_letters_or_width_alone_are_named_with_their_numbers(sqlite_engine):
    notices = imported(sqlite_engine, sorted(CASE.glob("*.csv"))).notices
    assert [notice for notice in notices if "width alone" in notice] == [
        "client numbers that differ by capital letters or width alone: 1, written in 3 ways. They count as several "
        "clients.",
        "practitioners that differ by capital letters or width alone: AB 6, ab 1. They count as different.",
        "sites that differ by capital letters or width alone: Main 1, main 6. They count as different.",
        "lots that differ by capital letters or width alone: C1 6, c1 1. They count as different.",
    ]


def test_a_code_is_also_held_against_those_on_record(sqlite_engine, tmp_path):
    assert not imported(sqlite_engine, written(tmp_path, treatments=VISIT.format(number="t1", code="AB"))).notices
    assert imported(sqlite_engine, written(tmp_path, treatments=VISIT.format(number="t2", code="ab"))).notices == (
        "new practitioners, not on record yet: ab",
        "practitioners that differ by capital letters or width alone: AB on record, ab 1. They count as different.",
    )
