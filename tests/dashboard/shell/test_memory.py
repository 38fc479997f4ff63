"""Garbage is collected on a timer, and never within a click."""

import asyncio
import gc
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dashboard.shell import memory

SETTINGS = tomllib.loads((Path(__file__).parents[3] / ".streamlit" / "config.toml").read_text())


def test_no_click_waits_for_a_collection():
    assert SETTINGS["runner"]["postScriptGC"] is False


def test_what_stays_is_frozen_when_the_copy_is_filled_and_garbage_is_collected_again_and_again(monkeypatch):
    done, enough = [], asyncio.Event()

    def collect() -> None:
        done.append("collect")
        if done.count("collect") == 3:
            loop.call_soon_threadsafe(enough.set)

    monkeypatch.setattr(gc, "collect", collect)
    monkeypatch.setattr(gc, "freeze", lambda: done.append("freeze"))
    monkeypatch.setattr(memory, "PERIOD", 0)

    async def fill_and_wait() -> None:
        nonlocal loop
        loop = asyncio.get_running_loop()
        collecting = asyncio.create_task(memory.collect_after(asyncio.create_task(fill())))
        await enough.wait()
        collecting.cancel()

    async def fill() -> None:
        await asyncio.sleep(0)
        done.append("fill")

    loop = None
    with ThreadPoolExecutor(1) as thread:  # the browser tests leave a loop running in this one
        thread.submit(asyncio.run, fill_and_wait()).result()
    assert done[:5] == ["fill", "collect", "freeze", "collect", "collect"]
