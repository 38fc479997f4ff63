"""A visitor without a browser: speaks Streamlit's websocket protocol, which is internal to it (Streamlit is pinned)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import websockets
from google.protobuf.message import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

SUCCEEDED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
INTERRUPTED = ForwardMsg.FINISHED_EARLY_FOR_RERUN  # the script asked to be run again; another end follows


class PageError(Exception):
    """A page that ended with an error instead of its content."""


class Visitor:
    """One session. Each action returns when the page has been drawn; `texts` is what it says."""

    def __init__(self, socket: websockets.ClientConnection):
        self._socket = socket
        self._page = ""
        self._query = ""
        self._chosen: dict[str, WidgetState] = {}
        self._widget_ids: dict[str, str] = {}
        self.pages: dict[str, str] = {}
        self.texts: list[str] = []

    async def open(self, name: str = "", **filters: str) -> None:
        """The page of this name in the address bar; the front page by default."""
        self._page = self.pages.get(name, "")
        self._query = urlencode(filters)
        await self._run()

    async def choose(self, key: str, value: str) -> None:
        """Another value of the select box that has this key."""
        widget = self._widget_ids[key]
        self._chosen[widget] = WidgetState(id=widget, string_value=value)
        await self._run()

    async def _run(self) -> None:
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string = self._query
        asked.page_script_hash = self._page
        asked.context_info.timezone = "America/New_York"
        asked.context_info.locale = "en-US"
        asked.widget_states.widgets.extend(self._chosen.values())
        await self._socket.send(message.SerializeToString())
        await self._read()

    async def _read(self) -> None:
        self.texts = []
        while True:
            message = ForwardMsg.FromString(await self._socket.recv())
            kind = message.WhichOneof("type")
            if kind == "navigation":
                self.pages = {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
            elif kind == "new_session":
                self._page = message.new_session.page_script_hash
            elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                self._note(message.delta.new_element)
            elif kind == "script_finished" and message.script_finished != INTERRUPTED:
                if message.script_finished not in SUCCEEDED:
                    raise PageError(ForwardMsg.ScriptFinishedStatus.Name(message.script_finished))
                return

    def _note(self, element: Message) -> None:
        kind = element.WhichOneof("type")
        content = getattr(element, kind)
        if kind == "exception":
            raise PageError(content.type)
        said = (getattr(content, name, "") for name in ("body", "label"))
        self.texts += [text for text in said if text and isinstance(text, str)]
        if widget := getattr(content, "id", ""):
            self._widget_ids[widget.rpartition("-")[2]] = widget  # "$$ID-<hash>-<key>"


@asynccontextmanager
async def visit(address: str) -> AsyncIterator[Visitor]:
    """A new session on the dashboard at `address` ("http://127.0.0.1:8501"), left at the end of the block."""
    stream = f"{address.replace('http', 'ws', 1)}/_stcore/stream"
    async with websockets.connect(stream, origin=address, subprotocols=["streamlit"], max_size=None) as socket:
        yield Visitor(socket)
