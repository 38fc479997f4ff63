"""Exports of practice software, walked as a person does: proposed, confirmed, imported, and counted by hand."""

import pytest

from data.files import read_tables
from data.mapping.spec import unanswered_settings
from data.mapping.store import load_presets, save_mapping
from data.mapping.suggestions import propose
from data.privacy.file_names import without_people
from data.problems import UNKNOWN_FORMAT, ImportRefusedError
from tests.data.exports import FOLDER, confirmed, proposed, remembered
from tests.data.factories import everything, imported, refusal

COST_OF_GOODS = FOLDER / "zenoti_cost_of_goods.csv"
APPOINTMENTS = FOLDER / "zenoti_appointments.csv"
INVOICES = FOLDER / "aesthetic_record_invoices.csv"
TRANSACTIONS = FOLDER / "vagaro_transactions.csv"
BOULEVARD = FOLDER / "boulevard.csv"
BOTOX = {"service_product": "botox_cosmetic"}  # of names that do not say


def lines(summary):
    return summary.rows_read, summary.rows_stored, summary.rows_changed, summary.rows_unchanged


def injections(engine, source):
    """What was injected, by treatment."""
    visits = everything(engine)[source].treatments.values()
    return {v.source_id: [(i.area, i.product, i.units) for i in v.injections] for v in visits}


def test_zenoti_cost_of_goods_asks_for_units_and_areas_and_reads_what_was_used_in_services(sqlite_engine):
    proposal = proposed(COST_OF_GOODS)
    assert proposal.preset == "Zenoti, Cost of Goods"
    assert [question.topic for question in proposal.questions] == ["lines", "units", "practitioner", "unplaced"]
    remembered("zenoti goods", proposal, units="yes", unplaced="no")
    summary = imported(sqlite_engine, [COST_OF_GOODS])
    # Of 7 lines: a filler, a sunscreen and what was used by hand are no treatments.
    assert lines(summary) == (7, 4, 0, 3)
    assert injections(sqlite_engine, "zenoti") == {
        "HIL1001": [("forehead", "botox_cosmetic", 12), ("glabella", "botox_cosmetic", 20)],
        "HIL1002": [(area, "dysport", None) for area in ("forehead", "glabella", "lateral_canthal")],
        "LAK0302": [("masseter", "xeomin", 50)],
    }
    visits = everything(sqlite_engine)["zenoti"].treatments
    assert visits["HIL1001"].client == visits["LAK0302"].client  # Ada, at two clinics
    assert {visit.practitioner for visit in visits.values()} == {None}  # who sold is not who injected
    assert any("left out, no toxin: 1 (Lip Filler / Juvederm Ultra 1ml 1)" in n for n in summary.notices)
    assert any("units per area are unknown: 1" in notice for notice in summary.notices)


def test_zenoti_appointments_leave_out_no_shows_and_facials(sqlite_engine):
    proposal = proposed(APPOINTMENTS)
    assert proposal.preset == "Zenoti, Appointments"
    assert [question.topic for question in proposal.questions] == ["lines", "unplaced", "service_product"]
    remembered("zenoti", proposal, **BOTOX, unplaced="yes")
    assert lines(imported(sqlite_engine, [APPOINTMENTS])) == (5, 3, 0, 2)
    assert injections(sqlite_engine, "zenoti") == {
        "HIL2001": [(None, "botox_cosmetic", 20)],
        "HIL2002": [(None, "botox_cosmetic", 20)],
        "HIL2005": [(area, "botox_cosmetic", None) for area in ("forehead", "glabella", "lateral_canthal")],
    }
    visits = everything(sqlite_engine)["zenoti"].treatments.values()
    assert {visit.practitioner for visit in visits} == {"Rita Needle"}
    assert len({visit.client for visit in visits}) == 3


