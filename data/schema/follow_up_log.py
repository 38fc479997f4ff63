"""The follow-up log: a sheet that a clinic fills in by hand, one line per contact, in plain words."""

from data.schema.column_types import Choice, Day, Labelled, Several, Span, Text, Whole
from data.schema.template import GRADE_WORDS, SIDES, WORDS, Column, SheetKind
from models import codelist

NOTHING = "nothing to report"

# What stands under "Asked" -> how the contact ended, how it was asked, and how an effect told then came to light.
DONE, VOLUNTEERED = "done", "volunteered"
ASKED = {
    "checklist": (DONE, "checklist", "asked"),
    "open question": (DONE, "open", "asked"),
    "not asked": (None, None, VOLUNTEERED),
    "not reached": ("not_reached", None, None),
    "declined": ("declined", None, None),
}
STATES = {"still there": "present", "gone": "gone", "not sure": "unknown"}

LOG = SheetKind(
    "follow_up_log",
    "Follow-up log",
    "One line per contact. A second side effect told at the same contact is a second line; a side effect seen again at "
    "a later contact is a line of that contact, with the same name.",
    (
        Column("client", Text(), "The client's number in your practice software; never stored, a pseudonym of it is"),
        Column("treated_on", Day(), "Day of the treatment that the contact is about"),
        Column("treatment_or_invoice", Text(), "Its number in your practice software, in place of client and day"),
        Column("site", Text(), "To find the client by", for_exports=True),
        Column("practitioner", Text(), "To find the client by", for_exports=True),
        Column("areas_treated", Text(), "To find the client by", for_exports=True),
        Column("contact_date", Day(), "Day of the contact, or of the attempt", required=True),
        Column("method", Labelled(codelist.methods), "Visit, phone or message"),
        Column("asked", Choice(tuple(ASKED)), "By a checklist or an open question; or why nobody was", required=True),
        Column("found", Labelled(codelist.side_effects, frozenset({NOTHING})),
               f"{NOTHING}, or the side effect; empty where the client was not reached or declined", required=True),
        Column("area", Labelled(codelist.areas), "The treated area it belongs to, where known"),
        Column("side", SIDES, "Side of the client"),
        Column("grade", Choice(GRADE_WORDS), "How bad it was on the day of the contact"),
        Column("first_noticed", Span(), "Day it began; a month or year will do"),
        Column("state", Choice(tuple(STATES)), "How it stood on the day of the contact"),
        Column("last_day", Day(), "Last day it was there, where the client can tell"),
        Column("advised", Several(Labelled(codelist.remedies)), "Remedies advised, with semicolons between"),
        Column("used", Several(Labelled(codelist.remedies)), "Remedies used, with semicolons between"),
        Column("serious", Several(Labelled(codelist.serious_reasons)), "What made it serious; empty if nothing did"),
        Column("words", WORDS, "In the client's words; no names, e-mail addresses or phone numbers"),
        Column("again", Whole(2, 9), "2 where the same side effect came a second time, gone in between"),
        Column("side_effect_on_record", Text(), "Filled in by the call list; leave it", for_exports=True),
    ),
)  # fmt: skip

# What the rules that all formats share (data/importing/validation.py) call a field -> the column of the log it came
# from.
ALIASES = {
    "date": "contact_date",
    "status_date": "contact_date",
    "onset": "first_noticed",
    "treatment_id": "treatment_or_invoice",
    "effect_id": "found",
}
