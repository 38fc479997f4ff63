"""What a record said before it was corrected, in the words of the form that corrects it."""

from collections.abc import Sequence
from typing import Any

from dashboard.forms.correction_form import TITLES
from dashboard.text import formatting
from dashboard.text.labels import in_words
from data.importing.manual_entry import NOTE, NOTHING, Told

COLUMNS = {"term": "side_effect", "as_given": "words"}  # fields of a record that the form calls by another name
OWN_TITLES = {"touch_up_of": "Tops up the treatment of"}  # a day stands beside it, and not a number
OF_A_NOTE = {"date": "status_date"}
DAYS = ("date", "onset", "last_day", "from_date", "expiry", "treatment", "touch_up_of")
CHOSEN = ("side", "kind")  # of a few words, which the form begins with a capital
CLIENT = "client"  # a pseudonym, which says nothing to anybody
NOT_TOLD = "Not told"


def table(history: Sequence[Told]) -> dict[str, list[Any]]:
    """Each change in a row, columns by title."""
    return {
        "When": [change.at for change in history],
        "Who": [change.by or "a file" for change in history],
        "Why": [change.why or "" for change in history],
        "What": [what(change.what) for change in history],
        "Was": [value(change.what, change.was, "one client") for change in history],
        "Is": [value(change.what, change.now, "another client") for change in history],
    }


def what(told: str) -> str:
    """ "note of 2026-06-03: state" -> "Note of 3 June 2026: how it was"; "as_given" -> "In the client's words"."""
    part, colon, field = told.rpartition(": ")
    title = _title(field, part)
    if not colon:
        return title
    if part.startswith(NOTE):
        return f"Note of {formatting.day_or_month(part.removeprefix(NOTE))}: {_small(title)}"
    kind, _, code = part.partition(" ")
    return f"{kind.capitalize()} {in_words(kind, code)}: {_small(title)}"


def value(told: str, said: str, of_a_client: str) -> str:
    """What stands or stood in a field; `of_a_client`: in place of whose record it is."""
    field = told.rpartition(": ")[2]
    if said == NOTHING:
        return NOT_TOLD
    if field == CLIENT:
        return of_a_client
    if field in DAYS:
        return formatting.day_or_month(said)
    return formatting.sentence(said) if field in CHOSEN else in_words(field, said)


def _title(field: str, part: str) -> str:
    named = OF_A_NOTE.get(field, field) if part.startswith(NOTE) else COLUMNS.get(field, field)
    return OWN_TITLES.get(named) or TITLES.get(named) or formatting.sentence(named.replace("_", " "))


def _small(title: str) -> str:
    return title[:1].lower() + title[1:]
