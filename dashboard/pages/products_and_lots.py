"""Rates by lot with their exposure, where a lot went, and what expires."""

from dataclasses import replace
from datetime import timedelta

import streamlit as st

from dashboard.components import case_table, charts, data_table
from dashboard.forms import form_state
from dashboard.shell import navigation, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import comparison_sentences, coverage_sentences, formatting
from dashboard.text.labels import label
from data.analysis import treatments
from data.analysis.derived_tables import NOT_RECORDED
from data.as_of import as_of_date
from data.summaries import practitioners
from data.summaries.practitioners import LotRow

EXPIRY_WARNING = timedelta(days=60)


def main() -> None:
    shown: PageView = st.session_state.shown
    rows = query_cache.cached_query(practitioners.compare_lots, shown.scope, shown.selection)
    if not rows:
        st.header("No lot is on record here.", anchor=False)
        return
    tested = sum(row.chance is not None for row in rows)
    st.header(formatting.escape_markdown(_headline_text(rows)), anchor=False)
    st.caption(
        formatting.escape_markdown(
            f"{comparison_sentences.describe_lot_comparison(tested)} {comparison_sentences.LOT_CAUTION}"
        )
    )
    went = st.container()  # above the table, where a choice made in it is seen
    chosen = _draw_table(rows)
    _draw_expiry(shown, rows)
    if chosen is not None:
        with went:
            _draw_recall(shown, chosen)


def _headline_text(rows: list[LotRow]) -> str:
    flagged = [row for row in rows if row.flagged]
    if not flagged:
        return "No lot stands out from the other lots of its product."
    said = [
        f"lot {row.lot} ({label('product', row.product)}): {formatting.n_of_m(row.events, row.known)}, "
        f"by chance {formatting.chance_in_words(row.chance)} after allowing for all lots looked at"
        for row in flagged
    ]
    return f"Look at {formatting.join_words(said)}."


def _draw_table(rows: list[LotRow]) -> LotRow | None:
    table = {
        "Lot": [row.lot for row in rows],
        "Product": [label("product", row.product) for row in rows],
        "With a side effect": [
            formatting.rate_with_interval(row.events, row.known, *(row.rate or (0, 0, 1)))
            if row.known
            else "no mature outcome yet"
            for row in rows
        ],
        "By chance, all lots allowed for": [
            "" if row.chance is None else formatting.chance_in_words(row.chance) for row in rows
        ],
        "Worth a look": ["look" if row.flagged else "" for row in rows],
        "Treatments": [row.total for row in rows],
        "Expiry": [row.expiry for row in rows],
    }
    st.caption("Choose a lot to see every treatment it went into.")
    alt = "Lots with their exposure and side effects, the least likely by chance first"
    row = data_table.draw_table(table, alt, "lots", choose=True)
    charts.draw_download(table, "lots")
    return rows[row] if row is not None and row < len(rows) else None


def _draw_expiry(shown: PageView, rows: list[LotRow]) -> None:
    after = query_cache.cached_query(treatments.count_used_after_expiry, shown.scope, shown.selection)
    late = "No lot was used after its expiry."
    if after:
        late = f"Used after its expiry: {formatting.pluralize(after, 'treatment')}."
    today = as_of_date()
    soon = [row for row in rows if row.expiry and today <= row.expiry <= today + EXPIRY_WARNING]
    listed = (
        formatting.join_words(f"{row.lot} on {formatting.day(row.expiry)}" for row in soon) or "none of those used here"
    )
    st.markdown(formatting.escape_markdown(f"{late} Expiring within {EXPIRY_WARNING.days} days: {listed}."))


def _draw_recall(shown: PageView, row: LotRow) -> None:
    st.subheader(formatting.escape_markdown(f"Where lot {row.lot} went"), anchor=False)
    if row.lot == NOT_RECORDED:
        st.markdown("These treatments have no lot on record: they could not be found in a recall.")
    selection = replace(shown.selection, lots=(row.lot,), products=(row.product,), from_date=None, to_date=None)
    went = query_cache.cached_query(treatments.list_treatments, shown.scope, selection, case_table.MAX_LISTED)
    st.markdown(
        formatting.escape_markdown(
            coverage_sentences.describe_recall(len(went), shown.filter_text, len(went) == case_table.MAX_LISTED)
        )
    )
    table = {
        form_state.VISIT: form_state.source_numbers([given.number for given in went]),
        "Treatment": [given.number for given in went],
        "Client": [given.client for given in went],
        "Date": [given.date for given in went],
        "Site": [given.site for given in went],
        "Practitioner": [given.practitioner for given in went],
        "Areas": [", ".join(label("area", area) for area in given.areas) for given in went],
    }
    data_table.draw_table(table, f"Treatments in which lot {row.lot} was used", "recall")
    charts.draw_download(table, f"lot_{row.lot}")
    navigation.draw_link("cases", "Its side effects", icon=":material/arrow_forward:", lot=row.lot, product=row.product)


main()
