"""Can these figures be trusted? Follow-up, missing values, and imports."""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.components import case_table, data_table, downloads, import_history
from dashboard.forms import form_state
from dashboard.shell import navigation, prose, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import coverage_sentences, formatting
from dashboard.text.labels import UNATTRIBUTED_REASONS, label, label_columns, list_labels
from data.analysis import treatments
from data.analysis.scope import WHOLE_CLINIC
from data.summaries import data_quality
from models import codelist

MISSING, FOLLOW_UP, IMPORTS = "Missing", "Follow-up", "Imports"
MAX_LISTED = 500  # treatments in a list on the page
FOLLOW_UP_LABELS = {
    "checklist": "Checklist",
    "open": "Open question",
    "volunteered": "Volunteered",
    "not_reached": "Not reached",
    "declined": "Declined",
    "not_due": "Not due yet",
    "not_tried": "Not tried",
}
GROUPS = {"practitioner": "Practitioner", "site": "Site", "month": "Month"}
# Each check: what it counts, and its effect on the figures.
CHECKS = {
    "injections": ("Treatments without an injection", "They count in no area, product or lot."),
    "area": ("Treatments without a recorded area", "They are missing from rates per area."),
    "lot": ("Treatments without a recorded lot", "A worse lot shows later, and a recall list is incomplete."),
    "units": ("Treatments without recorded units", "They are missing from all doses."),
    "expired": ("Treatments with an expired lot", "The figures are correct: review each treatment."),
    "unplaced": ("Local side effects without a treated area", "They count per treatment, but in no area."),
    "ungraded": ("Side effects without a grade", "The worst grade shown may be too low."),
    "onset": ("Side effects without an exact onset day", "Their duration counts from the earliest possible day."),
    "came_to_light": ("Side effects of unknown source", "Solicited and volunteered cannot be separated."),
    "unnoted": ("Side effects without a status note", "Nothing is known of their course."),
    "end": ("Ended side effects without any date of the end", "They are in no duration."),
    "seen_later": (
        "Open side effects seen later without an answer",
        "Their duration stops at the last note: ask again.",
    ),
}
TRUST_CHECKS = {
    "injections": "treatments without an injection",
    "area": "treatments without a recorded area",
    "aside": "side effects that belong to no treatment",
}


def main() -> None:
    shown: PageView = st.session_state.shown
    checks = query_cache.cached_query(data_quality.trust_checks, shown.scope, shown.selection)
    counted = checks[checks.total > 0]
    against, in_favor = (
        [_reason(row) for row in counted[counted.is_sufficient == is_so].itertuples()] for is_so in (False, True)
    )
    prose.draw_text(coverage_sentences.describe_trust(against, in_favor), "header")
    bodies = (_draw_missing, _draw_follow_up, _draw_imports)
    tabs = st.tabs([MISSING, FOLLOW_UP, IMPORTS], key="quality", on_change="rerun", bind="query-params")
    for tab, body in zip(tabs, bodies, strict=True):
        if tab.open:
            with tab:
                body(shown)


def _reason(check: Any) -> str:
    """What one check says for or against trusting the figures."""
    if check.name == "known":
        return coverage_sentences.describe_follow_up_share(check.count, check.total, data_quality.MIN_FOLLOW_UP_SHARE)
    if check.name == "days_silent":
        return coverage_sentences.describe_latest_treatment(check.count)
    return f"{formatting.n_of_m(check.count, check.total)} {TRUST_CHECKS[check.name]}"


def _draw_missing(shown: PageView) -> None:
    checks = query_cache.cached_query(data_quality.missing_checks, shown.scope, shown.selection)
    words = pd.DataFrame([CHECKS[name] for name in checks.name], columns=["check", "effect"])
    table = words.assign(count=checks["count"], of=checks.total, share=checks.share)
    table = table[["check", "count", "of", "share", "effect"]]
    alt = "Each check with its count and total; a row lists the records behind it"
    row = data_table.draw_table(table, alt, "checks", choose=True, bars=("share",))
    if row is not None and checks["count"].iloc[row]:
        st.markdown(f"**{formatting.escape_markdown(table.check.iloc[row])}**")
        _draw_check_records(shown, checks.name.iloc[row], int(checks["count"].iloc[row]))
    days = query_cache.cached_query(data_quality.days_to_note, shown.scope, shown.selection)
    if len(days):
        prose.draw_text(coverage_sentences.describe_days_to_note(len(days), float(np.median(days))))
    _draw_unattributed(shown)
    found = query_cache.cached_query(data_quality.source_terms, shown.scope, shown.selection)
    if found.empty:
        st.markdown("Every side effect, product and area is on the lists of this dashboard.")
        return
    st.markdown("**Terms of the source**")
    st.caption("They are on no list of this dashboard: counted as they are, without published rates.")
    units = np.where(found.dimension == "side_effect", "side effect", "treatment")
    table = found[["dimension", "term"]].assign(
        dimension=found.dimension.str.replace("_", " ").str.capitalize(),
        counted=[formatting.pluralize(n, unit) for n, unit in zip(found.rows, units, strict=True)],
    )
    data_table.draw_table(table, "Terms of a source's own dictionary with their number of records")
    downloads.draw_csv(found, "words_as_given")


