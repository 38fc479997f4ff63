"""Work that outlives the click that started it. Another click or a closed tab ends a page's script, never a job.

One thread runs one job at a time, because writers queue anyway. Pages poll; a job itself must not call Streamlit.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from threading import Lock
from traceback import clear_frames
from typing import Any

from dashboard.shell import error_reporting

MAX_JOBS = 50  # finished jobs that are remembered


@dataclass
class Progress:
    """How far a job is, written by the job and read by pages. `of` 0: the total is unknown."""

    doing: str = "waiting for its turn"
    done: int = 0
    of: int = 0

    def report(self, doing: str, done: int, of: int) -> None:
        self.doing, self.done, self.of = doing, done, of


@dataclass(frozen=True)
class Job:
    number: int
    title: str
    work: Future
    progress: Progress = field(default_factory=Progress)

    @property
    def running(self) -> bool:
        return not self.work.done()


_numbers = count(1)
_jobs: dict[int, Job] = {}
_lock = Lock()
_worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="job")


def start_job(title: str, work: Callable[..., Any], *arguments: Any, progress: Progress | None = None) -> int:
    """Queue the work and return the number by which any page can find it."""
    with _lock:
        number = next(_numbers)
        running = _worker.submit(_run, work, *arguments)
        running.add_done_callback(_log_failure)
        _jobs[number] = Job(number, title, running, progress or Progress())
        for old in [n for n, job in _jobs.items() if not job.running][:-MAX_JOBS]:
            del _jobs[old]
    return number


def _run(work: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return work(*arguments)
    except BaseException as error:
        clear_frames(error.__traceback__)  # otherwise the error would keep the refused files in memory
        raise


def _log_failure(work: Future) -> None:
    """Whoever started the job may never look at it again."""
    if error := work.exception():
        error_reporting.describe(error)


def find_job(number: int) -> Job | None:
    return _jobs.get(number)


def forget_job(number: int) -> None:
    """Release a finished job and its result."""
    with _lock:
        if (job := _jobs.get(number)) and not job.running:
            del _jobs[number]


def running_job() -> Job | None:
    """The job that runs now, if any."""
    return next((job for job in list(_jobs.values()) if job.running), None)
