"""Work that outlives the click that began it. A click elsewhere or a closed tab ends a page's script, never a job.

One thread, one job after the other: writers queue anyway. A page polls; the job itself calls nothing of Streamlit.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from threading import Lock
from traceback import clear_frames
from typing import Any

from dashboard.shell import error_reporting

MAX_JOBS = 50  # finished jobs that can still be asked for


@dataclass
class Progress:
    """Where a job is: it says so itself, a page reads it. `of` 0: nobody knows how many there are."""

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
    """Queues the work and gives the number by which any page can ask for it."""
    with _lock:
        number = next(_numbers)
        running = _worker.submit(_done, work, *arguments)
        running.add_done_callback(_log_failure)
        _jobs[number] = Job(number, title, running, progress or Progress())
        for old in [n for n, job in _jobs.items() if not job.running][:-MAX_JOBS]:
            del _jobs[old]
    return number


def _done(work: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return work(*arguments)
    except BaseException as error:
        clear_frames(error.__traceback__)  # they hold the files that were refused for as long as the error is kept
        raise


def _log_failure(work: Future) -> None:
    """Whoever began the job may never look at it again."""
    if error := work.exception():
        error_reporting.describe(error)


def find_job(number: int) -> Job | None:
    return _jobs.get(number)


def forget_job(number: int) -> None:
    """Lets go of a finished job and all that it gave back."""
    with _lock:
        if (job := _jobs.get(number)) and not job.running:
            del _jobs[number]


def running_job() -> Job | None:
    """The job at work now, if any."""
    return next((job for job in list(_jobs.values()) if job.running), None)
