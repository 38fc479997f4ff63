"""Folders that only this user can enter: data/private/ and its subfolders, and the folder of pseudonym keys."""

import shutil
from pathlib import Path

PRIVATE = Path(__file__).parents[1] / "private"
MAPPINGS = PRIVATE / "mappings"  # those that a person confirmed


def make_private(folder: Path) -> Path:
    """Create a folder for this user only, with data/private/ above it; close it to others if open. Raises OSError."""
    for made in (PRIVATE, folder) if PRIVATE in folder.parents else (folder,):
        made.mkdir(mode=0o700, parents=True, exist_ok=True)
        if made.stat().st_mode & 0o077:
            made.chmod(0o700)
    return folder


def remove_earlier_uploads() -> None:
    """Delete the uploads that earlier versions left on the disk, even after the import. They name people."""
    shutil.rmtree(PRIVATE / "uploads", ignore_errors=True)
