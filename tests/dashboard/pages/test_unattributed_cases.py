"""Nothing serious is hidden: a side effect that belongs to no treatment stands on Overview, Cases and the call list."""

from pathlib import Path

import pytest

from dashboard.text.call_sentences import SIDE_EFFECT_LIST
from data.database.engine import open_database
from data.importing.pipeline import import_files
from tests.dashboard.page_text import lead, said
from tests.data.factories import written

CASES = Path(__file__).parents[2] / "fixtures" / "cases"
TREATMENTS = """
treatment_id | date       | site | practitioner | client | area     | product        | units
V1           | 2026-05-01 | main | AB           | 1      | glabella | botox_cosmetic | 20
V2           | 2026-05-13 | main | CD           | 2      | glabella | botox_cosmetic | 20
V3           | 2026-10-20 | main | CD           | 2      | glabella | botox_cosmetic | 20
"""
FOLLOW_UPS = """
treatment_id | date       | method | outcome | asked
V1           | 2026-06-01 | phone  | done    | checklist
V2           | 2026-06-01 | phone  | done    | checklist
V3           | 2026-11-10 | phone  | done    | checklist
"""
# Both of client 2: one began before the first treatment, the other was told without an onset before any contact.
SIDE_EFFECTS = """
effect_id | treatment_id | client | side_effect | onset      | serious         | status_date | state   | grade
E1        |              | 2      | dysphagia   | 2026-05-10 | hospitalisation | 2026-05-11  | present | severe
E2        |              | 2      | headache    | 2026-05-10 |                 | 2026-05-11  | gone    | mild
"""
BELONGS = (
    "2 side effects belong to no treatment: headache 1 and swallowing difficulty (dysphagia) 1. 1 is serious, "
    "1 is still open. They count in no rate."
)


def clinic(folder: Path, files) -> str:
    url = f"sqlite:///{folder / 'sequela.db'}"
    engine = open_database(url)
    import_files(engine, files, source="practice")
    engine.dispose()
    return url


@pytest.fixture(scope="module")
def unattributed_url(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("unattributed")
    files = written(folder, treatments=TREATMENTS, follow_ups=FOLLOW_UPS, side_effects=SIDE_EFFECTS)
    return clinic(folder, files)


@pytest.mark.parametrize("period", ["12 months", "This month"])  # in the second, nobody was treated
def test_the_overview_names_them_in_every_period(open_page, unattributed_url, period):
    app = open_page(unattributed_url, period=period)
    text = said(app)
    assert BELONGS in text
    assert "1 Swallowing difficulty (dysphagia), onset 10 May 2026" in text or "1 swallowing" in text
    assert "1 side effect is still open: 1 without a treatment. It was last present after 2 days" in text
    assert "No side effect is open" not in text and "none had" not in text and "No generalized" not in text
    assert any(SIDE_EFFECT_LIST.replace(" ", "+") in place for _, place in lead(app))


def test_the_open_card_counts_what_the_sentence_and_the_call_list_count(open_page, unattributed_url):
    cards = {metric.label: metric.value for metric in open_page(unattributed_url).metric}
    assert cards["Open now"] == "1"
    assert "1 side effect is open." in said(open_page(unattributed_url, "call_list"))


def test_the_list_of_cases_ends_with_them_whatever_it_is_narrowed_to(open_page, unattributed_url):
    app = open_page(unattributed_url, "cases", area="glabella", period="Last month")
    assert BELONGS in said(app)
    (table,) = [frame.value for frame in app.dataframe if "reason" in frame.value]
    assert table.side_effect.tolist() == ["Swallowing difficulty (dysphagia)", "Headache"]
    assert table.reason.unique().tolist() == ["Before the first treatment on record"]
    assert not list(open_page(unattributed_url, "cases", open="1", side_effect="headache").dataframe)


def test_the_case_itself_opens(open_page, unattributed_url):
    app = open_page(unattributed_url, "cases", red_flag="1")
    (table,) = [frame.value for frame in app.dataframe]
    told = said(open_page(unattributed_url, "cases", case=str(table.case.iloc[0])))
    assert "Belongs to no treatment: before the first treatment on record." in told


def test_it_can_be_asked_about_from_the_call_list_first_of_all(open_page, unattributed_url):
    """The client came back in October and nobody asked how it was."""
    app = open_page(unattributed_url, "call_list", calls=SIDE_EFFECT_LIST)
    assert not app.exception
    (table,) = [frame.value for frame in app.dataframe]
    assert table.status.tolist() == ["Seen later, no answer"]
    assert "Belongs to no treatment" in said(app)
    next(button for button in app.button if button.label == "Resolved").click().run()
    assert not app.exception


def test_others_do_not_see_them(open_page, unattributed_url):
    for page in ({}, {"page": "cases"}):
        assert "belong to no treatment" not in said(open_page(unattributed_url, **page, **{"as": "Practitioner: AB"}))
    assert BELONGS in said(open_page(unattributed_url, **{"as": "Practitioner: CD"}))


@pytest.mark.parametrize(
    ("folder", "rate"),
    [("18-serious-without-onset", "Of 2 treatments followed up, 1 had a side effect"),
     ("69-red-flag-before-and-worse", "Of 3 treatments followed up, 1 had a side effect")],
)  # fmt: skip
def test_a_red_flag_stands_first_and_counts_once_it_has_a_treatment(open_page, tmp_path, folder, rate):
    url = clinic(tmp_path, sorted((CASES / folder).glob("*.csv")))
    app = open_page(url, period="All dates")
    assert "dysphagia" in app.warning[0].value
    assert rate in said(app)
    assert "1 side effect is still open" in said(app)
    assert "dysphagia" in str(open_page(url, "cases", period="All dates").dataframe[0].value.side_effect.tolist())
