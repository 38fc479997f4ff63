"""Uploaded files: in memory from the drop to the import. They name people, so nothing of them touches the disk."""

import shutil
from dataclasses import dataclass, field

from data.privacy.private_folder import PRIVATE

EARLIER = PRIVATE / "uploads"  # where earlier versions kept them, also after they were imported


@dataclass(frozen=True)
class Upload:
    """One file that a browser sent."""

    name: str
    content: bytes = field(repr=False)


def remove_earlier_uploads() -> None:
    """Deletes what earlier versions left on the disk."""
    shutil.rmtree(EARLIER, ignore_errors=True)
