"""Who was asked, and how, on a clinic of six visits: one in follow-up, two whose clients volunteered a headache."""

import pytest

from dashboard.shell import query_cache
from data.analysis import estimates
from data.analysis.scope import WHOLE_CLINIC
from data.analysis.selection import Selection
from data.database.engine import open_database
from data.importing.pipeline import import_files
from tests.dashboard.page_text import said
from tests.data.factories import written

TREATMENTS = """
treatment_id | date       | site | practitioner | client | area     | product        | units
later        | 2026-08-03 | main | AB           | 1      | glabella | botox_cosmetic | 20
never        | 2026-08-04 | main | AB           | 2      | glabella | botox_cosmetic | 20
asked        | 2026-08-05 | main | AB           | 3      | glabella | botox_cosmetic | 20
silent       | 2026-08-06 | main | AB           | 4      | glabella | botox_cosmetic | 20
somehow      | 2026-08-07 | main | AB           | 5      | glabella | botox_cosmetic | 20
young        | 2026-11-10 | main | AB           | 6      | glabella | botox_cosmetic | 20
"""
FOLLOW_UPS = """
treatment_id | date       | outcome | asked
later        | 2026-08-20 | done    | checklist
asked        | 2026-08-20 | done    | open
somehow      | 2026-08-20 | done    |
young        | 2026-11-23 | done    | checklist
"""
SIDE_EFFECTS = """
effect_id | treatment_id | side_effect | onset      | status_date | state | came_to_light
E1        | later        | headache    | 2026-08-04 | 2026-08-05  | gone  | volunteered
E2        | never        | headache    | 2026-08-05 | 2026-08-06  | gone  | volunteered
"""


@pytest.fixture(scope="module")
def six_visits_url(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("six")
    url = f"sqlite:///{folder / 'sequela.db'}"
    engine = open_database(url)
    files = written(folder, treatments=TREATMENTS, follow_ups=FOLLOW_UPS, side_effects=SIDE_EFFECTS)
    import_files(engine, files, source="practice")
    engine.dispose()
    return url


def test_the_pages_say_how_clients_were_asked_and_whether_volunteers_were(open_page, six_visits_url):
    volunteers = "Of 2 who volunteered first, 1 was asked later; of the others, 67%."
    headline = (
        "Of 3 treatments followed up, 1 had a side effect: 33.3% (6.1–79.2). Another 1 was volunteered. "
        "How clients were asked is not recorded for 33%."
    )
    overview, page = (open_page(six_visits_url, name) for name in ("overview", "side_effects"))
    for told in (said(overview), said(page)):
        assert headline in told and volunteers in told
    # The treatment in follow-up is in none of them, and what was volunteered is no unknown outcome.
    ways = "How clients were asked, 3 treatments followed up: checklist 1, open question 1, not recorded 1 (33%)."
    assert ways in said(page)
    assert "1 outcome is unknown." in said(overview)
    (table,) = [frame.value for frame in page.dataframe if "how_asked" in frame.value]
    assert table[["how_asked", "events", "followed_up"]].to_numpy().tolist() == [
        ["Checklist", 1, 1], ["Open question", 0, 1], ["Not recorded", 0, 1],
    ]  # fmt: skip


def test_the_ways_of_asking_add_up_to_all_that_were_followed_up(open_page, clinic_url):
    open_page(clinic_url)
    for unit in ("treatment", "area"):
        whole, by_way = (
            query_cache.cached_query(estimates.rates, WHOLE_CLINIC, Selection(unit=unit), by)
            for by in ((), ("how_asked",))
        )
        for name in ("events", "followed_up", "volunteered", "total"):
            assert whole[name].sum() == by_way[name].sum()
