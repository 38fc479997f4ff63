"""What each page has to say of the made-up clinic: the truths planted in it (data/sample/generator.py), and its own
cautions."""

import re
from datetime import date

import pytest

from dashboard.text import case_sentences, comparison_sentences, duration_sentences, rate_sentences
from dashboard.text.formatting import month
from data.as_of import as_of_date
from data.database.engine import open_database
from data.importing.pipeline import import_files
from data.sample.generator import make_sample
from tests.dashboard.page_text import said
from tests.data.factories import written

ALL_DATES = {"period": "All dates"}
LONG_PAST = date(2025, 11, 22)


def text(app) -> str:
    assert not app.exception
    return said(app)


@pytest.fixture(scope="module")
def busy_clinic_url(tmp_path_factory) -> str:
    """The sample clinic with as many treatments as a month needs to stand out, of a day long past: every follow-up is
    over, so that what stands out is the same whenever it is looked at."""
    url = f"sqlite:///{tmp_path_factory.mktemp('busy') / 'sequela.db'}"
    engine = open_database(url)
    make_sample(engine, 12_000, seed=1, today=LONG_PAST)
    engine.dispose()
    return url


def test_overview_says_how_many_had_a_side_effect(open_page, clinic_url):
    app = open_page(clinic_url, **ALL_DATES)
    assert re.search(r"Of [\d,]+ treatments followed up, \d+ had a side effect: [\d.]+% \(", text(app))


def test_the_worse_lot_is_higher_than_expected(open_page, busy_clinic_url):
    assert "Higher than expected: lot BC-10 (Botox Cosmetic)" in text(
        open_page(busy_clinic_url, "products", **ALL_DATES)
    )


def test_the_overview_names_the_measures_that_rose_on_trends(open_page, busy_clinic_url):
    wall = open_page(busy_clinic_url, "trends", **ALL_DATES)
    rose = [text.value for text in wall.markdown if text.value.startswith("**Rose above baseline in ")]
    sentence = next(line for line in text(wall).splitlines() if "higher than expected" in line)
    assert sentence.startswith(f"{len(rose)} of ") and "ruising and hematoma" in sentence
    named = re.findall(r"\*\*(.*) rose above baseline in ", text(open_page(busy_clinic_url, **ALL_DATES)))
    assert len(named) == len(rose) and "Bruising and hematoma" in named


def test_the_verdict_on_a_measure_is_the_same_whatever_the_period_and_the_filters(open_page, busy_clinic_url):
    chosen = (
        {"period": "This month"},
        {"period": "12 months", "sites": "Buckhead"},
        {**ALL_DATES, "areas": "forehead"},
    )
    pages = [open_page(busy_clinic_url, "trends", measure="Bruising and hematoma", **address) for address in chosen]
    verdicts = {(app.header[-1].value, app.markdown[-1].value) for app in pages}
    assert len(verdicts) == 1
    assert verdicts.pop()[0].startswith("Bruising and hematoma\\: rose above baseline in ")


def test_every_published_rate_of_the_table_stands_with_its_dose_and_how_it_was_asked_for(open_page, clinic_url):
    app = open_page(clinic_url, "side_effects", **ALL_DATES)
    (table,) = [frame.value for frame in app.dataframe if "published_rate" in frame.value]
    beside = table.side_effect[table.published_rate.notna()]
    told = " ".join(caption.value for caption in app.caption if caption.value.startswith("Published for"))
    told = told.replace("\\", "")  # of Markdown
    assert len(beside) > 2
    bases = table.published_base[table.published_rate.notna()]
    assert bases.str.match(r"of [\d,]+( \(.*\))?, \S").all()
    for name in beside:
        assert name.strip().removesuffix("\N{NO-BREAK SPACE}*").lower() in told.lower()
    assert "dose " in told and "counted in clients" in told and "asked" in told


def test_chewing_weakness_stands_next_to_30_percent_of_2036_sessions_of_the_masseter(open_page, clinic_url):
    app = open_page(clinic_url, "side_effects", **ALL_DATES)
    (table,) = [frame.value for frame in app.dataframe if "published_rate" in frame.value]
    row = table[table.side_effect.str.contains("Chewing weakness")].iloc[0]
    assert (row.published_rate, row.published_base) == (30.0, "of 2,036, masseter")
    (citation,) = [caption.value for caption in app.caption if "chewing weakness" in caption.value]
    assert "Every complaint was recorded" in citation


