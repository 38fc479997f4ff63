"""A mapping: a foreign table fills the sheets of the template; what is wrong with table or mapping is said."""

from tests.data.factories import everything, imported, refusal, written

VISITS = """
    when       | clinic | who | what     | brand   | amount | felt     | since      | weeks
    03/25/2025 | A      | 7   | forehead | Botox   | 20     | headache | 03/26/2025 |
    03/26/2025 | A      | 8   | frown    | Dysport | 50     |          |            |
    04/01/2025 | A      | 7   | follow   |         |        |          |            | 2
"""
MAPPING = """
source = "our old software"
attribution_days = "no limit"

[treatments]
where = { brand = "*" }
date = "{when}"
site = "{clinic}"
client = "{who}"
area = { from = "{what}", codes = { frown = "glabella", forehead = "forehead" } }
product = { from = "{brand}", codes = { Botox = "botox_cosmetic", Dysport = "dysport" } }
units = "{amount}"

[follow_ups]
where = { what = ["follow"] }
client = "{who}"
treated_on = "2025-03-25"
date = "2025-03-25 + {weeks} weeks"
outcome = "done"
asked = "open"

[side_effects]
where = { felt = "*" }
effect_id = "{who}-{since}"
client = "{who}"
side_effect = "{felt}"
onset = "{since}"
"""


def mapped(folder, table=VISITS, mapping=MAPPING):
    (folder / "ours.toml").write_text(mapping)
    return {"paths": written(folder, visits=table), "mapping": folder / "ours.toml"}


def files(folder, **how):
    how = mapped(folder, **how)
    return how.pop("paths"), how


def test_a_mapping_fills_treatments_follow_ups_and_side_effects_from_one_table(sqlite_engine, tmp_path):
    paths, how = files(tmp_path)
    summary = imported(sqlite_engine, paths, **how)
    assert (summary.source, summary.format, summary.rows_stored) == ("our old software", "mapping", 3)
    stored = everything(sqlite_engine)["our old software"]
    given = {(str(v.date), i.area, i.product, i.units) for v in stored.treatments.values() for i in v.injections}
    assert given == {
        ("2025-03-25", "forehead", "botox_cosmetic", 20), ("2025-03-26", "glabella", "dysport", 50),
    }  # fmt: skip
    (contact,), (effect,) = stored.follow_ups.values(), stored.side_effects.values()
    assert (str(contact.date), contact.asked) == ("2025-04-08", "open")
    assert stored.treatments[contact.treatment].client == effect.client
    assert (effect.term, str(effect.onset_first)) == ("headache", "2025-03-26")


def test_the_same_table_by_the_same_mapping_again_changes_nothing(sqlite_engine, tmp_path):
    paths, how = files(tmp_path)
    imported(sqlite_engine, paths, **how)
    assert imported(sqlite_engine, paths, **how).batch is None


def test_a_cell_without_a_translation_is_a_problem_with_the_tables_own_column(sqlite_engine, tmp_path):
    paths, how = files(tmp_path, table=VISITS.replace("Dysport", "Dysprot"))
    assert refusal(sqlite_engine, paths, **how) == [
        'visits.csv, row 3, column brand: "Dysprot" has no translation in the mapping. '
        "Expected: one of Botox, Dysport, which the mapping translates."
    ]


def test_a_missing_column_of_the_table_is_said(sqlite_engine, tmp_path):
    paths, how = files(tmp_path, table=VISITS.replace("amount", "amounts"))
    told = refusal(sqlite_engine, paths, **how)
    assert told[0].startswith('visits.csv, column amount: the column is missing; did you mean "amounts"? Expected: ')


def test_day_and_month_can_be_given_once_for_a_table_that_proves_neither(sqlite_engine, tmp_path):
    table = VISITS.replace("03/25/2025", "03/04/2025").replace("03/26/2025", "03/05/2025")
    mapping = MAPPING.replace("2025-03-25", "2025-04-03")
    paths, how = files(tmp_path, table=table, mapping=mapping)
    assert "may be day/month or month/day" in refusal(sqlite_engine, paths, **how)[0]
    paths, how = files(tmp_path, table=table, mapping='dates = "day first"\n' + mapping)
    imported(sqlite_engine, paths, **how)
    days = {str(visit.date) for visit in everything(sqlite_engine)["our old software"].treatments.values()}
    assert days == {"2025-04-03", "2025-05-03"}


def test_a_date_of_few_lines_is_proven_by_all_lines_of_the_table(sqlite_engine, tmp_path):
    """The one line with a side effect could be 3 April or 4 March; the others have a 25 and a 26."""
    table = VISITS.replace("03/25/2025 | A      | 7   | forehead", "03/04/2025 | A      | 7   | forehead")
    mapping = MAPPING.replace("2025-03-25", "2025-03-04").replace('onset = "{since}"', 'onset = "{when} + 2 days"')
    mapping = mapping.replace("{who}-{since}", "{who}") + 'status_date = "{when}"\nstate = "present"\n'
    table = table.replace("04/01/2025", "04/25/2025")
    paths, how = files(tmp_path, table=table, mapping=mapping)
    imported(sqlite_engine, paths, **how)
    (effect,) = everything(sqlite_engine)["our old software"].side_effects.values()
    assert (str(effect.onset_first), str(effect.statuses[0].date)) == ("2025-03-06", "2025-03-04")


def test_everything_wrong_with_a_mapping_is_said_at_once(sqlite_engine, tmp_path):
    mapping = MAPPING.replace("source =", "sauce =").replace("units =", "unit =").replace('"no limit"', '"for ever"')
    paths, how = files(tmp_path, mapping=mapping.replace("from =", "form ="))
    told = refusal(sqlite_engine, paths, **how)
    assert [line.split(":")[0] for line in told] == [
        "ours.toml, column source",
        "ours.toml, column sauce",
        "ours.toml, column attribution_days",
        "ours.toml, column treatments.area",
        "ours.toml, column treatments.product",
        "ours.toml, column treatments.unit",
    ]
    assert 'did you mean "source"?' in told[1]
    assert 'did you mean "units"?' in told[5]


