"""Unexpected errors: a reference number on screen, and the number, type and location of the error in the log.

An error's message can quote a client's record ("could not convert 'Ann Lee' to a date"), so no message is
shown or logged.
"""

import logging
import secrets
import sys
import threading
import traceback
from collections.abc import Iterator

import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from streamlit.logger import get_logger

from dashboard.text import formatting
from data.refusal import RefusedError

LOG = get_logger(__name__)


def describe(error: BaseException) -> str:
    """The sentence for the screen. Logs an unexpected error unless that has been done."""
    if isinstance(error, RefusedError):  # its message is for people
        return str(error)
    if not hasattr(error, "reference"):
        LOG.error("Unexpected error", exc_info=error)
    return f"Something went wrong. Please report reference number {_reference(error)}."


def show_on_page(error: Exception) -> bool:
    """Streamlit's handler for errors of a page; True keeps Streamlit from showing its own."""
    st.error(formatting.escape_markdown(describe(error)), icon=":material/error:")
    return True


async def show_in_answer(request: Request, error: Exception) -> PlainTextResponse:
    """Starlette's handler for errors outside the pages."""
    return PlainTextResponse(describe(error), 500)


def keep_values_out_of_the_log() -> None:
    """From now on every logger of this process, including the server's, writes errors as `_without_values` does."""
    logging.setLogRecordFactory(_LogRecord)
    sys.excepthook = lambda kind, error, trace: LOG.critical("Sequela ended", exc_info=(kind, error, trace))
    threading.excepthook = lambda ended: LOG.error("A thread ended", exc_info=ended[:3])


class _LogRecord(logging.LogRecord):
    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        error = self.exc_info[1] if self.exc_info else None
        if error is not None:
            self.exc_info, self.exc_text = None, "\n".join(_without_values(error))
        if isinstance(self.args, tuple):
            self.args = tuple(type(a).__name__ if isinstance(a, BaseException) else a for a in self.args)


def _without_values(error: BaseException) -> Iterator[str]:
    yield f"Reference number {_reference(error)}"
    cause: BaseException | None = error
    while cause is not None:
        kind = type(cause)
        yield f"{kind.__module__}.{kind.__qualname__}"
        for frame in traceback.extract_tb(cause.__traceback__):
            yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)


def _reference(error: BaseException) -> str:
    """8 hex digits, drawn once for each error."""
    if not hasattr(error, "reference"):
        error.reference = secrets.token_hex(4)
    return error.reference
