"""Starts the server: `streamlit run app.py`. The sign-in gate will be part of `middleware`.

Before the first visitor, heavy modules are imported, the records are opened and their columnar copy is filled. For
hundreds of thousands of treatments the filling continues while pages show its progress. Everything loaded by then is
frozen out of garbage collection, which runs on a timer (dashboard/shell/startup.py).
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

from dashboard.shell import error_reporting, query_cache, startup
from dashboard.shell.loopback import LoopbackOnly, require_loopback
from dashboard.shell.security_headers import SecurityHeadersMiddleware
from data.as_of import as_of_date
from data.database.engine import DatabaseAccessError
from data.privacy.private_folder import remove_earlier_uploads
from data.tabular.table import MAX_FILE_BYTES

error_reporting.keep_values_out_of_the_log()
require_loopback(st.get_option("server.address"))

# Streamlit treats a folder `pages` next to the script as an old-style app, and would serve its files on their own until
# the script has run once: without the page frame and the viewer's scope. There is no setting for it.
PagesManager.uses_pages_directory = False

# Uploads contain names. Starlette would write those larger than 1 MB to the system's temporary folder.
MultiPartParser.spool_max_size = 2 * MAX_FILE_BYTES

MAX_STARTUP_SECONDS = 3.0  # pages wait for a copy that takes longer to fill, and say so


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    as_of_date()  # an invalid SEQUELA_TODAY stops the start rather than every page
    startup.import_all()
    remove_earlier_uploads()
    filling = asyncio.create_task(fill_copy())
    await asyncio.wait({filling}, timeout=MAX_STARTUP_SECONDS)
    if filling.done():
        filling.result()
    startup.freeze()
    collecting = asyncio.create_task(startup.collect_after(filling))
    yield
    collecting.cancel()


async def fill_copy() -> None:
    try:
        query_cache.open_records()  # no page is served before the database is open
        await asyncio.to_thread(query_cache.warm_up)
    except DatabaseAccessError as problem:
        print(problem)  # every page shows it too


async def redirect_to_overview(request: Request) -> RedirectResponse:
    """Serve the first page under its name too, with its query; Streamlit serves it at the root only."""
    return RedirectResponse(f"./?{request.url.query}" if request.url.query else "./")


app = st.App(
    "dashboard/entrypoint.py",
    lifespan=lifespan,
    middleware=[Middleware(SecurityHeadersMiddleware), Middleware(LoopbackOnly)],
    routes=[Route("/overview", redirect_to_overview)],
    on_script_error=error_reporting.show_on_page,
    exception_handlers={Exception: error_reporting.show_in_answer},
)
