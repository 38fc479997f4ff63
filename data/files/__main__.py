"""The process apart: a file's bytes in, its tables or the reason why not out, within bounds on memory and time.

Windows and macOS have no bound on the memory of one process; there the bounds looked at before parsing (size, rows,
columns, what is unpacked) and the time limit of the process that started this one must do.
"""

import contextlib
import gc
import os
import sys

from data.files.file_reader import MAXIMUM_SECONDS, tables_of
from data.files.worker_protocol import packed
from data.tabular.table import Unreadable

MAXIMUM_MEMORY_BYTES = 3 * 1024**3 // 2  # measured: 100,000 rows of 15 columns take 0.5 GB, a 20 MB workbook 1 GB


def main() -> None:
    limit()
    gc.disable()  # a million cells and no cycles among them: looking for cycles would take a third of the time
    file, sheets = sys.argv[1:]
    content = sys.stdin.buffer.read()
    try:
        tables = tables_of(file, content, sheets == "hidden")
        answer = packed(tables)
    except Unreadable as problem:
        answer = packed(problem)
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    os._exit(0)  # its memory goes with the process; to free a million cells one by one would take a tenth of the time


def limit() -> None:
    """Bounds memory and time of this process, where the system has such bounds."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no memory image with client data on the disk
    resource.setrlimit(resource.RLIMIT_CPU, (MAXIMUM_SECONDS, MAXIMUM_SECONDS))
    with contextlib.suppress(ValueError):  # macOS refuses to set it
        resource.setrlimit(resource.RLIMIT_AS, (MAXIMUM_MEMORY_BYTES, MAXIMUM_MEMORY_BYTES))


if __name__ == "__main__":
    main()
