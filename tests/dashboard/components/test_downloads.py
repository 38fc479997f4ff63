"""Files that viewers keep: never an older one, each with a name that tells it from every other."""

import ast
import asyncio
import csv
import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import streamlit
from hypothesis import given, strategies
from streamlit.proto.BackMsg_pb2 import BackendOperationRequest, DeferredFileRequestPayload
from streamlit.runtime.backend_operation_handler import DeferredFileHandler
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

import dashboard
from dashboard.components import downloads
from data.analysis.selection import Selection
from data.tabular.formulas import escape_formula

DASHBOARD = Path(dashboard.__file__).parent
ROW = b"2026-11-14,north,bruising\r\n"
EXPORT = ROW * 50_000  # 1.3 MB
NUMBERS = strategies.floats(allow_nan=False, allow_infinity=False)
AT = 400_001  # between the samples that Streamlit takes of a file above 1 MiB


class Clinic:
    """The files of a running dashboard, and a click on a download button of one of its sessions."""

    def __init__(self):
        self.storage = MemoryMediaFileStorage("/media")
        self.files = MediaFileManager(self.storage)

    def click(self, content, name: str):
        number = self.files.add_deferred(content, "text/csv", "main.0", file_name=name)
        request = BackendOperationRequest(request_id="1", deferred_file=DeferredFileRequestPayload(file_id=number))
        handler = DeferredFileHandler(lambda: self.files)
        with ThreadPoolExecutor(1) as thread:  # the browser of other tests keeps an event loop running in this one
            return thread.submit(asyncio.run, handler.handle(request, "session")).result()

    def kept(self, content: bytes, name: str = "sequela-cases.csv"):
        return self.storage.get_file(self.click(lambda: content, name).deferred_file.url.rsplit("/", 1)[1])


def test_a_corrected_export_above_1_mib_is_served_while_the_older_one_is_still_open():
    clinic = Clinic()
    corrected = EXPORT[:AT] + b"X" + EXPORT[AT + 1 :]
    first, second = clinic.kept(EXPORT), clinic.kept(corrected)
    assert first.content == EXPORT
    assert second.content == corrected
    assert first.filename != second.filename


def test_a_file_is_named_after_all_of_its_content():
    digits = hashlib.sha256(EXPORT).hexdigest()[:8]
    assert Clinic().kept(EXPORT).filename == f"sequela-cases-{digits}.csv"


def test_a_file_that_cannot_be_made_gives_a_reference_number_and_no_value():
    def fail():
        raise ValueError("could not convert Ann Lee")

    answer = Clinic().click(fail, "sequela-cases.csv")
    assert "reference number" in answer.error_msg
    assert "Ann" not in answer.error_msg


@pytest.mark.parametrize(
    ("selection", "name"),
    [
        (None, "sequela-open-cases.csv"),
        (Selection(), "sequela-open-cases-all-dates.csv"),
        (Selection(date(2026, 1, 1), date(2026, 11, 30), sites=("North/1",)),
         "sequela-open-cases-20260101-20261130-north-1.csv"),
        (Selection(products=("p" * 300,)), f"sequela-open-cases-all-dates-{'p' * 40}.csv"),
        (Selection(sites=("../..",)), "sequela-open-cases-all-dates.csv"),
    ],
)  # fmt: skip
def test_a_name_says_page_period_and_filters(selection, name):
    assert downloads.file_name("open_cases", "csv", selection) == name


def test_the_download_of_a_table_names_its_page_once(monkeypatch):
    view = SimpleNamespace(selection=Selection(sites=("north",)))
    monkeypatch.setattr(streamlit, "session_state", {"page_title": "Side effects", "shown": view})
    names = []
    monkeypatch.setattr(downloads, "button", lambda label, content, name, key: names.append(name))
    downloads.draw_csv(pd.DataFrame({"lot": ["A"]}), "side_effects_details")
    downloads.draw_csv(pd.DataFrame({"lot": ["A"]}), "lots")
    downloads.draw_csv(pd.DataFrame({"lot": []}), "nothing")
    assert names == [
        "sequela-side-effects-details-all-dates-north.csv",
        "sequela-side-effects-lots-all-dates-north.csv",
    ]


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "'=1", "=A1|'C'!A"])
def test_no_text_in_a_download_is_run_as_a_formula(cell):
    assert list(csv.reader(io.StringIO(downloads.csv_text(pd.DataFrame({"word": [cell]})), newline="")))[1] == [
        f"'{cell}"
    ]


def test_numbers_in_a_download_stay_numbers():
    table = pd.DataFrame({"change": [-0.5, None], "events": [1_200, 3], "days": pd.array([4, None], "Int64")})
    assert downloads.csv_text(table) == "\ufeffchange,events,days\r\n-0.5,1200,4\r\n,3,\r\n"


def test_a_heading_is_harmless_too():
    assert downloads.csv_text(pd.DataFrame({"=A1": []})) == "\ufeff'=A1\r\n"


@given(
    strategies.lists(
        strategies.tuples(strategies.text(), NUMBERS, strategies.booleans(), strategies.dates()), max_size=5
    )
)
def test_a_download_holds_every_cell(rows):
    table = pd.DataFrame(rows, columns=list("abcd"))
    read = list(csv.reader(io.StringIO(downloads.csv_text(table).removeprefix("\ufeff"), newline="")))
    assert read == [list("abcd"), *([str(escape_formula(cell)) for cell in row] for row in rows)]


def test_no_other_module_offers_a_file():
    calling = {
        file.relative_to(DASHBOARD).as_posix()
        for file in DASHBOARD.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if "download_button" in (getattr(node, "attr", None), getattr(node, "id", None), getattr(node, "name", None))
    }
    assert calling == {"components/downloads.py"}
