"""Is a side effect related to the units given? One product and one area at a time."""

from dataclasses import replace
from functools import partial

import streamlit as st

from dashboard.components import charts
from dashboard.figures import dose_curve
from dashboard.shell import prose, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import comparison_sentences, formatting
from dashboard.text.labels import is_on_our_list, label, unit_label
from data.analysis import counts
from data.reference.guidance import labeled_dose
from data.summaries import dose_response

TITLES = {"side_effect": "Side effect", "product": "Product", "area": "Area"}  # of the dimensions chosen


def main() -> None:
    shown: PageView = st.session_state.shown
    chosen = _choose(shown)
    if chosen is None:
        st.header("No side effect is recorded in an area with a known product yet.", anchor=False)
        return
    side_effect, product, area = chosen
    selection = replace(shown.selection, side_effects=(side_effect,), unit="area")
    found = query_cache.cached_query(dose_response.dose_effect, shown.scope, selection, product, area)
    unit = unit_label(product)
    where = f"{label('side_effect', side_effect)} after {label('product', product)}, {label('area', area).lower()}"
    links = query_cache.cached_query(dose_response.dose_links, shown.scope, selection)
    link = next(row for row in links.itertuples() if (row.product, row.area) == (product, area))
    prose.draw_text(where, "header")
    if found.slope.refused:
        verdict = f"{formatting.capitalize_first(found.slope.refused)}. No line is drawn."
        prose.draw_text(verdict, "subheader")
    else:
        doses, rates = (link.low_dose, link.high_dose), (link.low_dose_rate, link.high_dose_rate)
        verdict = comparison_sentences.describe_dose_effect(link.verdict, unit, doses, rates)
        effect = found.slope
        odds = comparison_sentences.explain_odds_ratio(unit, effect.per, effect.odds_ratio, effect.design_effect > 1)
        prose.draw_text(verdict, "subheader", help_text=odds)
        prose.draw_text(comparison_sentences.describe_dose_comparison(int(links.chance.notna().sum())), "caption")
    st.caption(comparison_sentences.DOSE_CAUTION)
    labeled = labeled_dose(product, (area,)) if is_on_our_list("product", product) else None
    chart = dose_curve.draw(found.bands, unit, found.line, labeled.units_high if labeled else None)
    charts.draw_chart(chart, "dose", lambda _: {"side_effect": side_effect, "area": area, "product": product})
    st.caption("Treatments still in follow-up, or without recorded units, are left out.")


def _choose(shown: PageView) -> tuple[str, str, str] | None:
    """The most frequent combination first."""
    found = query_cache.cached_query(counts.counts, shown.scope, replace(shown.selection, unit="area"), tuple(TITLES))
    seen = found[found.events > 0].sort_values("events", ascending=False, kind="stable")
    combinations = list(seen[list(TITLES)].itertuples(index=False, name=None))
    if not combinations:
        return None
    chosen: tuple[str, ...] = ()
    for column, dimension in zip(st.columns(len(TITLES)), TITLES, strict=True):
        codes = dict.fromkeys(codes[len(chosen)] for codes in combinations if codes[: len(chosen)] == chosen)
        key = f"dose_{dimension}"
        if st.session_state.get(key) not in (None, *codes):
            del st.session_state[key]  # the earlier choice does not occur with the choice before it
        named = partial(label, dimension)
        chosen += (column.selectbox(TITLES[dimension], list(codes), format_func=named, key=key, bind="query-params"),)
    return chosen


main()
