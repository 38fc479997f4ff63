"""Take a screenshot of every page for docs/screens: `python -m benchmarks.screens` (make screens).

The sample clinic has a fixed seed and the day of the tests, so that a screenshot changes only with its page.
"""

import io
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser, Page

from dashboard.shell import navigation
from data.database.engine import open_database
from data.sample.generator import make_sample
from tests import programs
from tests.chromium import DESK, PHONE, at_rest, chromium, resize_to_content, visitor
from tests.one_day import DAY
from tests.streamlit_server import served

FOLDER = Path(__file__).parents[1] / "docs" / "screens"
VARIANTS = (("light", DESK), ("dark", DESK), ("light", PHONE), ("dark", PHONE))
TREATMENTS, SEED = 6_000, 1
MAX_HEIGHT = 4_000  # pixels: beyond it the longest tables only go on
COLORS = 128  # in the palette: a fifth of the bytes, and no visible difference


def main() -> int:
    """Write every screenshot: NAME-light-1400.png and so on."""
    path = programs.chromium()
    if path is None:
        print("Chromium was not found: tests/system_packages.sh installs it on Debian", file=sys.stderr)
        return 1
    FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/sequela.db"
        engine = open_database(database)
        make_sample(engine, TREATMENTS, SEED, today=date.fromisoformat(DAY))
        engine.dispose()
        with served(database, Path(folder) / "streamlit.log") as address, chromium(path) as browser:
            for scheme, width in VARIANTS:
                _take_screenshots(browser, address, scheme, width)
    return 0


def _take_screenshots(browser: Browser, address: str, scheme: str, width: int) -> None:
    context = visitor(browser, width, scheme)
    page = context.new_page()
    for name in (name for names in navigation.PAGES.values() for name in names):
        page.set_viewport_size({"width": width, "height": 1000})
        page.goto(f"{address}/{name}")
        at_rest(page)
        (FOLDER / f"{name}-{scheme}-{width}.png").write_bytes(_screenshot(page))
    context.close()


def _screenshot(page: Page) -> bytes:
    resize_to_content(page)
    at_rest(page)
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    image = image.crop((0, 0, image.width, min(image.height, MAX_HEIGHT)))
    compressed = io.BytesIO()
    image.quantize(COLORS, dither=Image.Dither.NONE).save(compressed, "PNG", optimize=True)
    return compressed.getvalue()


if __name__ == "__main__":
    sys.exit(main())
