"""Work that outlives the click that began it. A click elsewhere or a closed tab ends a page's script, never a job.

One thread, one job after the other: writers queue anyway. A page polls; the job itself calls nothing of Streamlit.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from threading import Lock
from typing import Any

KEPT = 50  # finished jobs that can still be asked for


@dataclass(frozen=True)
class Job:
    number: int
    title: str
    work: Future

    @property
    def running(self) -> bool:
        return not self.work.done()


_numbers = count(1)
_jobs: dict[int, Job] = {}
_lock = Lock()
_worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="job")


def start(title: str, work: Callable[..., Any], *arguments: Any) -> int:
    """Queues the work and gives the number by which any page can ask for it."""
    with _lock:
        number = next(_numbers)
        _jobs[number] = Job(number, title, _worker.submit(work, *arguments))
        for old in [n for n, job in _jobs.items() if not job.running][:-KEPT]:
            del _jobs[old]
    return number


def job(number: int) -> Job | None:
    return _jobs.get(number)


def running() -> Job | None:
    """The job at work now, if any."""
    return next((job for job in list(_jobs.values()) if job.running), None)
