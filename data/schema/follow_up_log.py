"""The follow-up log: a sheet that a clinic fills in, one row per contact, in plain words."""

from data.schema.column_types import Choice, Code, ListOf, Text
from data.schema.date_columns import Day, PartialDate
from data.schema.number_columns import Integer
from data.schema.template import FREE_TEXT, GRADE_WORDS, SIDES, Column, SheetSchema
from models import codelist

NOTHING_TO_REPORT = "nothing to report"
NOTHING_WORDS = frozenset({
    "none", "nothing", "no", "n", "nil", "nothing to report", "no side effect", "no side effects", "none reported",
    "ok", "fine", "happy", "all good", "no issues", "no complaints", "no concerns", "keine", "nichts", "ninguno",
    "ninguna", "nada", "aucun", "aucune", "rien",
})  # fmt: skip

# The column "asked" -> the outcome of the contact, how it was asked, and how a side effect found then came to light.
DONE_OUTCOME = "done"
HOW_ASKED = {
    "checklist": (DONE_OUTCOME, "checklist", "asked"),
    "open question": (DONE_OUTCOME, "open", "asked"),
    "not asked": (None, None, "volunteered"),
    "not reached": ("not_reached", None, None),
    "declined": ("declined", None, None),
}
STATES = {"still there": "present", "gone": "gone", "not sure": "unknown"}

LOG = SheetSchema(
    "follow_up_log",
    "Follow-up log",
    "One row per contact. A second side effect reported at the same contact is a second row; a side effect seen again "
    "at a later contact is a row of that contact, with the same name.",
    (
        Column("client", Text(), "The client's number in your practice software; never stored, a pseudonym of it is"),
        Column("treated_on", Day(), "Day of the treatment that the contact is about"),
        Column("treatment_or_invoice", Text(), "Its number in your practice software, in place of client and day"),
        Column("site", Text(), "To find the client by", for_exports=True),
        Column("practitioner", Text(), "To find the client by", for_exports=True),
        Column("areas_treated", Text(), "To find the client by", for_exports=True),
        Column("contact_date", Day(), "Day of the contact, or of the attempt", required=True),
        Column("method", Code(codelist.methods, by_label=True), "Visit, phone or message"),
        Column("asked", Choice(tuple(HOW_ASKED)), "By a checklist or an open question; or why nobody was",
               required=True),
        Column("found", Code(codelist.side_effects, frozenset({NOTHING_TO_REPORT}), by_label=True),
               f"{NOTHING_TO_REPORT}, or the side effect; empty if the client was not reached or declined",
               required=True),
        Column("area", Code(codelist.areas, by_label=True), "The treated area it belongs to, if known"),
        Column("side", SIDES, "Side of the client"),
        Column("grade", Choice(GRADE_WORDS), "How severe it was on the day of the contact"),
        Column("first_noticed", PartialDate(), "Day it began; a month or year will do"),
        Column("state", Choice(tuple(STATES)), "Its state on the day of the contact"),
        Column("last_day", Day(), "Last day it was present, if the client knows"),
        Column("advised", ListOf(Code(codelist.remedies, by_label=True)), "Remedies advised, separated by semicolons"),
        Column("used", ListOf(Code(codelist.remedies, by_label=True)), "Remedies used, separated by semicolons"),
        Column("serious", ListOf(Code(codelist.serious_reasons, by_label=True)),
               "What made it serious; empty if nothing did"),
        Column("words", FREE_TEXT, "In the client's words; no names, e-mail addresses or phone numbers"),
        Column("again", Integer(2, 9), "2 if the same side effect came a second time after it had resolved"),
        Column("side_effect_on_record", Text(), "Filled in by the call list; do not change it", for_exports=True),
    ),
)  # fmt: skip

# A field as the checks of all formats name it (data/importing/validation.py) -> its column in the log.
ALIASES = {
    "date": "contact_date",
    "status_date": "contact_date",
    "onset": "first_noticed",
    "treatment_id": "treatment_or_invoice",
    "effect_id": "found",
}
