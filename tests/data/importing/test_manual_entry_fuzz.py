"""Anything typed, pasted or chosen in a form is stored whole or refused with its problems."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.history.record_history import record_history
from data.importing import corrections, manual_entry
from data.problems import ImportRefusedError
from data.schema.template import FOLLOW_UPS, REMEDIES, SHEETS, SIDE_EFFECTS, TREATMENTS
from tests.data.factories import TODAY, counts, everything, imported, written
from tests.data.importing.test_manual_entry import EFFECTS, NOTHING
from tests.data.importing.test_manual_entry import TREATMENTS as VISITS
from tests.laws import examples

ODD_TEXTS = (
    "", " ", "\n", "a\nb", "a\rb", "a\x00b", "\x1f", "\x85", "\u2028", "\u202e", "\ufeff", "\ud800", "e\u0301",
    "\U0001f600", "é" * 121, "x" * 255, "x" * 256, "x" * 10_000, "x" * 10_001, "=1+1", "'", "N/A",
    "unknown", "a; b", "; ;", "V1", "4711", "1e999", "-0", "1_000", "nan", "inf", "\u0661\u0662",
    "0001-01-01", "9999-12-31", "10000-01-01", "2025-02-30", "2025", "Glabella", " glabella ", "headache; headache",
)  # fmt: skip
ODD_VALUES = (
    None, 0, -1, True, 10**30, 1e-320, 1e308, float("nan"), float("inf"), date.min, date.max,
    datetime(2025, 3, 4, 5, 6), (), ("headache", "headache"), ("a\x00b",),
)  # fmt: skip
odd = st.one_of(st.sampled_from(ODD_TEXTS), st.sampled_from(ODD_VALUES), st.text(max_size=40), st.floats(), st.dates())
columns = st.sampled_from([(kind, column.name) for kind in SHEETS for column in kind.columns])


def right(kind) -> dict:
    """A form that nothing is wrong with, as lines of the template."""
    effect = {"effect_id": manual_entry.new_id(), "treatment_id": "V1", "side_effect": "headache", "onset":
    "2025-03-10",           "status_date": date(2025, 3, 17), "state": "present", "grade": "mild"}  # fmt: skip
    return {
        TREATMENTS: {TREATMENTS.name: [{
            "treatment_id": manual_entry.new_id(), "date": date(2025, 5, 2), "site": "main", "practitioner": "AB",
            "client": "4711", "area": "glabella", "product": "xeomin", "lot": "L9", "units": 20.0, "points": 5}]},
        FOLLOW_UPS: {FOLLOW_UPS.name: [{
            "follow_up_id": manual_entry.new_id(), "treatment_id": "V1", "date": date(2025, 3, 20), "outcome":
            "done"}]},
        SIDE_EFFECTS: {SIDE_EFFECTS.name: [effect]},
        REMEDIES: {SIDE_EFFECTS.name: [effect], REMEDIES.name: [{
            "effect_id": effect["effect_id"], "remedy": "massage", "kind": "used", "from_date": date(2025, 3, 10)}]},
    }[kind]  # fmt: skip


def stored_or_refused(engine, work, *what) -> bool:
    before = counts(engine)
    try:
        work(engine, *what, today=TODAY)
    except ImportRefusedError as refused:
        assert refused.problems
        assert counts(engine) == before
        return False
    return True


@pytest.fixture
def clinic(engine, tmp_path):
    imported(engine, written(tmp_path, treatments=VISITS, side_effects=EFFECTS), source="practice")
    manual_entry.save_form(engine, "practice", "AB", NOTHING, today=TODAY)
    return engine


@examples(60)
@given(where=columns, value=odd)
def test_any_entry_is_stored_or_refused_with_its_problems(clinic, where, value):
    kind, name = where
    lines = right(kind)
    lines[kind.name][0][name] = value
    stored_or_refused(clinic, manual_entry.save_form, "practice", "AB", lines)


@examples(40)
@given(which=st.sampled_from([(TREATMENTS, "V2"), (FOLLOW_UPS, "form-1"), (SIDE_EFFECTS, "S1")]), data=st.data())
def test_any_correction_is_stored_or_refused_with_its_problems(clinic, which, data):
    kind, source_id = which
    read = corrections.read_version(clinic, "practice", kind.name, source_id)
    if read is None:  # an example before this one gave the record another id
        return
    name = data.draw(st.sampled_from(kind.names))
    value = data.draw(odd)
    lines = dict(read.rows) | {kind.name: [dict(line) | {name: value} for line in read.rows[kind.name]]}
    if stored_or_refused(clinic, corrections.save_correction, read, "CD", "a try", lines):
        assert corrections.read_version(clinic, "practice", kind.name, source_id) is not None
        record_history(clinic, "practice", kind.name, source_id)


@examples(40)
@given(text=st.one_of(st.sampled_from(ODD_TEXTS), st.text(max_size=80)))
def test_any_name_and_any_reason_is_stored_or_refused(clinic, text):
    lines = right(FOLLOW_UPS)
    stored_or_refused(clinic, lambda engine, **how: manual_entry.save_form(engine, "practice", text, lines, **how))
    read = corrections.read_version(clinic, "practice", TREATMENTS.name, "V2")
    units = 1.0 + len(record_history(clinic, "practice", TREATMENTS.name, "V2"))
    lines = {TREATMENTS.name: [dict(line) | {"units": units} for line in read.rows[TREATMENTS.name]]}
    stored_or_refused(clinic, corrections.save_correction, read, "CD", text, lines)


def words(engine, text: str) -> str:
    lines = right(SIDE_EFFECTS)
    lines[SIDE_EFFECTS.name][0]["words"] = text
    manual_entry.save_form(engine, "practice", "AB", lines, today=TODAY)
    return everything(engine)["practice"].side_effects[lines[SIDE_EFFECTS.name][0]["effect_id"]].as_given


def test_a_clients_words_are_kept_whole_up_to_ten_thousand_characters(clinic):
    assert words(clinic, "Stirn\u00a0schwer,\r\nseit gestern \U0001f62c ") == "Stirn schwer,\nseit gestern \U0001f62c"
    assert len(words(clinic, "é" * 10_000)) == 10_000
    with pytest.raises(ImportRefusedError) as refused:
        words(clinic, "é" * 10_001)
    assert [problem.message for problem in refused.value.problems] == ["has 10,001 characters"]


def test_control_characters_are_refused_on_every_database(clinic):
    for text in ("heavy\x00brow", "heavy\ud800brow"):
        with pytest.raises(ImportRefusedError) as refused:
            words(clinic, text)
        (problem,) = refused.value.problems
        assert (problem.column, problem.message) == ("words", "has characters that are not text")


def test_a_pasted_client_number_is_the_number_in_the_file(clinic):
    """With a space that does not break, a mark that nobody sees, or letters in two parts it would be another client."""
    for pasted in ("4711", " 4711\u00a0", "\u200b4711\ufeff", "\u202a4711\u202c", "4711\r\n"):
        assert manual_entry.client_key(clinic, "practice", pasted) == manual_entry.client_key(
            clinic, "practice", "4711"
        )
        lines = right(TREATMENTS)
        lines[TREATMENTS.name][0]["client"] = pasted
        manual_entry.save_form(clinic, "practice", "AB", lines, today=TODAY)
    visits = everything(clinic)["practice"].treatments.values()
    assert sum(visit.client == manual_entry.client_key(clinic, "practice", "4711") for visit in visits) == 6
    assert manual_entry.client_key(clinic, "practice", "Zoe\u0308") == manual_entry.client_key(
        clinic, "practice", "Zo\u00eb"
    )