def test_a_mapping_that_is_not_there_or_no_toml_is_refused(sqlite_engine, tmp_path):
    paths, how = files(tmp_path, mapping="[treatments\n")
    assert "ours.toml: is not valid TOML" in refusal(sqlite_engine, paths, **how)[0]
    assert "one of cdystonia" in refusal(sqlite_engine, paths, mapping="nowhere")[0]


def test_without_a_mapping_a_foreign_table_is_refused(sqlite_engine, tmp_path):
    paths, _ = files(tmp_path)
    assert "--mapping FILE" in refusal(sqlite_engine, paths)[0]
    assert refusal(sqlite_engine, paths, format="mapping")[0].startswith("mapping: no mapping was named")


def test_what_is_wrong_with_names_of_services_and_boxes_is_said_with_its_place(sqlite_engine, tmp_path):
    mapping = """
        source = "ours"
        unplaced = "yes"
        header = "date"

        [treatments]
        where = { state = "?" }
        date = "{when}"
        site = "?"
        client = "{who}"
        area = { ticked = { area___1 = "?" } }
        product = { ticked = "area___1" }

        [services]
        from = "{what}"

        [services.names]
        "B20" = "?"
        "Tox" = { prodcut = "botox" }
        "Peel" = "not read"
    """
    paths, how = files(tmp_path, mapping=mapping)
    told = [line.split(":")[0] + ":" + line.split(":")[1] for line in refusal(sqlite_engine, paths, **how)]
    assert [line.split(". Expected")[0] for line in told] == [
        "ours.toml, column unplaced: has a value that is not accepted (Invalid enum value 'yes')",
        "ours.toml, column header: has a value that is not accepted (Expected `array`, got `str`)",
        "ours.toml, column treatments.product: does not say where a cell comes from (Expected `object`, got `str` - at "
        "`$.ticked`)",
        "ours.toml, column services.names.Tox: does not say what a service is (Invalid enum value 'prodcut' - at `key` "
        "in `$`)",
        "ours.toml, column treatments.where.state: is not answered yet",
        "ours.toml, column treatments.site: is not answered yet",
        "ours.toml, column treatments.area.ticked.area___1: is not answered yet",
        "ours.toml, column services.names.B20: is not answered yet",
    ]


def test_an_offset_too_large_for_any_calendar_is_a_problem(sqlite_engine, tmp_path):
    paths, how = files(tmp_path, table=VISITS.replace("|        |          |            | 2", "| | | | 999999999999"))
    assert '"2025-03-25 + 999999999999 weeks"' not in (told := refusal(sqlite_engine, paths, **how)[0])
    assert told.startswith('visits.csv, row 4, column weeks: "999999999999" ')


def test_a_field_of_a_service_needs_the_names_of_services(sqlite_engine, tmp_path):
    mapping = MAPPING.replace('units = "{amount}"', 'units = "{service.units}"')
    paths, how = files(tmp_path, mapping=mapping)
    assert "treatments.units: needs the names of services" in refusal(sqlite_engine, paths, **how)[0]


def test_an_id_made_with_the_clients_number_holds_its_pseudonym(sqlite_engine, tmp_path):
    paths, how = files(
        tmp_path, mapping=MAPPING.replace('date = "{when}"', 'treatment_id = "{who} {when}"\ndate = "{when}"')
    )
    imported(sqlite_engine, paths, **how)
    stored = everything(sqlite_engine)["our old software"]
    (effect,) = stored.side_effects.values()
    assert effect.source_id == f"{effect.client}-03/26/2025"
    visits = [visit for visit in stored.treatments.values() if visit.client == effect.client]
    assert {visit.source_id for visit in visits} >= {f"{effect.client} 03/25/2025"}


def test_rows_that_no_section_uses_are_counted(sqlite_engine, tmp_path):
    table = VISITS.rstrip() + "\n    04/02/2025 | A | 9 | phone | | | | |\n"
    paths, how = files(tmp_path, table=table)
    summary = imported(sqlite_engine, paths, **how)
    assert (summary.rows_read, summary.rows_stored, summary.rows_unchanged) == (4, 3, 1)
    assert "visits.csv: rows that the mapping does not use: 1 of 4" in summary.notices


def test_one_dose_for_two_areas_is_kept_in_neither(sqlite_engine, tmp_path):
    table = """
        when       | who | what      | amount
        2025-03-25 | 7   | Tox of 2  | 30
        2025-03-26 | 8   | Tox       | 20
    """
    mapping = """
        source = "ours"

        [treatments]
        date = "{when}"
        site = "main"
        client = "{who}"
        area = "{service.area}"
        product = "{service.product}"
        units = "{amount}"

        [services]
        from = "{what}"

        [services.names]
        "Tox of 2" = [{ product = "xeomin", area = "forehead" }, { product = "xeomin", area = "glabella" }]
        "tox" = { product = "xeomin", area = "masseter" }
    """
    paths, how = files(tmp_path, table=table, mapping=mapping)
    summary = imported(sqlite_engine, paths, **how)
    stored = everything(sqlite_engine)["ours"]
    given = sorted((i.area, i.units) for visit in stored.treatments.values() for i in visit.injections)
    assert given == [("forehead", None), ("glabella", None), ("masseter", 20)]
    assert (
        "visits.csv: rows with several areas and one dose, so that units per area are unknown: 1 (30 units)"
        in summary.notices
    )
