"""The dashboard as it is served: its answers carry the headers that tests/dashboard/test_headers.py counts."""

from urllib.error import HTTPError
from urllib.request import urlopen

import pytest


def headers(address: str) -> dict[str, str]:
    try:
        with urlopen(address, timeout=10) as answer:
            return {name.lower(): value for name, value in answer.headers.items()}
    except HTTPError as refused:
        return {name.lower(): value for name, value in refused.headers.items()}


@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/_stcore/host-config", "/media/none.csv", "/favicon.png"])
def test_the_served_dashboard_sends_its_headers_with_every_answer(clinic, path):
    sent = headers(clinic + path)
    assert "frame-ancestors 'none'" in sent["content-security-policy"]
    assert sent["x-content-type-options"] == "nosniff"


def test_the_served_dashboard_lets_no_cache_keep_a_clients_file(clinic):
    assert headers(f"{clinic}/media/none.csv")["cache-control"] == "no-store"
