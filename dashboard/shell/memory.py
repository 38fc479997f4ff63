"""Garbage collection on a timer. Streamlit's own, after every click, is off (.streamlit/config.toml)."""

import asyncio
import gc

# Seconds. A collection stops every visitor while it runs: 0.1 to 0.3 s with a thousand cached results.
PERIOD = 30.0


def freeze() -> None:
    """Exclude the present objects (modules, tables of the copy) from later collections: they stay to the end."""
    gc.collect()
    gc.freeze()


async def collect_after(filling: asyncio.Task) -> None:
    """Freeze again when the copy is filled, then collect every `PERIOD` until canceled."""
    await asyncio.wait({filling})
    await asyncio.to_thread(freeze)
    while True:
        await asyncio.sleep(PERIOD)
        await asyncio.to_thread(gc.collect)
