"""What happens before the first visitor arrives: modules are imported, and garbage collection moves to a timer.

Otherwise the first visitor would wait for the imports, and every garbage collection would search what was imported.
Streamlit's own collection, after every click, is off (.streamlit/config.toml).
"""

import asyncio
import gc
import pkgutil
from importlib import import_module

import pandas
import pyarrow

import dashboard
import data
import models

RUN_BY_STREAMLIT = ("dashboard.entrypoint", "dashboard.pages")  # scripts: importing one runs it
# Seconds. A collection stops every visitor while it runs: 0.1 to 0.3 s with a thousand cached results.
PERIOD = 30.0


def import_all() -> None:
    """Import every module that a page may need."""
    for package in (dashboard, data, models):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.startswith(RUN_BY_STREAMLIT) and not module.name.endswith("__main__"):
                import_module(module.name)
    pyarrow.Table.from_pandas(pandas.DataFrame())  # imports what pyarrow needs to draw a first table
    figure = import_module("plotly.graph_objects").Figure()
    figure.add_bar().add_scatter()  # plotly loads each kind of trace on first use


def freeze() -> None:
    """Exclude the present objects (modules, tables of the copy) from later collections: they stay to the end."""
    gc.collect()
    gc.freeze()


async def collect_after(filling: asyncio.Task) -> None:
    """Freeze again when the copy is filled, then collect every `PERIOD` until canceled."""
    await asyncio.wait({filling})
    await asyncio.to_thread(freeze)
    while True:
        await asyncio.sleep(PERIOD)
        await asyncio.to_thread(gc.collect)