def test_zenotis_two_exports_tell_clients_differently_and_say_so_before_anything_is_stored(sqlite_engine, tmp_path):
    """A guest of both would be two clients: the name is one pseudonym, the code another."""
    for file, other in ((COST_OF_GOODS, "Appointments"), (APPOINTMENTS, "Cost of Goods")):
        said = next(notice for notice in proposed(file).notices if "each guest would count as two clients" in notice)
        assert said.startswith(f"Zenoti's {other} report has the same visits")
    remembered("zenoti goods", proposed(COST_OF_GOODS), units="yes", unplaced="no")
    assert not any("count as two" in notice for notice in imported(sqlite_engine, [COST_OF_GOODS]).notices)
    remembered("zenoti", proposed(APPOINTMENTS), **BOTOX, unplaced="yes")
    preview = imported(sqlite_engine, [APPOINTMENTS], dry_run=True)
    assert (
        'the mapping "zenoti-goods" of the same source identifies clients by "Guest Name" and this one by '
        '"Guest Code": import only one of the two exports, or each client would count as two'
    ) in preview.notices


def test_a_visit_that_both_of_zenotis_exports_have_stays_one_and_the_other_client_is_shown_as_a_change(
    sqlite_engine, tmp_path
):
    remembered("zenoti goods", proposed(COST_OF_GOODS), units="yes", unplaced="no")
    remembered("zenoti", proposed(APPOINTMENTS), **BOTOX, unplaced="yes")
    imported(sqlite_engine, [COST_OF_GOODS])
    same = tmp_path / "appointments.csv"
    same.write_text(APPOINTMENTS.read_text().replace("HIL2001", "HIL1001"))
    preview = imported(sqlite_engine, [same], dry_run=True)
    assert ("HIL1001", "client") in [(change.source_id, change.what) for change in preview.changes]


def test_aesthetic_record_invoices_ask_for_the_clinic_and_the_order_of_day_and_month(sqlite_engine):
    proposal = proposed(INVOICES)
    assert proposal.preset == "Aesthetic Record, invoices"
    assert [question.topic for question in proposal.questions] == ["lines", "practitioner", "site", "unplaced", "dates"]
    remembered("invoices", proposal, site="main", dates="month first", unplaced="yes")
    # Of 5 lines: a filler, and a voided invoice.
    assert lines(imported(sqlite_engine, [INVOICES])) == (5, 3, 0, 2)
    assert injections(sqlite_engine, "aesthetic record") == {
        "5501": [("forehead", "xeomin", 20), ("glabella", "xeomin", 20)],
        "5504": [(None, "jeuveau", 40)],
    }
    days = {str(visit.date) for visit in everything(sqlite_engine)["aesthetic record"].treatments.values()}
    assert days == {"2025-05-02", "2025-05-05"}


def test_the_header_of_a_vagaro_export_is_on_row_6_and_a_gift_card_is_not_a_treatment(sqlite_engine):
    proposal = proposed(TRANSACTIONS)
    assert proposal.preset == "Vagaro, Transaction List"
    asked = ["lines", "units", "practitioner", "site", "unplaced", "dates"]
    assert [question.topic for question in proposal.questions] == asked
    answers = {"units": "yes", "practitioner": "yes", "site": "spa", "unplaced": "yes", "dates": "month first"}
    remembered("vagaro", proposal, **answers)
    assert lines(imported(sqlite_engine, [TRANSACTIONS])) == (5, 3, 0, 2)
    assert injections(sqlite_engine, "vagaro") == {
        "90001": [(None, "botox_cosmetic", 24)],
        "90002": [("perioral", "botox_cosmetic", 4)],
        "90004": [("forehead", "dysport", 60)],
    }
    told = {(str(v.date), v.site, v.practitioner) for v in everything(sqlite_engine)["vagaro"].treatments.values()}
    assert told == {
        ("2025-06-02", "spa", "Nora Seller"), ("2025-06-03", "spa", "Nora Seller"), ("2025-06-12", "spa", "Tom Seller"),
    }  # fmt: skip


def test_where_qty_is_vials_the_units_are_those_in_the_names_or_none(sqlite_engine):
    proposal = proposed(TRANSACTIONS)
    answers = {"units": "no", "site": "spa", "unplaced": "yes", "dates": "month first"}
    remembered("vagaro", proposal, **answers)
    imported(sqlite_engine, [TRANSACTIONS])
    units = {visit: given[0][2] for visit, given in injections(sqlite_engine, "vagaro").items()}
    assert units == {"90001": None, "90002": None, "90004": 60}


