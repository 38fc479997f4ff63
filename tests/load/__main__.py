"""Many people at once: `python -m tests.load [--users N] [--treatments N] [--seconds S] [--sessions N]` (make load).

Simulated users open pages and change the period of a sample clinic served for the purpose, with no pause longer than a
second between two clicks. Then short sessions follow each other, to show whether memory stays flat.
"""

import argparse
import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from data.database.engine import open_database
from data.sample.generator import make_sample
from tests.load.visitor import Visitor, visit
from tests.one_day import DAY
from tests.streamlit_server import served

PERIODS = ("All dates", "12 months", "This quarter", "Last month")
PAUSE = 1.0  # seconds between two clicks at most
AT_ONCE = 5  # short sessions
REPORTS = 6  # memory is printed so many times during the short sessions


async def use(address: str, number: int, until: float, seconds: list[float], errors: list[Exception]) -> None:
    """One user, who clicks until the time is over; the same user clicks the same things in every run."""
    choices = random.Random(number)
    async with visit(address) as visitor:
        await visitor.open()
        while time.perf_counter() < until:
            await asyncio.sleep(choices.uniform(0, PAUSE))
            start = time.perf_counter()
            try:
                await click(visitor, choices)
            except Exception as error:
                errors.append(error)
                return
            seconds.append(time.perf_counter() - start)


async def click(visitor: Visitor, choices: random.Random) -> None:
    if choices.random() < 0.5:
        await visitor.open(choices.choice(sorted(visitor.pages)))
    else:
        await visitor.choose("period", choices.choice(PERIODS))


async def use_together(address: str, users: int, duration: float) -> tuple[list[float], list[Exception]]:
    seconds, errors = [], []
    until = time.perf_counter() + duration
    await asyncio.gather(*(use(address, number, until, seconds, errors) for number in range(users)))
    return seconds, errors


async def visit_briefly(address: str, sessions: int, process: int) -> None:
    """Sessions of three clicks, a few at once; prints the memory of the server as they go by."""
    places = asyncio.Semaphore(AT_ONCE)

    async def session(number: int) -> None:
        choices = random.Random(number)
        async with places, visit(address) as visitor:
            await visitor.open()
            for _ in range(2):
                await click(visitor, choices)

    share = max(1, sessions // REPORTS)
    for first in range(0, sessions, share):
        last = min(first + share, sessions)
        await asyncio.gather(*map(session, range(first, last)))
        print(f"after {last} short sessions: {memory(process)}", flush=True)


def memory(process: int) -> str:
    """What the process holds, where the system tells."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except OSError:
        return "memory unknown on this system"
    return f"{pages * os.sysconf('SC_PAGE_SIZE') / 1e6:,.0f} MB"


def main(arguments: list[str]) -> int:
    asked = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="sequela-load-", ignore_cleanup_errors=True) as folder:
        url = f"sqlite:///{Path(folder) / 'sequela.db'}"
        engine = open_database(url)
        make_sample(engine, asked.treatments, today=date.fromisoformat(DAY))
        engine.dispose()
        with served(url, Path(folder) / "streamlit.log") as server:
            print(f"{asked.treatments:,} treatments. At the start: {memory(server.process)}", flush=True)
            seconds, errors = asyncio.run(use_together(server, asked.users, asked.seconds))
            p50, p95 = (statistics.quantiles(seconds, n=100)[n - 1] for n in (50, 95))
            print(f"{asked.users} users, {len(seconds)} clicks: p50 {p50:.2f} s, p95 {p95:.2f} s, {len(errors)} errors")
            print(*errors, f"after that: {memory(server.process)}", sep="\n", flush=True)
            asyncio.run(visit_briefly(server, asked.sessions, server.process))
    return int(bool(errors))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--treatments", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--sessions", type=int, default=300, help="short ones, one after another")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
