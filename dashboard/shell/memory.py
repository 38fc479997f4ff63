"""Garbage collection on a timer. Streamlit's own, after every click, is off (.streamlit/config.toml)."""

import asyncio
import gc

# Seconds. A collection stops every visitor for as long as it takes, 0.1 to 0.3 s with a thousand cached answers.
PERIOD = 30.0


def freeze() -> None:
    """Takes what is there now (modules, tables of the copy) out of all later collections: it stays to the end."""
    gc.collect()
    gc.freeze()


async def collect_after(filling: asyncio.Task) -> None:
    """Freezes again when the copy is filled, then collects every `PERIOD` until it is cancelled."""
    await asyncio.wait({filling})
    await asyncio.to_thread(freeze)
    while True:
        await asyncio.sleep(PERIOD)
        await asyncio.to_thread(gc.collect)
