"""Notes that mention a side effect are shown to a person without names and numbers."""

from benchmarks.exports import FOLDER
from data.files import Table, read_tables
from data.mapping.side_effect_notes import find_mentions


def notes(*texts):
    rows = tuple(("Avery King", text) for text in texts)
    return Table("log.csv", None, ("Pt", "Notes"), rows, tuple(range(2, len(rows) + 2)), ())


def test_a_note_is_shown_with_what_it_mentions_and_without_names_and_numbers():
    table = notes("King called: droopy L lid, resolved 3/20, call Emma 404-555-1234", "happy with result")
    (mention,) = find_mentions(table, ["Notes"], ["Pt"])
    assert mention.row == 2
    assert mention.side_effects == ("Eyelid ptosis",)
    assert mention.note == "[removed] called: droopy L lid, resolved 3/20, call [removed] [removed]"


def test_every_note_about_a_drooping_lid_in_a_tox_log_is_found():
    (table,) = read_tables(FOLDER / "21_hand_textareas.xlsx")
    mentions = find_mentions(table, ["Notes"], [])
    assert sum("Eyelid ptosis" in mention.side_effects for mention in mentions) == 14