def test_durations_stand_next_to_published_ones(open_page, clinic_url):
    app = open_page(clinic_url, "durations", **ALL_DATES)
    printed = " ".join(cell for table in app.table for cell in table.value["Printed"])
    assert "often settle within 3 to 4 weeks" in printed
    assert "Published durations of results" in text(app)


def test_a_measure_is_opened_from_its_card_and_counted_in_its_unit(open_page, clinic_url):
    app = open_page(clinic_url, "trends", **ALL_DATES)
    app.button(key="measure_eyelid_ptosis").click().run()
    assert not app.exception
    assert app.selectbox("measure").value == "eyelid_ptosis"
    assert "treated areas" in app.get("plotly_chart")[0].proto.spec


def test_weakness_shows_the_slope_planted_in_the_forehead(open_page, busy_clinic_url):
    cell = {"family": "nearby_weakness", "area": "forehead", "product": "botox_cosmetic"}
    app = open_page(busy_clinic_url, "dose", **ALL_DATES, **cell)
    told = text(app)
    assert "Nearby-muscle weakness: forehead lines" in told
    low, high = re.search(r"with dose: ([\d.]+)% at \d+ Botox units, ([\d.]+)% at \d+\.", told).groups()
    assert float(low) < float(high)
    assert "odds" not in told
    (verdict,) = [heading for heading in app.subheader if "Botox units" in heading.value]
    assert "multiply the odds by" in verdict.help
    assert comparison_sentences.DOSE_CAUTION in told


def test_aftercare_credits_no_remedy(open_page, clinic_url):
    assert case_sentences.REMEDIES_NOT_CREDITED in text(open_page(clinic_url, "aftercare", **ALL_DATES))


def test_aftercare_compares_courses_of_one_side_effect_and_grade(open_page, busy_clinic_url):
    app = open_page(busy_clinic_url, "aftercare", **ALL_DATES)
    app.selectbox("aftercare_family").select("injection_site").run()
    app.selectbox("remedy").select("cold_pack").run()
    assert not app.exception
    (stratum,) = [box for box in app.selectbox if box.label == "Side effect and grade"]
    assert stratum.options[0] == "Bruising, grade 1 (mild)"
    assert re.search(r"With cold pack: \d+ cases, half had ended within [\d.]+ days", text(app))
    app.selectbox("aftercare_family").select("nearby_weakness").run()
    assert not app.exception
    assert "cold pack" not in text(app)


def test_aftercare_counts_a_side_effect_without_a_first_day_and_draws_no_course(open_page, tmp_path, monkeypatch):
    monkeypatch.setenv("SEQUELA_KEY_FILE", str(tmp_path / "key"))
    url = f"sqlite:///{tmp_path / 'clinic.db'}"
    engine = open_database(url)
    treatments = """
        treatment_id | date       | site  | client | area     | product        | units
        V1           | 2026-01-05 | north | 1      | glabella | botox_cosmetic | 20
    """
    effects = """
        effect_id | treatment_id | side_effect | onset | status_date | state
        E1        | V1           | bruising    |       | 2026-01-19  | present
    """
    remedies = """
        effect_id | remedy  | kind
        E1        | massage | advised
    """
    files = written(tmp_path, treatments=treatments, side_effects=effects, remedies=remedies)
    import_files(engine, files, source="practice")
    engine.dispose()
    app = open_page(url, "aftercare", **ALL_DATES)
    assert "No courses are compared for massage" in text(app)
    assert "advised in 1 of 1" in app.table[0].value["Remedy"].iloc[0]


def test_validation_reproduces_every_published_number(open_page, clinic_url):
    agreeing, numbers = re.search(r"([\d,]+) of ([\d,]+) published", text(open_page(clinic_url, "validation"))).groups()
    assert agreeing == numbers


def test_every_validated_number_stands_under_the_whole_name_of_its_source(open_page, clinic_url):
    app = open_page(clinic_url, "validation")
    sources = [heading.value for heading in app.subheader]
    assert any(
        "Klein & Moeschberger 1997; in the tests of statsmodels" in source.replace("\\", "") for source in sources
    )
    assert len(sources) == len(app.table)
    assert all("Source" not in table.value.columns for table in app.table)


