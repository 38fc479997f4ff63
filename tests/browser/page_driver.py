"""What a visitor does on a page: follows a link, picks an option, reads, downloads, clicks a mark."""

import csv
import hashlib
import io
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.chromium import at_rest

PLACE_OF_POINT = """
([selector, key]) => {
    for (const chart of document.querySelectorAll(selector)) {
        for (const trace of chart._fullData) {
            const at = Array.from(trace.customdata || []).findIndex((found) => [].concat(found)[0] === key);
            if (at < 0) continue;
            const layout = chart._fullLayout, x = layout[(trace.xaxis || 'x').replace('x', 'xaxis')];
            const y = layout[(trace.yaxis || 'y').replace('y', 'yaxis')], box = chart.getBoundingClientRect();
            return [box.left + x._offset + x.d2p(trace.x[at]), box.top + y._offset + y.d2p(trace.y[at])];
        }
    }
    return null;
}
"""
CHART = ".js-plotly-plot"


def follows(page: Page, title: str) -> None:
    """Clicks a page's name in the menu and waits for the page."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()
    expect(page.get_by_test_id("stMain").get_by_role("heading", name=title, exact=True, level=1)).to_be_visible()
    at_rest(page)


def picks(page: Page, label: str, option: str) -> None:
    """Opens a list and picks an option."""
    page.get_by_label(label, exact=True).first.click()
    page.get_by_role("option", name=option, exact=True).click()
    at_rest(page)


def main_text(page: Page) -> str:
    """The text of the page, without charts and grids."""
    return page.get_by_test_id("stMain").inner_text().replace("\N{NO-BREAK SPACE}", " ")


def downloads(page: Page) -> list[dict[str, str]]:
    """The rows of the first download, because a grid is drawn on a canvas."""
    with page.expect_download() as download:
        page.get_by_test_id("stMain").get_by_role("button", name="Download CSV").first.click()
    content = Path(download.value.path()).read_bytes()
    assert download.value.suggested_filename.endswith(f"-{hashlib.sha256(content).hexdigest()[:8]}.csv")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def failed(page: Page) -> list[str]:
    """Errors on the page: Streamlit's, or ours with a reference number."""
    ours = page.get_by_test_id("stAlert").filter(has_text="reference number")
    return page.get_by_test_id("stException").or_(ours).all_inner_texts()


def reads_chart(page: Page) -> str:
    """The text drawn in the first chart."""
    return (page.locator(CHART).first.text_content() or "").replace("\N{NO-BREAK SPACE}", " ")


def clicks_point(page: Page, key: str) -> None:
    """Clicks the mark with this key; Plotly reacts only to a pointer that has moved."""
    page.locator(CHART).first.scroll_into_view_if_needed()
    x, y = page.evaluate(PLACE_OF_POINT, [CHART, key])
    if y > page.viewport_size["height"]:
        page.mouse.move(x, 400)
        page.mouse.wheel(0, y - 400)
        page.wait_for_timeout(400)
        x, y = page.evaluate(PLACE_OF_POINT, [CHART, key])
    page.mouse.move(x - 30, y - 4)
    page.mouse.move(x, y, steps=4)
    page.wait_for_timeout(200)
    page.mouse.click(x, y)
