"""Side effects by lot, the treatments that a lot was used in, and the lots about to expire."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.components import case_table, data_table, downloads
from dashboard.forms import form_state
from dashboard.shell import navigation, prose, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import comparison_sentences, coverage_sentences, formatting
from dashboard.text.labels import label, list_labels
from data.analysis import treatments
from data.analysis.sql_functions import NOT_RECORDED
from data.as_of import as_of_date
from data.summaries import lots

EXPIRY_WARNING = timedelta(days=60)


def main() -> None:
    shown: PageView = st.session_state.shown
    found = query_cache.cached_query(lots.compare_lots, shown.scope, shown.selection)
    compared = found.lots
    if compared.empty:
        st.header("No lot is recorded here.", anchor=False)
        return
    whole = query_cache.cached_query(lots.compare_lots, shown.scope, lots.whole_period(shown.selection)).lots
    prose.draw_text(_headline(whole[whole.is_flagged], found.tested), "header")
    tested = comparison_sentences.describe_lot_comparison(found.tested, shown.period_text, found.left_out)
    prose.draw_text(f"{tested} {comparison_sentences.LOT_CAUTION}", "caption")
    recall = st.container()  # above the table, so that a choice made in it is seen
    chosen = _draw_table(compared)
    late = query_cache.cached_query(treatments.count_used_after_expiry, shown.scope, shown.selection)
    used = f"Used after expiry: {formatting.pluralize(late, 'treatment')}." if late else "No lot was used after expiry."
    today = as_of_date()
    soon = [
        f"{row.lot} on {formatting.day(row.expiry)}"
        for row in compared.itertuples()
        if row.expiry and today <= row.expiry <= today + EXPIRY_WARNING
    ]
    listed = formatting.join_words(soon) or "none of the lots used here"
    prose.draw_text(f"{used} Expiring within {EXPIRY_WARNING.days} days: {listed}.")
    if chosen is not None and chosen < len(compared):
        with recall:
            _draw_recall(shown, compared["product"].iloc[chosen], compared.lot.iloc[chosen])


def _headline(flagged: pd.DataFrame, tested: int) -> str:
    """Of all lots of the period: a filter on this page does not hide one."""
    if not tested:
        return "No lot has enough asked treatments to compare."
    if flagged.empty:
        return "No lot is higher than expected for its product."
    reasons = [
        f"lot {row.lot} ({label('product', row.product)}): {formatting.n_of_m(row.observed, row.comparable)}, "
        f"{formatting.number(row.expected)} expected, by chance {formatting.chance_in_words(row.chance)} "
        "after correction for all lots"
        for row in flagged.itertuples()
    ]
    return f"Higher than expected: {formatting.join_words(reasons)}."


def _draw_table(compared: pd.DataFrame) -> int | None:
    verdict = np.where(compared.is_flagged, "higher than expected", "as expected")
    table = pd.DataFrame(
        {
            "lot": compared.lot.map(partial(label, "lot")),
            "product": compared["product"].map(partial(label, "product")),
            "events": [
                formatting.rate_text(row) if row.followed_up else "no follow-up yet" for row in compared.itertuples()
            ],
            "compared": [
                ""
                if row.refused
                else f"{formatting.n_of_m(row.observed, row.comparable)}, {formatting.number(row.expected)} expected"
                for row in compared.itertuples()
            ],
            "chance": ["" if pd.isna(chance) else formatting.chance_in_words(chance) for chance in compared.chance],
            "status": np.where(compared.refused == "", verdict, compared.refused),
            "treated": compared.treated,
            "expiry": compared.expiry,
        }
    )
    st.caption("Select a lot to see every treatment it was used in.")
    alt = "Lots with their treatments and side effects, the least likely by chance first"
    chosen = data_table.draw_table(table, alt, "lots", choose=True)
    downloads.draw_csv(compared, "lots")
    return chosen


def _draw_recall(shown: PageView, product: str, lot: str) -> None:
    prose.draw_text(f"Treatments with lot {lot}", "subheader")
    if lot == NOT_RECORDED:
        st.markdown("These treatments have no recorded lot, so a recall would not find them.")
    selection = replace(shown.selection, lots=(lot,), products=(product,), from_date=None, to_date=None)
    found = query_cache.cached_query(treatments.list_treatments, shown.scope, selection, case_table.MAX_LISTED)
    is_cut = len(found) == case_table.MAX_LISTED
    prose.draw_text(coverage_sentences.describe_recall(len(found), shown.filter_text, is_cut))
    table = found[["number", "client", "date", "site", "practitioner", "areas"]].rename(columns={"number": "treatment"})
    table = table.assign(areas=found.areas.map(partial(list_labels, "area")))
    table.insert(0, "visit_or_invoice", form_state.source_numbers(found.number.tolist()))
    data_table.draw_table(table, f"Treatments with lot {lot}", "recall")
    downloads.draw_csv(table.rename(columns=data_table.column_title), f"lot_{lot}")
    navigation.draw_link("cases", "Side effects of this lot", lot=lot, product=product)


main()
