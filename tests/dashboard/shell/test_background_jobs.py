"""A job says where it is, and is let go with all that it gave back."""

import gc
import weakref
from threading import Event

from dashboard.shell.background_jobs import Job, is_busy


class Result:
    """What a job gives back."""


def test_a_job_says_where_it_is_while_it_works():
    told, go_on, job = Event(), Event(), Job("Storing")

    def work(what):
        job.report("storing", 3, 10)
        told.set()
        go_on.wait(10)
        return what

    job.start(work, "all of it")
    told.wait(10)
    assert (job.doing, job.done, job.of) == ("storing", 3, 10)
    assert job.running
    assert is_busy()
    go_on.set()
    assert job.work.result(10) == "all of it"
    assert not job.running


def test_a_finished_job_is_let_go_with_all_that_it_gave_back():
    job, next_job = Job("Checking"), Job("Checking")
    job.start(Result)
    result = weakref.ref(job.work.result(10))
    next_job.start(str)  # one thread: the first job is out of its hands when the second one is done
    next_job.work.result(10)
    del job
    gc.collect()
    assert result() is None
    assert not is_busy() or not next_job.running
