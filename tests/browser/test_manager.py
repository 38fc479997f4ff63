"""The manager before the monthly meeting, from the red flag to the lot table, and the numbers on the way."""

import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from tests.browser.axe_report import median, row_of
from tests.browser.page_driver import CHART, clicks_point, downloads, follows, main_text, picks, reads_chart
from tests.chromium import at_rest


def test_the_manager_gets_from_the_red_flag_to_the_worse_lot(clinic, visit):
    page: Page = visit()
    page.goto(clinic)
    at_rest(page)
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible()

    page.get_by_test_id("stAlert").first.wait_for()
    page.get_by_role("link", name=re.compile("^Open case \\d+$")).click()
    expect(page.get_by_text("Red flags not yet reviewed, of all dates")).to_be_visible()
    at_rest(page)
    assert "dysphagia" in main_text(page).lower()

    follows(page, "Side effects")
    picks(page, "Period", "All dates")
    page.get_by_role("button", name=re.compile("Filters")).click()
    picks(page, "Sites", "Midtown")
    page.keyboard.press("Escape")
    at_rest(page)
    for title in ("Durations", "Trends", "Products and lots"):
        follows(page, title)
        kept = parse_qs(urlsplit(page.url).query)
        assert (kept.get("period"), kept.get("sites")) == (["All dates"], ["Midtown"]), title
        assert "at Midtown" in main_text(page), title

    page.goto(f"{clinic}/products?period=All dates")
    at_rest(page)
    expect(page.get_by_text(re.compile("Higher than expected: .*lot BC-10"))).to_be_visible()
    grid = page.get_by_test_id("stDataFrame").first
    grid.click(position={"x": 18, "y": 52})  # the box of the first row, below the heading
    expect(page.get_by_role("heading", name="Treatments with lot BC-10")).to_be_visible()


def test_every_page_of_the_monthly_meeting_shows_the_numbers_of_the_report(clinic, visit, report):
    """The pages in the order of the meeting."""
    every = row_of(report["rates"])
    lasting = row_of(report["durations"])
    nearby = row_of(report["durations"], family="nearby_weakness")
    page: Page = visit()
    page.goto(clinic)
    at_rest(page)
    overview = main_text(page)
    assert f"Of {every['followed_up']:,} treatments followed up, {every['events']:,} had a side effect" in overview
    assert f"Another {every['volunteered']:,} were volunteered." in overview
    past = every["total"] - every["in_follow_up"]
    assert f"Followed up: {every['followed_up']:,} of the {past:,} past the follow-up window" in overview
    open_cases = re.search(r"([\d,]+) side effects are still open: ([\d,]+) after treatments of this period", overview)
    assert open_cases and int(open_cases[1].replace(",", "")) >= int(open_cases[2].replace(",", ""))
    assert int(open_cases[2].replace(",", "")) >= lasting["open"]  # those without an onset are in no duration
    assert "Needs your attention" in overview and "Lot BC-10: more side effects than expected." in overview

    follows(page, "Data quality")
    trusted = main_text(page)
    assert "Can these figures be trusted?" in trusted
    assert f"of {every['total'] - every['maturing']:,} treatments past the follow-up window" in trusted
    page.get_by_role("tab", name="Follow-up").click()
    at_rest(page)
    by_practitioner = downloads(page)
    assert sum(int(row["total"]) for row in by_practitioner) == (every["total"] - every["maturing"])

    follows(page, "Durations")
    durations = main_text(page)
    assert f"Nearby-muscle weakness: half had ended within {median(nearby)}" in durations
    spans = f"For {nearby['between_contacts']:,} side effects we know only that they ended between two contacts"
    assert spans in durations

    follows(page, "Trends")
    assert re.search(r"(Higher than expected|As expected|Too few to judge)\n", main_text(page))

    follows(page, "Treatments")
    months = downloads(page)
    assert sum(int(row["Treatments"]) for row in months) == every["total"]
    assert sum(int(row["In follow-up"]) for row in months) == every["maturing"]

    follows(page, "Weakness by area and dose")
    assert "does not show what another dose would have done" in main_text(page)
    follows(page, "Products and lots")
    assert "An unusual lot is a reason to review its cases" in main_text(page)
    follows(page, "Practitioners")
    people = main_text(page)
    assert "Not a ranking" in people
    rates = {row["by"]["practitioner"]: row for row in report["rates"] if list(row["by"]) == ["practitioner"]}
    for row in downloads(page):
        assert int(row["followed_up"]) <= rates[row["practitioner"]]["followed_up"]


def test_side_effects_show_the_numbers_of_the_report_and_a_row_opens_its_cases(clinic, visit, report):
    (bruising,) = [row for row in report["rates"] if row["by"] == {"side_effect": "bruising"}]
    (course,) = [row for row in report["durations"] if row["by"] == {"side_effect": "bruising"}]
    (followed_up,) = [row["followed_up"] for row in report["rates"] if not row["by"]]
    page: Page = visit()
    page.goto(clinic)
    at_rest(page)
    follows(page, "Side effects")
    for row in report["rates"]:
        if list(row["by"]) == ["family"]:
            assert f"{row['events']:,} of {row['followed_up']:,}" in reads_chart(page), row["by"]
    assert f"How clients were asked, {followed_up:,} treatments followed up: checklist" in main_text(page)

    clicks_point(page, "side_effect:bruising")
    beside = page.get_by_role("dialog")
    expect(beside.get_by_role("heading", name=re.compile("^Bruising. Treatments of"))).to_be_visible()
    expect(beside.locator(CHART)).to_have_count(2)
    at_rest(page)
    said = beside.inner_text().replace("\N{NO-BREAK SPACE}", " ")
    assert f"{bruising['events']:,} of {bruising['followed_up']:,} treatments followed up" in said
    assert f"{course['episodes']:,} side effects after" in said
    assert f"Of {course['episodes']:,} side effects, {course['ended']:,} have ended." in said
    assert parse_qs(urlsplit(page.url).query)["side_effect"] == ["bruising"]

    page.keyboard.press("Escape")
    expect(beside).to_have_count(0)
    at_rest(page)
    assert "side_effect" not in parse_qs(urlsplit(page.url).query)

    clicks_point(page, "side_effect:bruising")  # the same mark again
    beside.get_by_role("link", name="Open the list").click()
    page.wait_for_url("**/cases?*side_effect=bruising*")
    expect(page.get_by_role("heading", name=re.compile("^Bruising. Treatments of"))).to_be_visible()
    at_rest(page)
    assert f"{course['episodes']:,} side effects after" in main_text(page)
    assert len(downloads(page)) == course["episodes"]
