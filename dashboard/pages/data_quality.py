"""Can these figures be trusted? What is known of whom, what is missing, and what was brought in."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from dashboard.components import case_table, charts, data_table, import_history
from dashboard.forms import form_state
from dashboard.shell import navigation, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import coverage_sentences, formatting
from dashboard.text.labels import label
from data.analysis import counts
from data.analysis import treatments as exposure
from data.analysis.scope import WHOLE_CLINIC
from data.analysis.treatments import TreatmentRow
from data.summaries import data_quality
from data.summaries.data_quality import QualityCheck
from models import codelist

MISSING, FOLLOW_UP, IMPORTS = "Missing", "Follow-up", "Imports"
MAX_LISTED = 500  # treatments in a list on the page
HOW_FOLLOWED_UP = {
    "checklist": "Checklist",
    "open": "Open question",
    "volunteered": "Volunteered",
    "not_reached": "Not reached",
    "declined": "Declined",
    "not_due": "Not due yet",
    "not_tried": "Not tried",
}
GROUPS = {"practitioner": "Practitioner", "site": "Site", "month": "Month"}
# Check -> what it finds, and its effect on the numbers.
CHECKS = {
    "injections": ("Treatments without an injection", "They count in no area, product or lot."),
    "area": ("Treatments without a recorded area", "They are missing from rates per area."),
    "lot": ("Treatments without a recorded lot", "A worse lot shows later, and a recall list is incomplete."),
    "units": ("Treatments without recorded units", "They are missing from all dose numbers."),
    "expired": ("Treatments with a lot past its expiry", "Not a counting error: check each of them."),
    "unplaced": ("Local side effects in no treated area", "They count per treatment, not per area."),
    "ungraded": ("Side effects without a grade", "The worst grade shown may be too low."),
    "onset": ("Side effects without an exact onset date", "Their duration is counted from the earliest day."),
    "came_to_light": (
        "Side effects without how they were reported",
        "Solicited and volunteered reports cannot be separated.",
    ),
    "unnoted": ("Side effects without a status note", "Their course is unknown."),
}
TREATMENT_CHECKS = ("injections", "area", "lot", "units", "expired")
UNATTRIBUTED_REASONS = {
    "before the first treatment": "Before the first treatment on record",
    "onset not told": "Onset not recorded",
    "too long after": "Too long after a treatment",
}


def main() -> None:
    shown: PageView = st.session_state.shown
    _draw_trust(shown)
    bodies = (_draw_missing, _draw_follow_up, _draw_imports)
    tabs = st.tabs([MISSING, FOLLOW_UP, IMPORTS], key="quality", on_change="rerun", bind="query-params")
    for tab, body in zip(tabs, bodies, strict=True):
        if tab.open:
            with tab:
                body(shown)


# Trust


def _draw_trust(shown: PageView) -> None:
    checks = [
        check
        for check in query_cache.cached_query(data_quality.trust_checks, shown.scope, shown.selection)
        if check.total
    ]
    against = [_reason(check) for check in checks if not check.sufficient]
    said = coverage_sentences.describe_trust(against, [_reason(check) for check in checks if check.sufficient])
    st.header(formatting.escape_markdown(said), anchor=False)


def _reason(check: QualityCheck) -> str:
    if check.name == "known":
        return coverage_sentences.describe_follow_up_share(check.count, check.total, data_quality.MIN_FOLLOW_UP_SHARE)
    if check.name == "days_silent":
        return coverage_sentences.describe_latest_treatment(check.count)
    what = {
        "injections": "treatments without an injection",
        "area": "treatments without a recorded area",
        "aside": "side effects that belong to no treatment",
    }[check.name]
    return f"{formatting.n_of_m(check.count, check.total)} {what}"


# Missing


def _draw_missing(shown: PageView) -> None:
    checks = _load_checks(shown)
    table = {
        "What": [CHECKS[check.name][0] for check in checks],
        "How many": [formatting.n_of_m(check.count, check.total) for check in checks],
        "Share": [check.share for check in checks],
        "What it does": [CHECKS[check.name][1] for check in checks],
    }
    alt = "Each check with how many of how many; a row lists the records behind it"
    row = data_table.draw_table(table, alt, "checks", choose=True, bars=("Share",))
    if row is not None and checks[row].count:
        _draw_check_treatments(shown, checks[row])
    noted = query_cache.cached_query(data_quality.days_to_note, shown.scope, shown.selection)
    if len(noted):
        st.markdown(
            formatting.escape_markdown(coverage_sentences.describe_days_to_note(len(noted), float(np.median(noted))))
        )
    _draw_unattributed(shown)
    _draw_source_terms(shown)


def _load_checks(shown: PageView) -> list[QualityCheck]:
    lacking = query_cache.cached_query(exposure.count_incomplete, shown.scope, shown.selection)
    lacking = lacking | {
        "expired": query_cache.cached_query(exposure.count_used_after_expiry, shown.scope, shown.selection)
    }
    (total,) = {
        row[1] for row in query_cache.cached_query(counts.denominators, shown.scope, shown.selection, ()).values()
    }
    treatments = [QualityCheck(name, lacking[name], total) for name in TREATMENT_CHECKS]
    return treatments + query_cache.cached_query(data_quality.side_effect_checks, shown.scope, shown.selection)


def _draw_check_treatments(shown: PageView, check: QualityCheck) -> None:
    st.markdown(f"**{CHECKS[check.name][0]}**")
    if check.name in TREATMENT_CHECKS:
        found = query_cache.cached_query(
            exposure.incomplete_treatments, shown.scope, shown.selection, check.name, MAX_LISTED
        )
        _draw_treatments(found, check.count, check.name)
    elif check.name == "unplaced":
        navigation.draw_link("cases", "Cases in no treated area", icon=":material/arrow_forward:", placed="0")
    else:
        navigation.draw_link("cases", "Look through all cases", icon=":material/arrow_forward:")


def _draw_treatments(found: Sequence[TreatmentRow], among: int, key: str) -> None:
    table = {
        form_state.VISIT: form_state.source_numbers([given.number for given in found]),
        "Treatment": [given.number for given in found],
        "Date": [given.date for given in found],
        case_table.SITE_PRACTITIONER: [case_table.site_and_practitioner(given) for given in found],
        "Areas": [", ".join(label("area", area) for area in given.areas) for given in found],
        "Products": [", ".join(label("product", product) for product in given.products) for given in found],
        "Lots": [", ".join(given.lots) for given in found],
        "Outcome": [HOW_FOLLOWED_UP[given.followed_up_by] for given in found],
    }
    if len(found) < among:
        st.caption(f"{formatting.count(len(found))} of {formatting.count(among)} are listed.")
    chosen = data_table.draw_table(
        table, "One row per treatment; a row can be corrected", f"{key}_treatments", choose=True
    )
    if chosen is not None:
        number = str(found[chosen].number)
        what = {"kind": "treatments", "number": number}
        navigation.draw_link(
            "corrections", f"Correct treatment {formatting.escape_markdown(number)}", icon=":material/edit:", **what
        )
    charts.draw_download(table, key)


def _draw_unattributed(shown: PageView) -> None:
    found = query_cache.cached_query(data_quality.unattributed_effects, shown.scope, MAX_LISTED)
    if not found:
        return
    st.markdown("**Side effects that belong to no treatment**")
    st.caption("Of all dates. They are in no rate.")
    table = {
        "Case": [row.number for row in found],
        "Side effect": [label("side_effect", row.side_effect) for row in found],
        "Why": [UNATTRIBUTED_REASONS[row.reason] for row in found],
        "Onset": [row.onset for row in found],
        "State": ["Ended" if row.ended else "Open" for row in found],
    }
    data_table.draw_table(table, "One row per side effect without a treatment")
    charts.draw_download(table, "belongs_nowhere")


def _draw_source_terms(shown: PageView) -> None:
    found = query_cache.cached_query(data_quality.source_terms, shown.scope, shown.selection)
    if not found:
        st.markdown("Every side effect, product and area is on the lists of this dashboard.")
        return
    st.markdown("**Words kept as given**")
    st.caption("Not on any list of this dashboard: counted under the given word, without a published rate.")
    table = {
        "Kind": [word.dimension.replace("_", " ").capitalize() for word in found],
        "Word": [word.word for word in found],
        "Counted": [
            formatting.pluralize(word.rows, "side effect" if word.dimension == "side_effect" else "treatment")
            for word in found
        ],
    }
    data_table.draw_table(table, "Words of a source's own dictionary, with their counts")
    charts.draw_download(table, "words_as_given")


# Follow-up


def _draw_follow_up(shown: PageView) -> None:
    by = st.selectbox(
        "Followed up by", GROUPS, format_func=GROUPS.get, key="followed_by", bind="query-params", width=200
    )
    groups = query_cache.cached_query(data_quality.follow_up_counts, shown.scope, shown.selection, by)
    if groups:
        table = {
            GROUPS[by]: [label(by, group.group) for group in groups],
            "Followed up": [formatting.n_of_m(group.known, group.total) for group in groups],
            "Share": [group.known / group.total for group in groups],
            **{name: [group.counts.get(how, 0) for group in groups] for how, name in HOW_FOLLOWED_UP.items()},
        }
        st.caption(coverage_sentences.IN_FOLLOW_UP_EXCLUDED)
        data_table.draw_table(table, "Treatments of each group by how they were followed up", bars=("Share",))
        charts.draw_download(table, "follow_up")
        navigation.draw_link("call_list", "Call list", icon=":material/call:")
    else:
        st.markdown("Every treatment of this period is still in its follow-up.")
    _draw_methods(shown)


def _draw_methods(shown: PageView) -> None:
    found = query_cache.cached_query(data_quality.contact_counts, shown.scope, shown.selection)
    methods = list(dict.fromkeys(method for method, _ in found))
    if not methods:
        return
    st.markdown("**Contacts by method**")
    table = {
        "Method": [_method(method) for method in methods],
        "Reached": [_reached_text(found, method) for method in methods],
        **{
            codelist.outcomes()[how].label: [found.get((method, how), 0) for method in methods]
            for how in ("done", "not_reached", "declined", "not_due")
        },
    }
    data_table.draw_table(table, "Contacts and attempts by method and outcome")
    charts.draw_download(table, "contacts")


def _reached_text(found: dict[tuple, int], method: str | None) -> str:
    tried = sum(found.get((method, how), 0) for how in ("done", "not_reached", "declined"))
    return formatting.n_of_m(found.get((method, "done"), 0), tried) if tried else "not tried"


def _method(code: str | None) -> str:
    row = codelist.methods().get(code)
    return row.label if row else "Not recorded"


# Imports


def _draw_imports(shown: PageView) -> None:
    if shown.scope != WHOLE_CLINIC:
        st.markdown("Imports concern the whole clinic, so they are shown only with the whole clinic selected.")
        return
    found = [batch for batch in query_cache.load_batches() if not batch.is_manual]
    if manual := len(query_cache.load_batches()) - len(found):
        entries = formatting.escape_markdown(f"{formatting.pluralize(manual, 'manual entry', 'manual entries')}")
        navigation.draw_link("corrections", entries, icon=":material/edit:")
    charts.draw_download(import_history.draw_import_table(found, "imports_brought_in"), "imports")


main()
