"""A clinic's own words are plain text in a browser, on every page."""

from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import Page, expect

from dashboard.shell import navigation
from data.database.engine import open_database
from tests.browser.page_driver import follows
from tests.chromium import at_rest
from tests.payloads import EVERYTHING, PAYLOADS, WORD, make_clinic
from tests.streamlit_server import served

# Elements that Markdown made of a text with the word, or links to an address with it; our own bold text is ignored.
MADE = """word => {
    const made = [];
    for (const text of document.querySelectorAll('[data-testid=stMarkdownContainer]')) {
        if (!text.textContent.toLowerCase().includes(word)) continue;
        for (const one of text.querySelectorAll('a, img, svg, code, em, del, li, table, blockquote, script, span')) {
            if (!one.closest('[data-testid=stHeadingWithActionElements]') || one.matches('a, img, code, em, del')
                || one.className.includes('katex') || one.getAttribute('translate') === 'no') {
                made.push(one.outerHTML.slice(0, 200));
            }
        }
    }
    const led = Array.from(document.querySelectorAll('[href], [src]')).filter(
        one => [one.href, one.src].some(to => typeof to === 'string' && to && new URL(to).hostname.includes(word)));
    return [...made, ...led.map(one => one.outerHTML.slice(0, 200))];
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("payloads")
    url = f"sqlite:///{folder / 'sequela.db'}"
    engine = open_database(url)
    make_clinic(engine)
    engine.dispose()
    with served(url, folder / "streamlit.log") as running:
        yield running


PAGES = [name for section in navigation.PAGES.values() for name in section]
VIEWERS = {"the whole clinic": {}, "a practitioner": {"as": f"Practitioner: code 3 {EVERYTHING}"}}


@pytest.mark.parametrize("viewer", VIEWERS)
def test_a_clinics_own_words_are_shown_as_plain_text_on_every_page(address, visit, viewer):
    page: Page = visit()
    page.goto(f"{address}/?{urlencode({'period': 'All dates', **VIEWERS[viewer]}, quote_via=quote)}")
    at_rest(page)
    found, said = [], 0
    for name in PAGES:
        follows(page, navigation.page_title(name))
        said += page.get_by_test_id("stMarkdownContainer").filter(has_text=WORD).count()
        found += [(name, made) for made in page.evaluate(MADE, WORD)]
    assert said > (len(PAGES) if VIEWERS[viewer] else 0)
    assert found == []


def test_the_words_of_a_file_are_shown_as_plain_text(address, visit):
    page: Page = visit()
    page.goto(f"{address}/import_records")
    at_rest(page)
    columns = [payload for payload in PAYLOADS if '"' not in payload and "," not in payload]
    head, line = ["Date", "Product", "Area", *columns], ["2026-03-03", "Botox", "glabella", *columns]
    content = "\n".join([",".join(head), ",".join(line)]).encode()
    file = {"name": "[evil](www.evil.example) :red[evil] $evil$.csv", "mimeType": "text/csv", "buffer": content}
    page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(files=[file])
    at_rest(page)
    page.get_by_role("button", name="Check the files").click()
    expect(page.get_by_role("heading", name="What do the columns mean?")).to_be_visible()
    at_rest(page)
    assert page.get_by_test_id("stMarkdownContainer").filter(has_text=WORD).count()
    assert page.evaluate(MADE, WORD) == []