def test_boulevard_is_known_by_the_names_of_its_columns(sqlite_engine):
    proposal = proposed(BOULEVARD)
    assert proposal.preset is None
    assert {(one.name, one.text) for one in proposal.fields} >= {
        ("treatment_id", "{Appointment ID}"), ("date", "{Appointment Date}"), ("site", "{Location Name}"),
        ("client", "{Client ID}"), ("product", "{service.product}"),
    }  # fmt: skip
    assert [question.topic for question in proposal.questions] == ["lines", "practitioner", "unplaced"]
    remembered("boulevard", proposal, unplaced="no")
    assert lines(imported(sqlite_engine, [BOULEVARD])) == (4, 2, 0, 2)
    assert injections(sqlite_engine, "boulevard") == {
        "7f01": [("lateral_canthal", "dysport", 60)],
        "7f02": [("masseter", "botox_cosmetic", 50)],
    }


def test_the_next_export_of_a_source_needs_no_questions_and_the_same_lines_change_nothing(sqlite_engine, tmp_path):
    remembered("boulevard", proposed(BOULEVARD), unplaced="no")
    imported(sqlite_engine, [BOULEVARD])
    newer = tmp_path / "july and august.csv"
    line = "7f05,2025-08-01,Hill Clinic,c-35,Eve Unreal,BOTOX masseter  50 Units,Rita Needle,final\n"
    newer.write_text(BOULEVARD.read_text() + line)
    assert lines(imported(sqlite_engine, [newer])) == (5, 1, 0, 4)
    assert imported(sqlite_engine, [newer], mapping="boulevard").batch is None  # found by its name too


def test_a_visit_that_a_newer_export_no_longer_has_is_counted_and_stays(sqlite_engine, tmp_path):
    remembered("boulevard", proposed(BOULEVARD), unplaced="no")
    imported(sqlite_engine, [BOULEVARD])
    newer = tmp_path / "july.csv"
    text = BOULEVARD.read_text().replace(
        "Masseter 50 units,Rita Needle,final", "Masseter 50 units,Rita Needle,canceled"
    )
    newer.write_text(text + "7f06,2025-07-05,Hill Clinic,c-36,Eve Unreal,Botox Masseter 40 units,Rita Needle,final\n")
    summary = imported(sqlite_engine, [newer])
    assert any("but not in them: 1 of 2 (on 2025-07-02)" in notice for notice in summary.notices)
    assert len(everything(sqlite_engine)["boulevard"].treatments) == 3


def test_two_files_of_one_export_are_asked_about_together(sqlite_engine, tmp_path):
    august = tmp_path / "august.csv"
    header = BOULEVARD.read_text().splitlines()[0]
    august.write_text(header + "\n7f06,2025-08-02,Hill Clinic,c-36,Eve Unreal,Tox special,Rita Needle,final\n")
    proposal = propose([*read_tables(BOULEVARD), *read_tables(august)])
    assert len(proposal.table.rows) == 5
    assert "special" in {use.word for use in proposal.words}
    remembered("boulevard", proposal, service_product="xeomin", unplaced="yes")
    assert lines(imported(sqlite_engine, [BOULEVARD, august])) == (5, 3, 0, 2)


def test_refused_lines_of_a_remembered_source_can_be_corrected_and_sent_again(sqlite_engine, tmp_path):
    remembered("boulevard", proposed(BOULEVARD), unplaced="no")
    export = tmp_path / "july.csv"
    export.write_text(BOULEVARD.read_text().replace("2025-07-02", "2025-07-32"))
    summary = imported(sqlite_engine, [export], keep_refused=True)
    assert (*lines(summary), summary.rows_refused) == (4, 1, 0, 2, 1)
    (refused,) = summary.refused
    assert b"Bea Sample" not in refused.content
    mended = tmp_path / refused.name
    mended.write_bytes(refused.content.replace(b"2025-07-32", b"2025-07-02"))
    assert lines(imported(sqlite_engine, [mended])) == (1, 1, 0, 0)
    assert len(everything(sqlite_engine)["boulevard"].treatments) == 2


