"""Every page, timed: `python -m benchmarks.pages [--treatments N] [--database URL]` (make benchmark).

Server-side seconds from a click to the last thing the page draws, on the sample clinic made for the purpose, or on the
records of a database. Opening: a new session in which nothing has been asked yet. New filter: the period, a site, an
area or a product is chosen for the first time. Click: a choice of the page's own, or a mark that leads to the cases.
What the browser adds is not in it. Writes nothing but the sample clinic, into a folder that is removed.
"""

import argparse
import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard.shell import navigation, query_cache, startup
from dashboard.shell.access import WHOLE_CLINIC_LABEL
from data.analysis import counts
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.selection import Selection
from data.database.engine import open_database
from data.sample.generator import make_sample

TREATMENTS = 20_000
OPENING = 2.0  # seconds within which a page is there, whatever the size of the clinic
ANSWERED = {20_000: 0.3, 1_000_000: 1.0}  # up to so many treatments: seconds to the answer of a filter or a click
AGAIN = 5  # runs of a page on which nothing changed
MOST_SECONDS = 600
MENU = Path(dashboard.__file__).parent / "entrypoint.py"

# The page's own choice that is clicked, and what is chosen; a page that is not named here has none.
CLICKS = {
    "overview": ("map_by", "side effects"),
    "data_quality": ("quality", "Follow-up"),
    "side_effects": ("unit", "area"),
    "durations": ("durations_of", ["eyelid_ptosis"]),
    "trends": ("measure", "any_side_effect"),
    "treatments": ("volumes_by", "area"),
    "people": ("measure", "nearby_weakness"),
    "aftercare": ("remedy", "massage"),
}
# What a mark asks of the page that it opens or stands on, through the address bar.
NARROWED = {"cases": ("side_effect", "eyelid_ptosis"), "dose": ("family", "injected_weakness")}


@dataclass(frozen=True)
class Timed:
    """Seconds of one page. `filters`: by the filter that was new."""

    page: str
    opening: float
    again: tuple[float, ...]
    filters: dict[str, float]
    click: float | None

    def misses(self, answered: float) -> list[str]:
        """What of it took longer than it may."""
        late = ["opening"] if self.opening > OPENING else []
        late += [name for name, seconds in self.filters.items() if seconds > answered]
        late += ["again"] if statistics.median(self.again) > answered else []
        return late + (["click"] if self.click is not None and self.click > answered else [])


def main(arguments: Sequence[str]) -> int:
    """Prints a row per page as it is timed; 1 if any misses what is asked of it."""
    asked = _asked(arguments)
    logging.disable(logging.WARNING)  # Streamlit warns of every run that no browser asked for
    PagesManager.__init__ = _pages_from_the_menu_alone
    with tempfile.TemporaryDirectory(prefix="sequela-benchmark-", ignore_cleanup_errors=True) as folder:
        os.environ["DATABASE_URL"] = asked.database or _made_up(Path(folder), asked.treatments)
        startup.import_all()  # this, the filling and the freeze: as app.py does
        filled = _seconds(query_cache.warm_up)
        startup.freeze()
        _opened("methods")  # what the process reads once
        treatments = query_cache.cached_query(_how_many, WHOLE_CLINIC)
        answered = next((goal for size, goal in ANSWERED.items() if treatments <= size), max(ANSWERED.values()))
        busy = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "not told"
        print(f"{treatments:,} treatments; the copy is filled in {filled:.1f} s.")
        print(f"{os.cpu_count()} cores, load average {busy}. Seconds:\n\n{_head()}", flush=True)
        late = False
        for page, viewer in _views():
            timed = time_page(page, viewer)
            late |= bool(timed.misses(answered))
            print(_row(timed, answered), flush=True)
    print(f"\nAsked: {OPENING:g} s for an opening, {answered:g} s for a filter or a click.{_memory()}")
    return int(late)


def _views() -> list[tuple[str, str]]:
    """Every page as a manager sees it, and the one that looks different to a practitioner."""
    practitioner = query_cache.load_dimension_values(WHOLE_CLINIC, "practitioner")[0]
    everyone = [(name, WHOLE_CLINIC_LABEL) for section in navigation.PAGES.values() for name in section]
    return [*everyone, ("people", f"Practitioner: {practitioner}")]


