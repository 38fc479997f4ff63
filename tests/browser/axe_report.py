"""The command-line report of the same records, to compare with the screens."""

import json
import os
import subprocess
import sys
from datetime import date

from dashboard.text import formatting
from tests.streamlit_server import PROJECT

BY = ("side_effect", "family", "practitioner")  # one report for each, because a screen shows them separately


def reported(database_url: str, first: date, last: date) -> dict:
    """The report with rates and durations by side effect, family and practitioner, and for all together."""
    packs = [_pack(database_url, first, last, by) for by in BY]
    return packs[0] | {name: _distinct(row for pack in packs for row in pack[name]) for name in ("rates", "durations")}


def row_of(rows: list[dict], **by: str) -> dict:
    """The row of a group, or of all together."""
    (row,) = [row for row in rows if row["by"] == by]
    return row


def median(row: dict) -> str:
    return formatting.median(row["median"], row["low"], row["high"], row["longest"])


def _pack(database_url: str, first: date, last: date, by: str) -> dict:
    period = ["--from", str(first), "--to", str(last)]
    command = [sys.executable, "-m", "tests.one_day", "dashboard", "report", *period, "--by", by, "--format", "json"]
    environment = os.environ | {"DATABASE_URL": database_url}
    return json.loads(subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, check=True).stdout)


def _distinct(rows) -> list[dict]:
    return list({json.dumps(row["by"], sort_keys=True): row for row in rows}.values())
