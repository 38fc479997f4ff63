"""Import every module that a page may need before the first visitor arrives.

Otherwise the first visitor would wait for them, and every garbage collection would search what was imported after the
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

RUN_BY_STREAMLIT = ("dashboard.entrypoint", "dashboard.pages")  # scripts: importing one runs it


def import_all() -> None:
    for package in (dashboard, data, models):
        for name in _module_names(package):
            import_module(name)
    pyarrow.Table.from_pandas(pandas.DataFrame())  # imports what pyarrow needs to draw a first table
    import_module(
        "plotly.graph_objects"
    ).Figure().add_bar().add_scatter()  # plotly loads each kind of trace on first use


def _module_names(package: ModuleType) -> list[str]:
    found = (module.name for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."))
    return [name for name in found if not name.startswith(RUN_BY_STREAMLIT) and not name.endswith("__main__")]
