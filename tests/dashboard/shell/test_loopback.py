"""Only this computer's own browser, on the dashboard's own pages, reaches the records."""

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dashboard.shell.loopback import LoopbackOnly, require_loopback
from tests.load.visitor import visit
from tests.streamlit_server import served

PROJECT = Path(__file__).parents[3]
HOST, ORIGIN = ("host", "127.0.0.1:8501"), ("origin", "http://127.0.0.1:8501")


def reaches(kind: str, *headers: tuple[str, str], arrived_on: str | None = "127.0.0.1", scheme: str = "") -> bool:
    """Whether such a request reaches the dashboard; if not, whether it is refused is asserted."""
    sent, passed = [], []

    async def application(scope, receive, send):
        passed.append(scope)

    async def keep(message):
        sent.append(message)

    scope = {
        "type": kind,
        "scheme": scheme or {"http": "http", "websocket": "ws"}[kind],
        "path": "/",
        "headers": [(name.encode(), value.encode()) for name, value in headers],
        "server": arrived_on and (arrived_on, 8501),
    }
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, LoopbackOnly(application)(scope, None, keep)).result()
    if not passed:
        expected = {"http": ("http.response.start", 403), "websocket": ("websocket.close", None)}[kind]
        assert (sent[0]["type"], sent[0].get("status")) == expected
    return bool(passed)


@pytest.mark.parametrize("kind", ["http", "websocket"])
class TestRequest:
    @pytest.mark.parametrize("host", ["127.0.0.1:8501", "localhost:8501", "[::1]:8501", "localhost"])
    def test_the_own_pages_are_answered(self, kind, host):
        assert reaches(kind, ("host", host))
        assert reaches(kind, ("host", host), ("origin", f"http://{host}"))

    @pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example:8501", "192.168.1.4:8501", "", "[bad"])
    def test_another_host_is_refused(self, kind, host):
        assert not reaches(kind, ("host", host))
        assert not reaches(kind, ("host", host), ("origin", f"http://{host}"))

    def test_no_host_or_two_are_refused(self, kind):
        assert not reaches(kind)
        assert not reaches(kind, HOST, ("host", "evil.example"))

    @pytest.mark.parametrize(
        "origin",
        ["http://127.0.0.1:3000", "http://localhost:8501", "https://127.0.0.1:8501", "http://evil.example", "null", ""],
    )
    def test_a_page_of_another_origin_is_refused(self, kind, origin):
        assert not reaches(kind, HOST, ("origin", origin))
        assert not reaches(kind, HOST, ORIGIN, ("origin", origin))

    @pytest.mark.parametrize("arrived_on", ["192.168.1.4", "2001:db8::1", "/run/sequela.sock", None])
    def test_what_arrives_over_the_network_is_refused_whatever_it_says_of_itself(self, kind, arrived_on):
        assert not reaches(kind, ("host", "localhost:8501"), arrived_on=arrived_on)


def test_over_tls_the_own_pages_are_answered():
    assert reaches("websocket", HOST, ("origin", "https://127.0.0.1:8501"), scheme="wss")


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "localhost"])
def test_the_dashboard_starts_on_this_computer(address):
    require_loopback(address)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "", None, "192.168.1.4", "clinic.local", "unix:///run/sequela"])
def test_the_dashboard_starts_nowhere_else(address):
    with pytest.raises(SystemExit, match="open the records to the network"):
        require_loopback(address)


@pytest.mark.slow
def test_app_py_itself_refuses_the_network():
    told = 'from streamlit import config; config.set_option("server.address", "0.0.0.0"); import app'
    started = subprocess.run([sys.executable, "-c", told], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert started.returncode == 1
    assert 'Sequela did not start: the address "0.0.0.0"' in started.stderr
    assert "Traceback" not in started.stderr


@pytest.mark.slow
def test_the_script_of_the_pages_shows_no_records_without_app_py(clinic_url, tmp_path):
    async def texts() -> list[str]:
        async with visit(address) as visitor:
            await visitor.open(period="All dates")
            return visitor.texts

    with (
        served(clinic_url, tmp_path / "streamlit.log", script="dashboard/entrypoint.py") as address,
        ThreadPoolExecutor(1) as thread,
    ):
        (said,) = thread.submit(asyncio.run, texts()).result()
    assert said.startswith("Sequela shows records only when it is started with")
