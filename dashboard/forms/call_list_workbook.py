"""The call list as a follow-up log to fill in away from the screen: all is there but what was asked and found."""

from dashboard.shell import query_cache
from dashboard.text.labels import label
from data.analysis.cases import Case
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from data.importing.manual_entry import SheetRow
from data.records import lookups
from data.records.lookups import SourceRef
from data.schema.workbook_writer import follow_up_log_workbook
from data.summaries import call_list
from data.summaries.call_list import Call

MAX_LINES = 2_000  # of each list: who is called in weeks to come is another list by then


def build_workbook(source: AnalysisTables, scope: Scope, selection: Selection, source_name: str) -> bytes:
    """The lines of one source of records, as the bytes of an .xlsx file: a log follows the treatments of one."""
    found = call_list.call_list(source, scope, selection, MAX_LINES)
    effects = call_list.open_side_effects(source, scope, selection, MAX_LINES)
    numbers = {call.treatment.number for call in found} | {case.treatment for case in effects}
    visits = lookups.source_refs(query_cache.open_records(), "treatments", sorted(numbers))
    names = lookups.source_refs(query_cache.open_records(), "side_effects", [case.number for case in effects])
    visits = {number: name for number, name in visits.items() if name.source == source_name}
    asked = [call for call in found if call.treatment.number in visits]
    again = [case for case in effects if case.treatment in visits]
    lines = [_treatment_row(call, visits[call.treatment.number]) for call in asked]
    lines += [_open_effect_row(case, visits[case.treatment], names[case.number]) for case in again]
    return follow_up_log_workbook(lines)


def _treatment_row(call: Call, name: SourceRef) -> SheetRow:
    return {
        "treated_on": call.treatment.date,
        "treatment_or_invoice": name.source_id,
        "site": call.treatment.site,
        "practitioner": call.treatment.practitioner,
        "areas_treated": "; ".join(label("area", area) for area in call.treatment.areas),
    }


def _open_effect_row(case: Case, visit: SourceRef, name: SourceRef) -> SheetRow:
    return {
        "treated_on": case.treated_on,
        "treatment_or_invoice": visit.source_id,
        "site": case.site,
        "practitioner": case.practitioner,
        "found": label("side_effect", case.side_effect),
        "side_effect_on_record": name.source_id,
    }
