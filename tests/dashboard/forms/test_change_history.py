"""A history speaks as the form does: no name of a column, no pseudonym, and days as everywhere else."""

from datetime import datetime

import pytest

from dashboard.forms import change_history
from data.history.record_history import HistoryEntry

SAID = {  # what a record says of a change -> what is read
    ("onset", "2026-03-03", "2026-02"): ("First noticed", "3 March 2026", "February 2026"),
    ("onset", "empty", "2026"): ("First noticed", "Not told", "2026"),
    ("as_given", "heavy eye", "empty"): ("In the client's words", "heavy eye", "Not told"),
    ("term", "headache", "migraine"): ("Side effect", "Headache", "Migraine"),
    ("client", "qr-1", "qr-2"): ("Client", "one client", "another client"),
    ("touch_up_of", "empty", "2026-03-03"): ("Tops up the treatment of", "Not told", "3 March 2026"),
    ("note of 2026-03-09: state", "present", "gone"): ("Note of 9 March 2026: how it was", "Still there", "Gone"),
    ("note of 2026-03-09: date", "2026-03-09", "2026-03-10"): (
        "Note of 9 March 2026: day of the note",
        "9 March 2026",
        "10 March 2026",
    ),
    ("area glabella: side", "left", "right"): ("Area Glabella: side", "Left", "Right"),
    ("area not told: units", "10", "12.5"): ("Area not told: units", "10", "12.5"),
    ("remedy soft_diet: kind", "advised", "used"): ("Remedy Soft diet: advised or used", "Advised", "Used"),
    ("remedy soft_diet: from_date", "empty", "2026-03-04"): ("Remedy Soft diet: from", "Not told", "4 March 2026"),
}  # fmt: skip


@pytest.mark.parametrize("told", SAID, ids=lambda told: told[0])
def test_a_change_is_said_as_the_form_says_it(told):
    table = change_history.history_table([HistoryEntry(1, datetime(2026, 3, 11, 9, 30), None, None, *told)])
    assert (*table["What"], *table["Was"], *table["Is"]) == SAID[told]
    assert (table["Who"], table["Why"]) == (["a file"], [""])
