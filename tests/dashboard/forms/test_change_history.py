"""The history uses the words of the form: no column names, no pseudonyms, and dates as everywhere else."""

from datetime import datetime

import pytest

from dashboard.forms import change_history
from data.history.record_history import HistoryEntry

CHANGES = {  # (field, old value, new value) -> what the page shows
    ("onset", "2026-03-03", "2026-02"): ("Onset", "Mar 3, 2026", "February 2026"),
    ("onset", "empty", "2026"): ("Onset", "Not recorded", "2026"),
    ("as_given", "heavy eye", "empty"): ("In the client's words", "heavy eye", "Not recorded"),
    ("term", "headache", "migraine"): ("Side effect", "Headache", "Migraine"),
    ("client", "qr-1", "qr-2"): ("Client", "one client", "another client"),
    ("touch_up_of", "empty", "2026-03-03"): ("Touch-up of the treatment of", "Not recorded", "Mar 3, 2026"),
    ("note of 2026-03-09: state", "present", "gone"): ("Note of Mar 9, 2026: status", "Still present", "Resolved"),
    ("note of 2026-03-09: date", "2026-03-09", "2026-03-10"): (
        "Note of Mar 9, 2026: day of the note",
        "Mar 9, 2026",
        "Mar 10, 2026",
    ),
    ("area glabella: side", "left", "right"): ("Area Glabella: side", "Left", "Right"),
    ("area not recorded: units", "10", "12.5"): ("Area not recorded: units", "10", "12.5"),
    ("remedy soft_diet: kind", "advised", "used"): ("Remedy Soft diet: advised or used", "Advised", "Used"),
    ("remedy soft_diet: from_date", "empty", "2026-03-04"): ("Remedy Soft diet: from", "Not recorded", "Mar 4, 2026"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change[0])
def test_a_change_is_shown_in_the_words_of_the_form(change):
    table = change_history.history_table([HistoryEntry(1, datetime(2026, 3, 11, 9, 30), None, None, *change)])
    assert (*table["field"], *table["before"], *table["after"]) == CHANGES[change]
    assert (list(table["who"]), list(table["why"])) == (["a file"], [""])
