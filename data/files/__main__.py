"""The process apart: a file's bytes in, its tables or the reason why not out, within bounds on memory and time.

Windows and macOS have no bound on the memory of one process; there the bounds looked at before parsing (size, rows,
columns, what is unpacked) and the time limit of the process that started this one must do.
"""

import contextlib
import gc
import os
import sys

from data.files.file_reader import MAX_SECONDS, read_tables_here
from data.files.worker_protocol import encode_answer
from data.tabular.table import UnreadableFileError

MAX_MEMORY_BYTES = 3 * 1024**3 // 2  # measured: 100,000 rows of 15 columns take 0.5 GB, a 20 MB workbook 1 GB


def main() -> None:
    set_resource_limits()
    gc.disable()  # a million cells and no cycles among them: looking for cycles would take a third of the time
    file, sheets = sys.argv[1:]
    content = sys.stdin.buffer.read()
    try:
        tables = read_tables_here(file, content, sheets == "hidden")
        answer = encode_answer(tables)
    except UnreadableFileError as problem:
        answer = encode_answer(problem)
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    os._exit(0)  # its memory goes with the process; to free a million cells one by one would take a tenth of the time


def set_resource_limits() -> None:
    """Bounds memory and time of this process, where the system has such bounds."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no memory image with client data on the disk
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    with contextlib.suppress(ValueError):  # macOS refuses to set it
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))


if __name__ == "__main__":
    main()
