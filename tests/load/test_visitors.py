"""Two visitors at once; `make load` sends twenty to a large clinic."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from data.database.engine import open_database
from data.sample.generator import make_sample
from tests.load.visitor import visit
from tests.streamlit_server import served


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    folder = tmp_path_factory.mktemp("load")
    engine = open_database(f"sqlite:///{folder / 'sequela.db'}")
    make_sample(engine, 300, seed=1, today=date.today())
    engine.dispose()
    with served(str(engine.url), folder / "streamlit.log") as address:
        yield address


async def sees_all(address: str, period: str) -> bool:
    """Whether a visitor who chooses this period is shown all treatments."""
    async with visit(address) as visitor:
        await visitor.open()
        await visitor.open("trends")
        await visitor.choose("period", period)
        return any("300 treatments" in text for text in visitor.texts)


def test_two_visitors_at_once_each_see_the_period_they_chose(clinic):
    async def both() -> list[bool]:
        return await asyncio.gather(sees_all(clinic, "All dates"), sees_all(clinic, "Last month"))

    with ThreadPoolExecutor(1) as thread:  # the browser tests leave a loop running in this one
        assert thread.submit(asyncio.run, both()).result() == [True, False]
