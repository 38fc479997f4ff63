"""The call list as a follow-up log to fill in away from the screen: all is there but what was asked and found."""

from dashboard.shell import query_cache
from dashboard.text.labels import label
from data.analysis.cases import Case
from data.analysis.query_builder import Source
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from data.importing.manual_entry import Line
from data.records import lookups
from data.records.lookups import Name
from data.schema.workbook_writer import follow_up_log_workbook
from data.summaries import call_list
from data.summaries.call_list import Call

MOST_LINES = 2_000  # of each list: who is called in weeks to come is another list by then


def workbook(source: Source, scope: Scope, selection: Selection, of: str) -> bytes:
    """The lines of one source of records, as the bytes of an .xlsx file: a log follows the treatments of one."""
    found = call_list.to_call(source, scope, selection, MOST_LINES)
    effects = call_list.still_open(source, scope, selection, MOST_LINES)
    numbers = {call.given.treatment for call in found} | {case.treatment for case in effects}
    visits = lookups.names(query_cache.records(), "treatments", sorted(numbers))
    names = lookups.names(query_cache.records(), "side_effects", [case.number for case in effects])
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
