"""Uploaded files stay in memory until they are imported: they name people, so they never touch the disk."""

import shutil
from dataclasses import dataclass, field

from data.privacy.private_folder import PRIVATE

EARLIER = PRIVATE / "uploads"  # where earlier versions left them, even after the import


@dataclass(frozen=True)
class Upload:
    """One file that a browser sent."""

    name: str
    content: bytes = field(repr=False)


def remove_earlier_uploads() -> None:
    """Deletes the files that earlier versions left on the disk."""
    shutil.rmtree(EARLIER, ignore_errors=True)
