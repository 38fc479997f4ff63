"""REDCap's flat export, raw and with labels: an instrument is a sheet, a ticked box is a value."""

from data.mapping.spec import unanswered_settings
from data.mapping.store import save_mapping
from tests.data.exports import FOLDER, confirmed, proposed
from tests.data.factories import everything, imported, refusal

RAW, LABELS = FOLDER / "redcap_raw.csv", FOLDER / "redcap_labels.csv"
AREAS = {"area___1": "forehead", "area___2": "glabella", "area___3": "masseter"}
CODED = {
    ("treatments", "area"): AREAS,
    ("follow_ups", "outcome"): {"1": "done"},
    ("side_effects", "side_effect"): {"adverse_event___1": "headache", "adverse_event___2": "bruising"},
    ("side_effects", "state"): {"1": "present"},
}
PRODUCTS = {"1": {"toxin": True, "product": "botox_cosmetic"}, "2": {"toxin": True, "product": "xeomin"}}


def remembered_raw():
    return save_mapping("redcap", confirmed(proposed(RAW), PRODUCTS, codes=CODED))


def test_numbers_of_a_raw_export_are_asked_for_and_never_guessed():
    proposal = proposed(RAW)
    assert proposal.preset == "REDCap"
    assert proposal.row_filters["side_effects"] == {"redcap_repeat_instrument": "side_effect"}
    assert unanswered_settings(proposal.to_spec()) == [
        *(f"treatments.area.ticked.{box}" for box in AREAS),
        "follow_ups.outcome.codes.1",
        *(f"side_effects.side_effect.ticked.adverse_event___{n}" for n in (1, 2)),
        "side_effects.state.codes.1", "services.names.1", "services.names.2",
    ]  # fmt: skip


def test_a_ticked_box_is_an_area_or_a_side_effect_of_its_own(sqlite_engine):
    remembered_raw()
    summary = imported(sqlite_engine, [RAW])
    # Of 7 lines two are of the instrument with who the client is, which fills no sheet.
    assert (summary.rows_read, summary.rows_stored, summary.rows_unchanged) == (7, 5, 2)
    stored = everything(sqlite_engine)["redcap raw"]
    given = {str(v.date): [(i.area, i.product, i.units) for i in v.injections] for v in stored.treatments.values()}
    assert given == {
        "2025-03-03": [("forehead", "botox_cosmetic", None), ("glabella", "botox_cosmetic", None)],  # 40 for both
        "2025-07-01": [("masseter", "xeomin", 50)],
        "2025-03-04": [("forehead", "botox_cosmetic", 12.5)],
    }
    assert sorted((e.term, str(e.onset_first), len(e.statuses)) for e in stored.side_effects.values()) == [
        ("bruising", "2025-03-05", 1), ("headache", "2025-03-05", 1),
    ]  # fmt: skip
    (contact,) = stored.follow_ups.values()
    assert str(stored.treatments[contact.treatment].date) == "2025-03-03"
    assert imported(sqlite_engine, [RAW]).batch is None


def test_the_number_of_a_record_is_in_no_id(sqlite_engine):
    remembered_raw()
    imported(sqlite_engine, [RAW])
    stored = everything(sqlite_engine)["redcap raw"]
    ids = [*stored.treatments, *stored.follow_ups, *stored.side_effects]
    assert len(ids) == 6
    assert not any(number in source_id.split() for number in ("101", "102") for source_id in ids)


def test_labels_need_no_questions(sqlite_engine):
    proposal = proposed(LABELS)
    assert proposal.questions == ()
    mapping = proposal.to_spec()
    assert unanswered_settings(mapping) == []
    save_mapping("redcap", mapping)
    summary = imported(sqlite_engine, [LABELS])
    assert (summary.rows_read, summary.rows_stored, summary.rows_unchanged) == (4, 4, 0)
    stored = everything(sqlite_engine)["redcap labels"]
    assert sorted(i.area for v in stored.treatments.values() for i in v.injections) == [
        "forehead", "forehead", "glabella", "masseter",
    ]  # fmt: skip
    assert {effect.term for effect in stored.side_effects.values()} == {"headache", "bruising"}


def test_what_is_neither_ticked_nor_not_is_a_problem(sqlite_engine, tmp_path):
    remembered_raw()
    other = tmp_path / "export.csv"
    other.write_text(RAW.read_text().replace("RN,2,0,0,1,50", "RN,2,0,0,-999,50"))
    assert refusal(sqlite_engine, [other]) == [
        'export.csv, row 4, column area___3: "-999" is not a tick box. Expected: 1 or 0, Checked or Unchecked.'
    ]
