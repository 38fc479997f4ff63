"""A job says where it is, and is let go with all that it gave back."""

from threading import Event

from dashboard.shell import background_jobs


def test_a_job_says_where_it_is_while_it_works():
    told, go_on, progress = Event(), Event(), background_jobs.Progress()

    def work(what):
        progress.report("storing", 3, 10)
        told.set()
        go_on.wait(10)
        return what

    number = background_jobs.start_job("Storing", work, "all of it", progress=progress)
    told.wait(10)
    at = background_jobs.find_job(number).progress
    assert (at.doing, at.done, at.of) == ("storing", 3, 10)
    background_jobs.forget_job(number)
    assert background_jobs.find_job(number).running
    go_on.set()
    assert background_jobs.find_job(number).work.result() == "all of it"


def test_a_finished_job_is_let_go_with_all_that_it_gave_back():
    number = background_jobs.start_job("Checking", str, 1)
    background_jobs.find_job(number).work.result()
    background_jobs.forget_job(number)
    assert background_jobs.find_job(number) is None
