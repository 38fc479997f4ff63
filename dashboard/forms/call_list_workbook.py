"""The call list as a follow-up log to fill in away from the screen: all but what was asked and found."""

from dashboard.shell import query_cache
from dashboard.text.labels import label
from data.analysis.frames import as_rows
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from data.records import lookups
from data.schema.workbook_writer import follow_up_log_workbook
from data.summaries import call_list

MAX_ROWS = 2_000  # of each list; whoever is called weeks from now is on a new list by then


def build_workbook(tables: AnalysisTables, scope: Scope, selection: Selection, source: str) -> bytes:
    """The calls of one source as the bytes of an .xlsx file, because a log follows the treatments of one source.

    A side effect without a treatment has no row in it: its answer is entered on the page.
    """
    calls = as_rows(call_list.call_list(tables, scope, selection, MAX_ROWS))
    cases = as_rows(call_list.open_side_effects(tables, scope, selection, MAX_ROWS))
    numbers = {call.number for call in calls} | {case.treatment for case in cases if case.treatment is not None}
    names = lookups.source_refs(query_cache.open_records(), "treatments", sorted(numbers))
    effect_names = lookups.source_refs(query_cache.open_records(), "side_effects", [case.number for case in cases])
    ids = {number: name.source_id for number, name in names.items() if name.source == source}
    with_case = {case.treatment for case in cases}  # a row about the side effect asks about the treatment too
    rows = [
        {
            "treated_on": call.date,
            "treatment_or_invoice": ids[call.number],
            "site": call.site,
            "practitioner": call.practitioner,
            "areas_treated": "; ".join(label("area", area) for area in call.areas),
        }
        for call in calls
        if call.number in ids and call.number not in with_case
    ]
    rows += [
        {
            "treated_on": case.treated_on,
            "treatment_or_invoice": ids[case.treatment],
            "site": case.site,
            "practitioner": case.practitioner,
            "found": label("side_effect", case.side_effect),
            "side_effect_on_record": effect_names[case.number].source_id,
        }
        for case in cases
        if case.treatment in ids
    ]
    return follow_up_log_workbook(rows)