def test_a_new_name_of_a_service_is_a_question_and_never_a_guess(sqlite_engine, tmp_path):
    remembered("boulevard", proposed(BOULEVARD), unplaced="no")
    newer = tmp_path / "august.csv"
    newer.write_text(
        BOULEVARD.read_text() + "7f06,2025-08-02,Hill Clinic,c-36,Eve Unreal,Tox special,Rita Needle,final\n"
    )
    assert refusal(sqlite_engine, [newer]) == [
        'august.csv, row 6, column Service Name: "Tox special" is a service that nobody has confirmed. Expected: a '
        "service that a person has confirmed: look through the names of services again."
    ]


def test_a_header_that_changed_much_is_not_taken_for_the_one_remembered(sqlite_engine, tmp_path):
    remembered("boulevard", proposed(BOULEVARD), unplaced="no")
    other = tmp_path / "other.csv"
    header, *rest = BOULEVARD.read_text().splitlines()
    other.write_text("\n".join([header + ",A,B,C,D,E", *(line + ",1,2,3,4,5" for line in rest)]))
    assert "belong to no known format" in refusal(sqlite_engine, [other])[0]


def test_a_foreign_table_with_half_of_our_headings_is_not_taken_for_our_template(sqlite_engine, tmp_path):
    text = "date,site,product,zone\n2025-03-03,main,botox,forehead\n"
    (tmp_path / "export.csv").write_text(text)
    (tmp_path / "treatments.csv").write_text(text)
    with pytest.raises(ImportRefusedError) as error:
        imported(sqlite_engine, [tmp_path / "export.csv"])
    assert error.value.problems[0].code == UNKNOWN_FORMAT
    assert "column area: the column is missing" in refusal(sqlite_engine, [tmp_path / "treatments.csv"])[0]


def test_nothing_is_remembered_while_a_question_is_open(mappings_folder):
    mapping = proposed(APPOINTMENTS).to_spec()
    assert unanswered_settings(mapping) == ["unplaced", "services.product"]
    with pytest.raises(ImportRefusedError) as refused:
        save_mapping("zenoti", mapping)
    assert [problem.column for problem in refused.value.problems] == ["unplaced", "services.product"]
    assert not mappings_folder.exists()


PRACTICE_SOFTWARE = (COST_OF_GOODS, APPOINTMENTS, INVOICES, TRANSACTIONS, BOULEVARD)


@pytest.mark.parametrize("file", PRACTICE_SOFTWARE, ids=lambda file: file.stem)
def test_no_name_of_a_client_is_proposed_shown_or_stored(sqlite_engine, sqlite_url, mappings_folder, file):
    proposal = proposed(file)
    people = ("Ada", "Bea", "Cleo", "Dora", "Example", "Madeup", "Fiction")
    shown = [value for column in proposal.table.columns for value in proposal.examples(column)]
    assert not any(name in value for name in people for value in shown)
    answers = {"units": "yes", "site": "spa", "unplaced": "yes", "dates": "month first"}
    remembered("export", proposal, **BOTOX, **answers)
    imported(sqlite_engine, [file])
    everywhere = str(everything(sqlite_engine)) + "".join(f.read_text() for f in mappings_folder.iterdir())
    assert not any(name in everywhere for name in people)


def test_a_column_with_names_can_become_a_pseudonym_and_nothing_else():
    proposal = proposed(COST_OF_GOODS)
    with pytest.raises(ImportRefusedError, match="1 problem"):
        confirmed(proposal, fields={("treatments", "lot"): "{Guest Name}"}, units="yes", unplaced="no")


@pytest.mark.parametrize("name", load_presets())
def test_a_file_named_after_its_export_keeps_that_name(name):
    """The words of every preset belong in data/reference/file_words.txt."""
    for stem in (name, load_presets()[name].title.replace(",", "")):
        assert without_people(f"{stem}.csv") == f"{stem}.csv"
