"""Accept requests from this computer only: until there is a sign-in, the network must not reach the records."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

REFUSAL = "Sequela answers only the browser of the computer it runs on, at the address it printed when it started."
POLICY_VIOLATION = 1008  # RFC 6455, 7.4.1


def require_loopback(address: str | None) -> None:
    """Exit unless the server listens on this computer only. Without an address it would listen everywhere."""
    if not _is_loopback(address):
        raise SystemExit(
            f'Sequela did not start: the address "{address or "not set"}" would open the records to the network, and '
            'there is no sign-in yet. Start it with server.address = "127.0.0.1".'
        )


class LoopbackOnly:
    """Refuse what arrives on a network interface, names another host, or comes from a page of another origin.

    A foreign host is DNS rebinding; another origin is any other page in the same browser, other ports of this
    computer included. The address the connection arrived on cannot be forged: it holds however the server is started.
    """

    in_use = False  # whether it guards the server of this process, as app.py arranges

    def __init__(self, app: ASGIApp):
        self.app = app
        LoopbackOnly.in_use = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or _is_own(scope):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose(POLICY_VIOLATION)(scope, receive, send)
        else:
            await PlainTextResponse(REFUSAL, 403)(scope, receive, send)


def _is_own(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    hosts, origins = headers.getlist("host"), headers.getlist("origin")
    arrived_on, _ = scope["server"] or (None, None)
    if not _is_loopback(arrived_on) or len(hosts) != 1 or not _is_loopback(_host_name(hosts[0])):
        return False
    secure = scope["scheme"] in ("https", "wss")
    return set(origins) <= {f"{'https' if secure else 'http'}://{hosts[0]}"}


def _host_name(host: str) -> str | None:
    """The host without its port; None if it cannot be read."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _is_loopback(address: str | None) -> bool:
    if address == "localhost":
        return True
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return False