def test_durations_lead_with_one_family_and_never_with_all_side_effects_together(open_page, clinic_url):
    app = open_page(clinic_url, "durations", **ALL_DATES)
    told = text(app)
    assert re.search(r"Nearby-muscle weakness: half had ended within [\d.]+ days \(\d", told)
    assert "we know only that they ended between two contacts" in told
    assert duration_sentences.UNSEEN_ENDS in told
    assert "All side effects" not in told
    families = app.dataframe[0].value
    assert list(families.family)[:2] == ["Nearby-muscle weakness", "Injected-muscle weakness"]
    assert families.published[0].startswith("Eyelid ptosis 21–28 days")
    app.selectbox("durations_family").select("injected_weakness").run()
    assert "Injected-muscle weakness: half had ended within" in text(app)


def test_open_cases_come_first_and_say_when_they_were_last_seen(open_page, clinic_url):
    listed = open_page(clinic_url, "durations", **ALL_DATES).dataframe[1].value
    is_open = listed.status.str.startswith("Open")
    assert is_open.any() and is_open.is_monotonic_decreasing
    assert listed.last_seen.notna().equals(is_open)


def test_side_effects_say_how_they_were_asked_for(open_page, clinic_url):
    told = text(open_page(clinic_url, "side_effects", **ALL_DATES))
    assert re.search(
        r"How clients were asked, [\d,]+ treatments followed up: checklist [\d,]+, open question [\d,]+", told
    )
    assert rate_sentences.ASKED_DIFFERENTLY in told


def test_the_red_flag_opens_its_case(open_page, clinic_url):
    told = text(open_page(clinic_url, "cases", red_flag="1"))
    assert "Red flags not yet reviewed, of all dates" in told
    assert re.search(r"^1 side effect ", told, flags=re.MULTILINE)


def test_treatments_are_counted_up_to_this_month(open_page, clinic_url):
    app = open_page(clinic_url, "treatments", **ALL_DATES)
    assert month(as_of_date()) in list(app.dataframe[0].value["month"])
    assert comparison_sentences.UNITS_DO_NOT_CONVERT in text(app)
    intervals = next(table.value for table in app.dataframe if "half_within" in table.value)
    assert intervals.half_within[0].endswith(")") and " days (" in intervals.half_within[0]


def test_people_are_not_ranked_and_a_practitioner_is_told_the_own_result(open_page, clinic_url):
    assert comparison_sentences.NO_RANKING in text(open_page(clinic_url, "people", **ALL_DATES))
    own = text(open_page(clinic_url, "people", **ALL_DATES, **{"as": "Practitioner: RN 3"}))
    assert re.search(r"^You: \d+ of \d+", own, flags=re.MULTILINE)
    assert not re.search(r"\bP[12456]\b", own)


def test_data_quality_says_whether_the_figures_can_be_trusted(open_page, clinic_url):
    assert "Can these figures be trusted?" in text(open_page(clinic_url, "data_quality", **ALL_DATES))


def test_methods_say_which_interval_is_used(open_page, clinic_url):
    assert "Wilson" in text(open_page(clinic_url, "methods"))


def test_a_change_noted_on_trends_is_shown_and_can_be_removed(open_page, tmp_path):
    url = f"sqlite:///{tmp_path / 'sequela.db'}"
    engine = open_database(url)
    make_sample(engine, 200, seed=1, today=as_of_date())
    engine.dispose()
    app = open_page(url, "trends", measure="Headache", **ALL_DATES)
    app.text_input(key="marker_what").set_value("a new needle")
    next(button for button in app.button if button.label == "Add note").click().run()
    noted = next(box for box in app.selectbox if box.label == "Noted changes")
    assert [option.endswith(": a new needle") for option in noted.options] == [True]
    noted.set_value(noted.options[0])
    next(button for button in app.button if button.label == "Remove note").click().run()
    assert not app.exception
    assert "Noted changes" not in [box.label for box in app.selectbox]


def test_a_recall_list_names_each_treatment_as_the_practice_software_does(open_page, clinic_url):
    app = open_page(clinic_url, "products", **ALL_DATES)
    app.session_state["lots"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    assert "all dates, all sites. Client numbers are those of these records." in text(app)
    (listed,) = (grid.value for grid in app.dataframe if "visit_or_invoice" in grid.value.columns)
    assert len(listed)
    assert all(re.fullmatch(r"T\d+", visit) for visit in listed.visit_or_invoice)


def test_the_welcome_speaks_in_whole_sentences(open_page, empty_url):
    assert "With 150 treatments where it can occur, a doubling of eyelid ptosis" in text(open_page(empty_url))
