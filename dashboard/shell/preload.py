"""Every module a page may need, imported before there is a visitor.

A first visitor would otherwise wait for them, and every collection would look through what is imported after the
freeze in app.py.
"""

import pkgutil
from importlib import import_module
from types import ModuleType

import pandas
import pyarrow

import dashboard
import data
import models

RUN_BY_STREAMLIT = ("dashboard.entrypoint", "dashboard.pages")  # scripts: to import one is to run it


def import_all() -> None:
    for package in (dashboard, data, models):
        for name in _module_names(package):
            import_module(name)
    pyarrow.Table.from_pandas(pandas.DataFrame())  # imports what pyarrow needs to draw a first table
    import_module("plotly.graph_objects").Figure().add_bar().add_scatter()  # plotly loads a kind of mark when asked


def _module_names(package: ModuleType) -> list[str]:
    found = (module.name for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."))
    return [name for name in found if not name.startswith(RUN_BY_STREAMLIT) and not name.endswith("__main__")]
