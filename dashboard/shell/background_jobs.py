"""Work that outlives the click that started it. Another click or a closed tab ends a page's script, never a job.

One thread runs one job at a time, because writers queue anyway. Pages poll; a job itself must not call Streamlit.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from traceback import clear_frames
from typing import Any

from dashboard.shell import error_reporting

_worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="job")
_unfinished: set[Future] = set()


@dataclass
class Job:
    """A job, and how far it is: `done` of `of`; `of` is 0 while the total is unknown.

    Its result is kept as long as a session refers to it.
    """

    title: str
    doing: str = "waiting for its turn"
    done: int = 0
    of: int = 0
    work: Future = field(default_factory=Future)

    @property
    def running(self) -> bool:
        return not self.work.done()

    def start(self, work: Callable[..., Any], *arguments: Any) -> None:
        """Queue the work."""
        self.work = _worker.submit(_run, work, *arguments)
        _unfinished.add(self.work)
        self.work.add_done_callback(_unfinished.discard)

    def report(self, doing: str, done: int, of: int) -> None:
        """What the work calls to say how far it is."""
        self.doing, self.done, self.of = doing, done, of


def is_busy() -> bool:
    """Whether a job runs or waits."""
    return bool(_unfinished)


def _run(work: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return work(*arguments)
    except BaseException as error:
        error_reporting.describe(error)  # logged here, because whoever started the job may never look at it again
        clear_frames(error.__traceback__)  # otherwise the error would keep the refused files in memory
        raise
