"""The call list as a follow-up log to fill in away from the screen: all is there but what was asked and found."""

from dashboard import loading
from dashboard.labels import label
from data import calls, on_record
from data.calls import Call
from data.cases import Case
from data.entry import Line
from data.on_record import Name
from data.scope import Scope
from data.selection import Selection
from data.source import Source
from data.template_file import follow_up_log_workbook

MOST_LINES = 2_000  # of each list: who is called in weeks to come is another list by then


def workbook(source: Source, scope: Scope, selection: Selection, of: str) -> bytes:
    """The lines of one source of records, as the bytes of an .xlsx file: a log follows the treatments of one."""
    found = calls.to_call(source, scope, selection, MOST_LINES)
    effects = calls.still_open(source, scope, selection, MOST_LINES)
    numbers = {call.given.treatment for call in found} | {case.treatment for case in effects}
    visits = on_record.names(loading.records(), "treatments", sorted(numbers))
    names = on_record.names(loading.records(), "side_effects", [case.number for case in effects])
    visits = {number: name for number, name in visits.items() if name.source == of}
    asked = [call for call in found if call.given.treatment in visits]
    again = [case for case in effects if case.treatment in visits]
    lines = [_to_ask(call, visits[call.given.treatment]) for call in asked]
    lines += [_to_ask_again(case, visits[case.treatment], names[case.number]) for case in again]
    return follow_up_log_workbook(lines)


def _to_ask(call: Call, name: Name) -> Line:
    return {
        "treated_on": call.given.date,
        "treatment_or_invoice": name.source_id,
        "site": call.given.site,
        "practitioner": call.given.practitioner,
        "areas_treated": "; ".join(label("area", area) for area in call.given.areas),
    }


def _to_ask_again(case: Case, visit: Name, name: Name) -> Line:
    return {
        "treated_on": case.treated_on,
        "treatment_or_invoice": visit.source_id,
        "site": case.site,
        "practitioner": case.practitioner,
        "found": label("side_effect", case.side_effect),
        "side_effect_on_record": name.source_id,
    }
