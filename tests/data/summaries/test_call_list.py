"""The call list: due from two weeks on, overdue after three, until an effect is no longer attributed."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from sqlalchemy import select

from data.analysis import cases, columnar_copy
from data.analysis.frames import as_rows
from data.analysis.query_builder import records_source
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.selection import Selection
from data.records.kinds import TREATMENT
from data.summaries import call_list
from tests.data.analysis.test_counts import Naive, clinics, database, scopes, selections, store  # noqa: F401
from tests.data.factories import imported, written
from tests.laws import examples

TODAY = date(2025, 12, 1)
ALL = Selection(as_of=TODAY)


def ago(days: int) -> str:
    return str(TODAY - timedelta(days=days))


VISITS = (
    ("too_early", 13, "north", "AB", "1"),
    ("due", 14, "north", "AB", "2"),
    ("last_due", 20, "north", "CD", "3"),
    ("overdue", 21, "south", "CD", "4"),
    ("oldest", 120, "north", "AB", "5"),
    ("too_late", 121, "north", "AB", "6"),
    ("reached", 30, "north", "AB", "7"),
    ("declined", 30, "north", "AB", "8"),
    ("tried", 60, "north", "AB", "9"),
    ("twice", 40, "north", "AB", "10"),
    ("again", 30, "north", "AB", "10"),
    ("told", 30, "north", "AB", "11"),
    ("with_open", 25, "north", "AB", "12"),
    ("early", 30, "north", "AB", "13"),
    ("earlier", 200, "north", "AB", "12"),
)


@pytest.fixture
def source(sqlite_engine, tmp_path):
    treatments = ["treatment_id | date | site | practitioner | client | area | product"]
    for name, days, site, who, client in VISITS:
        treatments.append(f"{name} | {ago(days)} | {site} | {who} | {client} | forehead | botox")
    contacts = [
        "treatment_id | date | outcome",
        f"reached | {ago(10)} | done",
        f"early | {ago(27)} | done",
        f"declined | {ago(10)} | declined",
        f"tried | {ago(40)} | not_reached",
        f"tried | {ago(35)} | not_reached",
        f"again | {ago(0)} | not_reached",
    ]
    effects = [
        "effect_id | treatment_id | side_effect | onset | status_date | state",
        f"E1 | told | headache | {ago(29)} | {ago(28)} | gone",
        f"E2 | earlier | bruising | {ago(199)} | {ago(190)} | present",
        f"E3 | reached | dysphagia | {ago(20)} | {ago(10)} | present",
        f"E4 | reached | headache | {ago(25)} | {ago(15)} | present",
    ]
    sheets = {"treatments": treatments, "follow_ups": contacts, "side_effects": effects}
    imported(sqlite_engine, written(tmp_path, **{name: "\n".join(lines) for name, lines in sheets.items()}))
    return records_source(sqlite_engine)


def named(source, found) -> list[str]:
    ids = dict(source.fetch_rows(select(TREATMENT.c.id, TREATMENT.c.source_id)))
    return [ids[number] for number in found.number]


def test_a_treatment_is_due_for_a_week_and_then_overdue(source):
    """A client who volunteered a headache, and one asked three days after the treatment, are still to be asked."""
    found = call_list.call_list(source, WHOLE_CLINIC, ALL, 100)
    state = dict(zip(named(source, found), found.urgency, strict=True))
    due = {name for name, how in state.items() if how == call_list.DUE}
    assert due == {"due", "last_due"}
    assert state.keys() - due == {"overdue", "oldest", "tried", "twice", "again", "with_open", "told", "early"}


def test_most_open_questions_come_first_then_fewest_attempts_then_longest_wait(source):
    found = call_list.call_list(source, WHOLE_CLINIC, ALL, 100)
    assert named(source, found) == [
        "twice", "with_open", "oldest", "early", "told", "overdue", "last_due", "due", "tried", "again",
    ]  # fmt: skip
    assert found.open_questions.tolist() == [2, 2, 1, 1, 1, 1, 1, 1, 1, 2]
    tried, today = as_rows(found)[-2:]
    assert (tried.attempts, tried.last_attempt) == (2, TODAY - timedelta(days=35))
    assert (today.attempts, today.last_attempt) == (1, TODAY)  # called this morning: the others come before


def test_a_practitioner_sees_only_their_own_calls(source):
    found = call_list.call_list(source, Scope(practitioners=frozenset({"CD"})), ALL, 100)
    assert named(source, found) == ["overdue", "last_due"]
    south = Selection(as_of=TODAY, sites=("south",))
    assert named(source, call_list.call_list(source, WHOLE_CLINIC, south, 100)) == ["overdue"]


def test_what_a_later_contact_left_unanswered_comes_first_then_red_flags_then_the_longest_open(source):
    found = call_list.open_side_effects(source, WHOLE_CLINIC, ALL, 100)
    heard = {days: TODAY - timedelta(days=days) for days in (10, 15, 190)}
    assert [
        (case.side_effect, case.until.date(), case.heard_from.date(), case.seen_later) for case in found.itertuples()
    ] == [
        ("headache", heard[15], heard[10], True),
        ("dysphagia", heard[10], heard[10], False),
        ("bruising", heard[190], heard[190], False),
    ]
    assert call_list.open_side_effects(source, Scope(practitioners=frozenset({"CD"})), ALL, 100).empty


def test_a_list_that_is_cut_off_is_counted_in_full(source):
    assert named(source, call_list.call_list(source, WHOLE_CLINIC, ALL, 2)) == ["twice", "with_open"]
    assert call_list.count_due_and_overdue(source, WHOLE_CLINIC, ALL) == (2, 8)
    assert call_list.open_side_effects(source, WHOLE_CLINIC, ALL, 1).side_effect.tolist() == ["headache"]
    assert cases.count_open(source, WHOLE_CLINIC, ALL) == (3, 0)


# By plain loops over random clinics


def _to_call(rows, scope, selection):
    """(treatment, due or overdue, attempts, the latest, open questions to the client), in the order of calls."""
    naive = Naive(rows, scope, selection)
    waiting = [t for t in naive.base(()) if _waits(rows, t, selection.as_of) and not naive.asked(t["treatment"], {})]
    questions = [t["client"] for t in waiting] + [e["client"] for e in _still_open(rows, scope, selection)]
    found = []
    for t in waiting:
        earliest = selection.as_of - timedelta(days=120)
        missed = [
            f["date"]
            for f in rows["follow_up"]
            if f["treatment_id"] == t["treatment"] and f["outcome"] == "not_reached" and f["date"] >= earliest
        ]
        state = "due" if (selection.as_of - t["date"]).days < 21 else "overdue"
        last, asked = max(missed, default=None), questions.count(t["client"])
        order = (last == selection.as_of, -asked, len(missed), t["date"], t["treatment"])
        found.append((order, (t["treatment"], state, len(missed), last, asked)))
    return [call for _, call in sorted(found)]


def _waits(rows, t, today):
    heard = {f["outcome"] for f in rows["follow_up"] if f["treatment_id"] == t["treatment"]}
    return "declined" not in heard and 14 <= (today - t["date"]).days <= 120


def _still_open(rows, scope, selection):
    ever = Naive(rows, scope, replace(selection, from_date=None, to_date=None, open=True))
    visible = {t["client"] for t in Naive(rows, scope, Selection()).base(())}
    no_treatment = [
        e for e in ever.of_interest({"treatment": None}, ()) if scope == WHOLE_CLINIC or e["client"] in visible
    ]
    return list({e["id"]: e for t in ever.base(()) for e in ever.of_interest(t, ())}.values()) + no_treatment


@examples(15)
@given(clinics(), scopes, selections.map(lambda selection: replace(selection, unit="treatment")))
def test_both_lists_equal_plain_loops_on_the_records_and_on_the_copy(database, rows, scope, selection):  # noqa: F811
    store(database, rows)
    expected = _to_call(rows, scope, selection)
    treated_on = {t["id"]: t["date"] for t in rows["treatment"]}
    still = sorted(
        (
            not e["seen_later"] or e["heard_from"] == selection.as_of,
            e["side_effect"] != "dysphagia",
            e["heard_from"] == selection.as_of,
            e["onset"] or treated_on.get(e["treatment"]) or e["until"],
            e["id"],
        )
        for e in _still_open(rows, scope, selection)
    )  # dysphagia is the one with a red flag
    for source in (records_source(database), columnar_copy.build_copy(database)[1]):
        found = as_rows(call_list.call_list(source, scope, selection, 100))
        assert [(c.number, c.urgency, c.attempts, c.last_attempt, c.open_questions) for c in found] == expected
        assert call_list.count_due_and_overdue(source, scope, selection)[0] == sum(
            state == "due" for _, state, *_ in expected
        )
        assert sum(call_list.count_due_and_overdue(source, scope, selection)) == len(expected)
        assert call_list.open_side_effects(source, scope, selection, 100).number.tolist() == [n for *_, n in still]
        unattributed = sum(e["treatment"] is None for e in _still_open(rows, scope, selection))
        assert cases.count_open(source, scope, selection) == (len(still), unattributed)
