"""A job says where it is, and is let go with all that it gave back."""

from threading import Event

from dashboard import jobs


def test_a_job_says_where_it_is_while_it_works():
    told, go_on, progress = Event(), Event(), jobs.Progress()

    def work(what):
        progress.report("storing", 3, 10)
        told.set()
        go_on.wait(10)
        return what

    number = jobs.start("Storing", work, "all of it", progress=progress)
    told.wait(10)
    at = jobs.job(number).progress
    assert (at.doing, at.done, at.of) == ("storing", 3, 10)
    jobs.forget(number)
    assert jobs.job(number).running
    go_on.set()
    assert jobs.job(number).work.result() == "all of it"


def test_a_finished_job_is_let_go_with_all_that_it_gave_back():
    number = jobs.start("Checking", str, 1)
    jobs.job(number).work.result()
    jobs.forget(number)
    assert jobs.job(number) is None
