"""Is a side effect related to the units given? One product and one area at a time."""

from dataclasses import replace

import streamlit as st

from dashboard.components import charts
from dashboard.figures import dose_curve
from dashboard.shell import query_cache
from dashboard.shell.filters import PageView
from dashboard.text import comparison_sentences, formatting
from dashboard.text.labels import is_on_our_list, label
from data.analysis import counts
from data.reference.guidance import labeled_dose
from data.summaries import dose_response
from models import codelist
from models.statistics.dose_response import DoseResponse

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
    unit = codelist.products()[product].unit if is_on_our_list("product", product) else "units as recorded"
    where = f"{label('side_effect', side_effect)} after {label('product', product)}, {label('area', area).lower()}"
    st.header(formatting.escape_markdown(f"{where}. {_slope_sentence(found.slope, unit)}"), anchor=False)
    st.caption(comparison_sentences.DOSE_CAUTION)
    cases = {"side_effect": side_effect, "area": area, "product": product}
    chart = dose_curve.draw(found.bands, unit, found.line, _labeled_units(product, area))
    charts.draw_chart(chart, "dose", case_parameters=lambda _: cases)
    st.caption("Treatments still in follow-up, or without recorded units, are left out.")


def _choose(shown: PageView) -> tuple[str, str, str] | None:
    """The most frequent combination first."""
    found = query_cache.cached_query(counts.counts, shown.scope, replace(shown.selection, unit="area"), tuple(TITLES))
    seen = found[found.events > 0].sort_values("events", ascending=False, kind="stable")
    combinations = list(seen[list(TITLES)].itertuples(index=False, name=None))
    if not combinations:
        return None
    chosen: tuple[str, ...] = ()
    columns = iter(st.columns(len(TITLES)))
    for dimension, title in TITLES.items():
        codes = [codes[len(chosen)] for codes in combinations if codes[: len(chosen)] == chosen]
        chosen += (_choose_code(next(columns), title, dimension, list(dict.fromkeys(codes))),)
    return chosen


def _choose_code(column, title: formatting.Markdown, dimension: str, options: list[str]) -> str:
    key = f"dose_{dimension}"
    if st.session_state.get(key) not in (None, *options):
        del st.session_state[key]  # the earlier choice does not occur with the choice before it
    return column.selectbox(
        title, options, format_func=lambda code: label(dimension, code), key=key, bind="query-params"
    )


def _slope_sentence(slope: DoseResponse, unit: str) -> str:
    if slope.refused:
        return f"{formatting.capitalize_first(slope.refused)}. No line is drawn."
    return comparison_sentences.describe_slope(unit, slope.per, slope.odds_ratio, slope.design_effect > 1)


def _labeled_units(product: str, area: str) -> float | None:
    if not (is_on_our_list("product", product) and is_on_our_list("area", area)):
        return None
    dose = labeled_dose(product, (area,))
    return dose.units_high if dose else None


main()
