"""A page on paper: what is counted and what was found, whole, without the controls."""

from tests.browser.page_driver import follows

NARROWEST = 980  # CSS pixels between the margins of landscape Letter; A4 is wider
RIGHT_EDGES = """() => [...document.querySelectorAll('.main-svg, [data-testid=stDataFrame]')]
    .map(element => element.getBoundingClientRect().right)"""


def test_charts_and_tables_fit_the_paper_and_the_controls_stay_on_the_screen(page):
    """A chart is printed as wide as it stands on the screen, because nothing draws it again for paper."""
    for title in ("Overview", "Side effects", "Durations"):
        follows(page, title)
        page.emulate_media(media="print")
        try:
            assert max(page.evaluate(RIGHT_EDGES)) <= NARROWEST, title
            for hidden in ("stSidebar", "stHeader", "stPopover", "stSelectbox"):
                assert not any(element.is_visible() for element in page.get_by_test_id(hidden).all()), (title, hidden)
        finally:
            page.emulate_media(media="screen")
