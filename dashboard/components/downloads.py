"""Every file a viewer can download. No other module calls st.download_button.

Names are `sequela-<page>-<period>-<filters>-<8 hex digits of the content's SHA-256>.<ending>`. Streamlit recognizes a
file above 1 MiB by its name, its length and three samples of 64 KiB: after a corrected date it served the older file.
A name with the hash of the whole content cannot be that of an older file.
"""

import asyncio
import hashlib
import re
from collections.abc import Callable
from functools import partial
from pathlib import PurePath

import pandas as pd
import streamlit as st
from streamlit.proto.BackMsg_pb2 import BackendOperationRequest
from streamlit.proto.ForwardMsg_pb2 import BackendOperationResponse, DeferredFileResponsePayload
from streamlit.runtime.backend_operation_handler import DeferredFileHandler
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from dashboard.shell import error_reporting
from dashboard.text import formatting
from data.analysis.selection import Selection
from data.tabular.formulas import escape_formula

MAX_FILTER_CHARACTERS = 40  # in a name: it fits into every file system


def button(
    label: formatting.Markdown, content: bytes | Callable[[], bytes | str], name: str, key: str | None = None
) -> None:
    """Offer a file. A function is called only when the button is clicked."""
    st.download_button(
        label,
        content,
        file_name=name,
        mime="text/csv" if name.endswith(".csv") else None,
        on_click="ignore",
        icon=":material/download:",
        key=key,
    )


def draw_csv(frame: pd.DataFrame, key: str) -> None:
    """A button that downloads the frame as CSV; none where it has no rows. Its name: the page, `key`, the filters."""
    if frame.empty:
        return
    page, view = st.session_state.get("page_title", ""), st.session_state.get("shown")
    title = key if _slug(key).startswith(_slug(page)) else f"{page} {key}"
    name = file_name(title, "csv", view.selection if view else None)
    button("Download CSV", partial(csv_text, frame), name, f"{key}_csv")


def csv_text(frame: pd.DataFrame) -> str:
    """The frame as CSV: numbers as numbers, no cell a formula, and the mark by which spreadsheets recognize UTF-8."""
    safe = {
        name: frame[name].map(escape_formula) for name in frame.select_dtypes(exclude=["number", "bool", "datetime"])
    }
    return "\ufeff" + frame.assign(**safe).rename(columns=escape_formula).to_csv(index=False, lineterminator="\r\n")


def file_name(page: str, ending: str, selection: Selection | None = None) -> str:
    """`sequela-cases-20260101-20261130-north.csv`; `_store` adds the hash when the content is known."""
    parts = ["sequela", _slug(page)]
    if selection:
        days = [day.strftime("%Y%m%d") for day in (selection.from_date, selection.to_date) if day]
        filters = (selection.sites, selection.practitioners, selection.areas, selection.products, selection.lots,
                   selection.side_effects, selection.families)  # fmt: skip
        parts += days or ["all-dates"]
        parts += [_slug(" ".join(code for codes in filters for code in codes))[:MAX_FILTER_CHARACTERS].strip("-")]
    return f"{'-'.join(filter(None, parts))}.{ending}"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


# Patches of Streamlit, which has no setting for either: where it stores a file, because only then is the content known,
# and where it answers a click.


def _store(storage: MemoryMediaFileStorage, data: str | bytes, mimetype: str, kind, filename: str | None = None) -> str:
    """A path (str) is one of our own files and keeps its name."""
    if filename and isinstance(data, bytes):
        path = PurePath(filename)
        filename = f"{path.stem}-{hashlib.sha256(data).hexdigest()[:8]}{path.suffix}"
    return _store_as_named(storage, data, mimetype, kind, filename)


async def _answer_click(
    handler: DeferredFileHandler, request: BackendOperationRequest, session_id: str
) -> BackendOperationResponse:
    try:
        url = await asyncio.to_thread(handler._get_media_file_mgr().execute_deferred, request.deferred_file.file_id)
    except Exception as error:  # noqa: BLE001  whatever it is, the viewer gets its reference number
        return BackendOperationResponse(request_id=request.request_id, error_msg=error_reporting.describe(error))
    return BackendOperationResponse(request_id=request.request_id, deferred_file=DeferredFileResponsePayload(url=url))


_store_as_named = MemoryMediaFileStorage.load_and_get_id
MemoryMediaFileStorage.load_and_get_id = _store
DeferredFileHandler.handle = _answer_click
