"""The running server sends the security headers, and answers only its own pages."""

from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect


def headers(address: str) -> dict[str, str]:
    try:
        with urlopen(address, timeout=10) as answer:
            return {name.lower(): value for name, value in answer.headers.items()}
    except HTTPError as refused:
        return {name.lower(): value for name, value in refused.headers.items()}


@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/_stcore/host-config", "/media/none.csv", "/favicon.png"])
def test_the_server_sends_its_security_headers_with_every_response(clinic, path):
    sent = headers(clinic + path)
    assert "frame-ancestors 'none'" in sent["content-security-policy"]
    assert sent["x-content-type-options"] == "nosniff"


def test_the_server_forbids_caches_to_store_a_download(clinic):
    assert headers(f"{clinic}/media/none.csv")["cache-control"] == "no-store"


def status(address: str, **headers: str) -> int:
    try:
        with urlopen(Request(address, headers=headers), timeout=10) as answer:
            return answer.status
    except HTTPError as refused:
        return refused.code


@pytest.mark.parametrize("path", ["/", "/cases", "/_stcore/health", "/media/none.csv"])
def test_a_request_with_another_origin_or_host_is_refused(clinic, path):
    assert status(clinic + path, Host="evil.example") == 403
    assert status(clinic + path, Origin="http://evil.example") == 403
    assert status(clinic + path, Origin="http://localhost:3000") == 403
    assert status(clinic + path, Origin=clinic) == status(clinic + path) != 403


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost:3000", "http://127.0.0.1:3000", "null"])
def test_a_page_of_another_origin_cannot_open_a_session(clinic, origin):
    with pytest.raises(InvalidStatus, match="403"):
        connect(f"{clinic.replace('http', 'ws')}/_stcore/stream", origin=origin)


def test_a_page_of_the_dashboard_opens_a_session(clinic):
    with connect(f"{clinic.replace('http', 'ws')}/_stcore/stream", origin=clinic) as session:
        assert session.response.status_code == 101
