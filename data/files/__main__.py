"""The subprocess that reads a file: bytes in, tables or the reason for refusal out, within limits on memory and time.

Windows and macOS cannot limit the memory of a process. There, the limits checked before parsing (size, rows, columns,
unpacked bytes) and the timeout of the parent process must suffice.
"""

import contextlib
import gc
import os
import sys

from data.files.file_reader import FILE_NAME, HIDDEN_SHEETS, MAX_SECONDS, read_tables_here
from data.files.worker_protocol import encode_answer
from data.tabular.table import UnreadableFileError

MAX_MEMORY_BYTES = 3 * 1024**3 // 2  # measured: 100,000 rows of 15 columns take 0.5 GB, a 20 MB workbook 1 GB


def main() -> None:
    set_resource_limits()
    gc.disable()  # a million cells without cycles: collecting would take a third of the time
    content = sys.stdin.buffer.read()
    try:
        tables = read_tables_here(os.environ[FILE_NAME], content, os.environ[HIDDEN_SHEETS] == "1")
        answer = encode_answer(tables)
    except UnreadableFileError as problem:
        answer = encode_answer(problem)
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    os._exit(0)  # freeing a million cells one by one would take a tenth of the time


def set_resource_limits() -> None:
    """Limit memory and time of this process, if the system supports it."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no core dump with client data on disk
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    with contextlib.suppress(ValueError):  # macOS refuses to set it
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))


if __name__ == "__main__":
    main()
