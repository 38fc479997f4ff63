"""The history of a record, in the words of the form that corrects it."""

from collections.abc import Sequence

import pandas as pd

from dashboard.forms.correction_form import TITLES
from dashboard.text import formatting
from dashboard.text.labels import format_field, label
from data.history.record_history import NOTE_PREFIX, HistoryEntry
from data.records.diff import EMPTY_VALUE

FORM_FIELDS = {"term": "side_effect", "as_given": "words"}  # fields of a record that the form names differently
OWN_TITLES = {"touch_up_of": "Touch-up of the treatment of"}  # followed by a day, not by a number
DATE_FIELDS = ("date", "onset", "last_day", "from_date", "expiry", "treatment", "touch_up_of")


def history_table(history: Sequence[HistoryEntry]) -> pd.DataFrame:
    """One row per change. Columns: when (datetime64), who, why, field, before, after (str)."""
    return pd.DataFrame({
        "when": [entry.changed_at for entry in history],
        "who": [entry.by or "a file" for entry in history],
        "why": [entry.why or "" for entry in history],
        "field": [describe_field(entry.field) for entry in history],
        "before": [format_value(entry.field, entry.old_value, "one client") for entry in history],
        "after": [format_value(entry.field, entry.new_value, "another client") for entry in history],
    })  # fmt: skip


def describe_field(field: str) -> str:
    """ "note of 2026-06-03: state" -> "Note of Jun 3, 2026: status"; "as_given" -> "In the client's words"."""
    part, _, name = field.rpartition(": ")
    is_note = part.startswith(NOTE_PREFIX)
    name = {"date": "status_date"}.get(name, name) if is_note else FORM_FIELDS.get(name, name)
    title = OWN_TITLES.get(name) or TITLES.get(name) or formatting.capitalize_first(name.replace("_", " "))
    if not part:
        return title
    kind, _, code = part.partition(" ")
    day = formatting.format_partial_date(part.removeprefix(NOTE_PREFIX))
    subject = f"Note of {day}" if is_note else f"{kind.capitalize()} {format_field(kind, code)}"
    return f"{subject}: {formatting.lower_first(title)}"


def format_value(field: str, value: str, client: str) -> str:
    """The value of a field; `client` stands for the client it belongs to."""
    name = field.rpartition(": ")[2]
    if value == EMPTY_VALUE:
        return label(name, None)
    if name == "client":  # a pseudonym, which nobody can read
        return client
    if name in DATE_FIELDS:
        return formatting.format_partial_date(value)
    return formatting.capitalize_first(value) if name in ("side", "kind") else format_field(name, value)