def _draw_check_records(shown: PageView, check: str, total: int) -> None:
    if check == "seen_later":
        navigation.draw_link("call_list", "Call list", icon=":material/call:", calls="Side effects to ask about again")
        return
    if check not in data_quality.TREATMENT_CHECKS:
        text, filters = ("Cases without a treated area", {"placed": "0"}) if check == "unplaced" else ("All cases", {})
        navigation.draw_link("cases", text, **filters)
        return
    found = query_cache.cached_query(treatments.incomplete_treatments, shown.scope, shown.selection, check, MAX_LISTED)
    if len(found) < total:
        st.caption(f"{formatting.count(len(found))} of {formatting.count(total)} are listed.")
    table = pd.DataFrame(
        {
            "visit_or_invoice": form_state.source_numbers(found.number.tolist()),
            "treatment": found.number,
            "date": found.date,
            "site_practitioner": [case_table.site_and_practitioner(row) for row in found.itertuples()],
            "areas": found.areas.map(partial(list_labels, "area")),
            "products": found["products"].map(partial(list_labels, "product")),
            "lots": found.lots.map(partial(list_labels, "lot")),
            "follow_up": found.followed_up_by.map(FOLLOW_UP_LABELS),
        }
    )
    alt = "One row per treatment; a row can be corrected"
    chosen = data_table.draw_table(table, alt, f"{check}_treatments", choose=True)
    if chosen is not None:
        number = table.treatment.iloc[chosen]
        navigation.link_to_correction(f"Correct treatment {formatting.escape_markdown(str(number))}", number)
    downloads.draw_csv(table.rename(columns=data_table.column_title), check)


def _draw_unattributed(shown: PageView) -> None:
    found = query_cache.cached_query(data_quality.unattributed_effects, shown.scope, MAX_LISTED)
    if found.empty:
        return
    st.markdown("**Side effects that belong to no treatment**")
    st.caption("Of all dates. They are kept, but count in no rate.")
    table = label_columns(found).rename(columns={"number": "case"})
    table = table.assign(
        reason=found.reason.map(UNATTRIBUTED_REASONS), status=np.where(found.ended, "Ended", "Open")
    ).drop(columns="ended")
    data_table.draw_table(table, "One row per side effect that belongs to no treatment")
    downloads.draw_csv(found, "belongs_nowhere")


def _draw_follow_up(shown: PageView) -> None:
    by = st.selectbox("Follow-up by", GROUPS, format_func=GROUPS.get, key="followed_by", bind="query-params", width=200)
    groups = query_cache.cached_query(data_quality.follow_up_counts, shown.scope, shown.selection, by)
    if len(groups):
        table = groups.assign(**{by: groups[by].map(partial(label, by))}).rename(columns=FOLLOW_UP_LABELS)
        st.caption(coverage_sentences.IN_FOLLOW_UP_EXCLUDED)
        data_table.draw_table(table, "Treatments of each group by how they were followed up", bars=("share",))
        downloads.draw_csv(groups, "follow_up")
        navigation.draw_link("call_list", "Call list", icon=":material/call:")
    else:
        st.markdown("Every treatment of this period is still in follow-up.")
    found = query_cache.cached_query(data_quality.contact_counts, shown.scope, shown.selection)
    if found.empty:
        return
    st.markdown("**Contacts by method**")
    attempts = found[["done", "not_reached", "declined"]].sum(axis=1)
    reached = [
        formatting.n_of_m(done, tried) if tried else "no attempt"
        for done, tried in zip(found.done, attempts, strict=True)
    ]
    table = label_columns(found).rename(columns={code: row.label for code, row in codelist.outcomes().items()})
    table.insert(1, "reached", reached)
    data_table.draw_table(table, "Contacts and attempts by method and outcome")
    downloads.draw_csv(found, "contacts")


def _draw_imports(shown: PageView) -> None:
    if shown.scope != WHOLE_CLINIC:
        st.markdown(import_history.FOR_THE_WHOLE_CLINIC)
        return
    batches = query_cache.load_batches()
    imports = [batch for batch in batches if not batch.is_manual]
    if entries := len(batches) - len(imports):
        text = formatting.escape_markdown(formatting.pluralize(entries, "manual entry", "manual entries"))
        navigation.draw_link("corrections", text, icon=":material/edit:")
    table = import_history.draw_import_table(imports, "imports_brought_in")
    downloads.draw_csv(table.rename(columns=data_table.column_title), "imports")


main()
