"""The front door: `streamlit run app.py`. The gate that signs people in will stand in `middleware`.

Before the first visitor everything heavy is imported, the records are opened and their copy for counting is filled; of
some hundred thousand treatments the filling goes on while the first visitor is told of it.
What is there then is frozen out of garbage collection, which runs on a timer (dashboard/shell/memory.py).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.formparsers import MultiPartParser
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route
from streamlit.runtime.pages_manager import PagesManager

from dashboard.shell import error_reporting, memory, preload, query_cache
from dashboard.shell.loopback import LoopbackOnly, require_loopback
from dashboard.shell.security_headers import SecurityHeadersMiddleware
from data.as_of import as_of_date
from data.database.engine import DatabaseAccessError
from data.importing.uploads import remove_earlier_uploads
from data.tabular.table import MAX_FILE_BYTES

error_reporting.keep_values_out_of_the_log()
require_loopback(st.get_option("server.address"))

# Streamlit takes a folder `pages` beside the script for its older kind of app, and until the script has run once would
# serve those files by themselves: without the frame, without the viewer's scope. There is no setting for it.
PagesManager.uses_pages_directory = False

# Uploads name people. Starlette would write what is larger than 1 MB into the system's temporary folder.
MultiPartParser.spool_max_size = 2 * MAX_FILE_BYTES

PATIENCE = 3.0  # seconds: a copy that takes longer to fill is waited for by the pages, which say so


@asynccontextmanager
async def ready(app: st.App) -> AsyncIterator[None]:
    as_of_date()  # a SEQUELA_TODAY that is no day stops the start rather than every page
    preload.import_all()
    remove_earlier_uploads()
    filling = asyncio.create_task(fill())
    await asyncio.wait({filling}, timeout=PATIENCE)
    if filling.done():
        filling.result()
    memory.freeze()
    collecting = asyncio.create_task(memory.collect_after(filling))
    yield
    collecting.cancel()


async def fill() -> None:
    try:
        query_cache.open_records()  # nobody is served before the database is open
        await asyncio.to_thread(query_cache.preload)
    except DatabaseAccessError as problem:
        print(problem)  # every page says it too


async def to_the_front(request: Request) -> RedirectResponse:
    """Streamlit has the first page at the root alone; by its name it is found too, with what stands behind it."""
    return RedirectResponse(f"./?{request.url.query}" if request.url.query else "./")


app = st.App(
    "dashboard/entrypoint.py",
    lifespan=ready,
    middleware=[Middleware(SecurityHeadersMiddleware), Middleware(LoopbackOnly)],
    routes=[Route("/overview", to_the_front)],
    on_script_error=error_reporting.show_on_page,
    exception_handlers={Exception: error_reporting.show_in_answer},
)