def time_page(page: str, viewer: str) -> Timed:
    """Opens the page where nothing has been asked yet, and works it."""
    app = _opened(page)
    st.cache_resource.clear()
    app.query_params["as"] = viewer
    opening = _seconds(app.run)
    again = tuple(_seconds(app.run) for _ in range(AGAIN))
    offered = {name: value for name, value in _filters().items() if name in app.session_state}
    filters = {name: _changed(app, name, value) for name, value in offered.items()}
    name = page if viewer == WHOLE_CLINIC_LABEL else f"{page} ({viewer})"
    return Timed(name, opening, again, filters, _clicked(app, page))


def _opened(page: str) -> AppTest:
    """A session about to open the page. It has run once, on a page without counts: until then Streamlit takes the name
    of a page's file for its address, and shows Overview where they differ."""
    app = AppTest.from_file(MENU, default_timeout=MOST_SECONDS).switch_page(navigation.page_file("methods")).run()
    return app.switch_page(navigation.page_file(page))


def _filters() -> dict[str, object]:
    """A value of each shared filter that is not its first; a practitioner is not offered all of them."""
    some = {
        name: query_cache.load_dimension_values(WHOLE_CLINIC, name.removesuffix("s"))[:1]
        for name in ("sites", "areas", "products")
    }
    return {"period": "all"} | some


def _changed(app: AppTest, key: str, value: object) -> float:
    """Seconds to the page with `value` chosen; leaves it as it was before."""
    before = app.session_state[key]
    app.session_state[key] = value
    seconds = _seconds(app.run)
    app.session_state[key] = before
    app.run()
    return seconds


def _clicked(app: AppTest, page: str) -> float | None:
    if page in CLICKS:
        return _changed(app, *CLICKS[page])
    if page not in NARROWED:
        return None
    name, value = NARROWED[page]
    app.query_params[name] = value
    return _seconds(app.run)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    done = work()
    seconds = time.perf_counter() - start
    if isinstance(done, AppTest) and done.exception:
        raise RuntimeError(done.exception[0].message)
    return seconds


def _how_many(source: AnalysisTables, scope: Scope) -> int:
    return int(counts.denominators(source, scope, Selection(), ()).treated.sum())


def _head() -> str:
    titles = ("page", "opening", "again", "new filter, middle", "worst", "click", "too late")
    return f"| {' | '.join(titles)} |\n|{'---|' * len(titles)}"


def _row(timed: Timed, answered: float) -> str:
    worst = max(timed.filters, key=timed.filters.get)
    cells = (
        timed.page,
        f"{timed.opening:.2f}",
        f"{statistics.median(timed.again):.2f}",
        f"{statistics.median(timed.filters.values()):.2f}",
        f"{timed.filters[worst]:.2f} ({worst})",
        "" if timed.click is None else f"{timed.click:.2f}",
        ", ".join(timed.misses(answered)),
    )
    return f"| {' | '.join(cells)} |"


def _memory() -> str:
    """The most memory the process has held, where the system tells."""
    try:
        import resource
    except ImportError:
        return ""
    unit = 1 if sys.platform == "darwin" else 1024
    return f" The process held at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6:,.0f} MB."


def _made_up(folder: Path, treatments: int) -> str:
    url = f"sqlite:///{folder / 'sequela.db'}"
    engine = open_database(url)
    make_sample(engine, treatments, today=date.today())
    engine.dispose()
    return url


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__.splitlines()[0])
    parser.add_argument("--treatments", type=int, default=TREATMENTS, help="of the sample clinic")
    parser.add_argument("--database", help="the records of this database instead, which are only read")
    return parser.parse_args(arguments)


_as_streamlit_makes_it = PagesManager.__init__


def _pages_from_the_menu_alone(self, *arguments, **named) -> None:
    """AppTest looks for a folder `pages` beside the menu anew at every run, where app.py tells Streamlit not to."""
    _as_streamlit_makes_it(self, *arguments, **named)
    PagesManager.uses_pages_directory = False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
