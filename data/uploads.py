"""Files on their way in: kept in a private folder until they are stored or given up, and swept at the next start."""

import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import mkdtemp

from data.private_folder import PRIVATE, make_private

FOLDER = PRIVATE / "uploads"
KEPT_SECONDS = 24 * 3600  # what somebody dropped and never came back to


def keep(files: Iterable[tuple[str, bytes]]) -> Path:
    """Puts uploaded files into a folder of their own that this user alone can read; gives the folder."""
    make_private(FOLDER)
    _sweep()
    folder = Path(mkdtemp(dir=FOLDER))
    for name, content in files:
        (folder / Path(name).name).write_bytes(content)  # the name alone: never a path that the browser sent
    return folder


def _sweep() -> None:
    for folder in FOLDER.iterdir():
        if folder.stat().st_mtime < time.time() - KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
