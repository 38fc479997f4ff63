"""What every answer of the server carries, seen from the server's side of the middleware."""

import asyncio
import base64
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import streamlit

from dashboard.shell import browser_history
from dashboard.shell.security_headers import SecurityHeadersMiddleware

STREAMLITS_PAGE = Path(streamlit.__file__).parent / "static" / "index.html"


def _run(work):
    """In a thread of its own: the browser of other tests keeps an event loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def answered(path: str, given: dict[str, str] | None = None) -> dict[str, str]:
    """The headers of the answer to a GET of `path` by an application that itself sends those `given`."""
    sent = []

    async def application(scope, receive, send):
        headers = [(name.lower().encode(), value.encode()) for name, value in (given or {}).items()]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})

    async def keep(message):
        sent.append(message)

    _run(SecurityHeadersMiddleware(application)({"type": "http", "path": path}, None, keep))
    assert sent[1]["body"] == b"ok"
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def policy(path: str = "/") -> dict[str, list[str]]:
    """The content security policy as directives."""
    rules = (rule.split() for rule in answered(path)["content-security-policy"].split(";"))
    return {name: sources for name, *sources in rules}


@pytest.mark.parametrize("path", ["/", "/static/js/index.js", "/media/1.csv", "/_stcore/health", "/nowhere"])
def test_no_answer_leaves_without_the_headers(path):
    headers = answered(path)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert "content-security-policy" in headers


def test_nothing_is_fetched_from_outside_and_nobody_frames_the_dashboard():
    rules = policy()
    assert rules["default-src"] == ["'self'"]
    assert rules["frame-ancestors"] == ["'none'"]
    assert rules["object-src"] == ["'none'"]
    assert rules["base-uri"] == rules["form-action"] == ["'self'"]
    outside = [source for sources in rules.values() for source in sources if "//" in source or "*" in source]
    assert outside == []


def test_no_script_runs_but_streamlits_own_and_the_one_of_the_back_button():
    page = STREAMLITS_PAGE.read_text(encoding="utf-8")
    inline = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    hashes = {
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in [*inline, browser_history.SCRIPT]
    }
    assert set(policy()["script-src"]) == {"'self'"} | hashes


def test_a_clients_file_is_kept_by_no_cache():
    assert answered("/media/3f2a.csv", {"Cache-Control": "public, max-age=3600"})["cache-control"] == "no-store"


def test_the_programs_own_files_may_be_kept():
    assert answered("/static/js/index.js", {"Cache-Control": "public"})["cache-control"] == "public"


def test_a_weaker_header_of_the_application_is_replaced():
    assert answered("/", {"X-Frame-Options": "SAMEORIGIN"})["x-frame-options"] == "DENY"


def test_a_websocket_passes_as_it_is():
    passed = []

    async def application(scope, receive, send):
        passed.append((scope["type"], send))

    async def send(message):
        raise AssertionError("nothing was to be sent")

    _run(SecurityHeadersMiddleware(application)({"type": "websocket", "path": "/_stcore/stream"}, None, send))
    assert passed == [("websocket", send)]
