"""An unexpected error: its number on screen and in the log, and no value of a record anywhere."""

import logging

import pytest

from dashboard.shell import error_reporting
from dashboard.shell.background_jobs import Job
from data.database.engine import DatabaseAccessError
from data.privacy.pseudonym_key import PseudonymKeyError
from data.problems import ImportRefusedError
from data.refusal import RefusedError

CLIENT = "Ann Lee"


@pytest.fixture
def log(monkeypatch, caplog):
    """What loggers of this process write once values are kept out of the log."""
    usual = logging.getLogRecordFactory()
    monkeypatch.setattr(error_reporting.sys, "excepthook", None)
    monkeypatch.setattr(error_reporting.threading, "excepthook", None)
    monkeypatch.setattr(error_reporting.LOG, "disabled", False)  # import-linter, run by another test, turns loggers off
    error_reporting.keep_values_out_of_the_log()
    error_reporting.LOG.addHandler(caplog.handler)
    yield lambda: "\n".join(caplog.handler.format(record) for record in caplog.records)
    error_reporting.LOG.removeHandler(caplog.handler)
    logging.setLogRecordFactory(usual)


def read_a_date(text: str) -> None:
    try:
        {}[text]
    except KeyError as cause:
        raise ValueError(f"could not convert {text} to a date") from cause


def unexpected() -> Exception:
    with pytest.raises(ValueError) as met:  # noqa: PT011  its message is what must not be seen
        read_a_date(CLIENT)
    return met.value


def test_screen_and_log_name_the_same_number(log):
    error = unexpected()
    said = error_reporting.describe(error)
    assert f"reference number {error.reference}" in said
    assert f"Reference number {error.reference}" in log()


def test_the_log_tells_type_cause_and_place_but_no_value(log):
    said = error_reporting.describe(unexpected())
    assert "builtins.ValueError" in log()
    assert "builtins.KeyError" in log()
    assert "test_error_reporting.py" in log()
    assert " in read_a_date" in log()
    assert CLIENT not in said + log()


def test_an_error_that_streamlit_has_logged_is_not_logged_twice(log):
    error = unexpected()
    error_reporting.LOG.error("Uncaught app execution", exc_info=error)
    error_reporting.describe(error)
    assert log().count(error.reference) == 1


def test_an_error_put_into_a_message_is_named_by_its_type(log):
    error_reporting.LOG.warning("Streamlit could not go on: %s", unexpected())
    assert "could not go on: ValueError" in log()
    assert CLIENT not in log()


@pytest.mark.parametrize(
    "problem",
    [
        DatabaseAccessError("sequela.db", "is locked", "Close the other program."),
        PseudonymKeyError("The key is missing."),
        RefusedError("There are treatments on record already."),
        ImportRefusedError([]),
    ],
    ids=lambda problem: type(problem).__name__,
)
def test_an_expected_problem_says_itself_what_to_do(log, problem):
    assert error_reporting.describe(problem) == str(problem)
    assert log() == ""


def test_a_job_that_nobody_looks_at_again_is_logged(log):
    job, after = Job("Storing"), Job("Checking")
    job.start(read_a_date, CLIENT)
    after.start(str, 1)
    assert job.work.exception(timeout=10)
    after.work.result(timeout=10)  # one thread: what the first job had to log is logged
    assert " in read_a_date" in log()
    assert CLIENT not in log()
