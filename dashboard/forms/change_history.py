"""What a record said before it was corrected, in the words of the form that corrects it."""

from collections.abc import Sequence
from typing import Any

from dashboard.forms.correction_form import TITLES
from dashboard.text import formatting
from dashboard.text.labels import format_field
from data.history.record_history import EMPTY_VALUE, NOTE_PREFIX, HistoryEntry

COLUMNS = {"term": "side_effect", "as_given": "words"}  # fields of a record that the form calls by another name
OWN_TITLES = {"touch_up_of": "Tops up the treatment of"}  # a day stands beside it, and not a number
NOTE_FIELDS = {"date": "status_date"}
DATE_FIELDS = ("date", "onset", "last_day", "from_date", "expiry", "treatment", "touch_up_of")
CODED_FIELDS = ("side", "kind")  # of a few words, which the form begins with a capital
CLIENT = "client"  # a pseudonym, which says nothing to anybody
NOT_RECORDED = "Not told"


def history_table(history: Sequence[HistoryEntry]) -> dict[str, list[Any]]:
    """Each change in a row, columns by title."""
    return {
        "When": [change.changed_at for change in history],
        "Who": [change.by or "a file" for change in history],
        "Why": [change.why or "" for change in history],
        "What": [describe_field(change.field) for change in history],
        "Was": [format_value(change.field, change.old_value, "one client") for change in history],
        "Is": [format_value(change.field, change.new_value, "another client") for change in history],
    }


def describe_field(told: str) -> str:
    """ "note of 2026-06-03: state" -> "Note of 3 June 2026: how it was"; "as_given" -> "In the client's words"."""
    part, colon, field = told.rpartition(": ")
    title = _field_title(field, part)
    if not colon:
        return title
    if part.startswith(NOTE_PREFIX):
        return f"Note of {formatting.format_partial_date(part.removeprefix(NOTE_PREFIX))}: {_lower_first(title)}"
    kind, _, code = part.partition(" ")
    return f"{kind.capitalize()} {format_field(kind, code)}: {_lower_first(title)}"


def format_value(told: str, said: str, of_a_client: str) -> str:
    """What stands or stood in a field; `of_a_client`: in place of whose record it is."""
    field = told.rpartition(": ")[2]
    if said == EMPTY_VALUE:
        return NOT_RECORDED
    if field == CLIENT:
        return of_a_client
    if field in DATE_FIELDS:
        return formatting.format_partial_date(said)
    return formatting.capitalize_first(said) if field in CODED_FIELDS else format_field(field, said)


def _field_title(field: str, part: str) -> str:
    named = NOTE_FIELDS.get(field, field) if part.startswith(NOTE_PREFIX) else COLUMNS.get(field, field)
    return OWN_TITLES.get(named) or TITLES.get(named) or formatting.capitalize_first(named.replace("_", " "))


def _lower_first(title: str) -> str:
    return title[:1].lower() + title[1:]
