"""Is a side effect related to the units given? One product and one area at a time."""

from dataclasses import replace

import streamlit as st

from dashboard.components import charts
from dashboard.figures import dose_curve
from dashboard.shell import query_cache
from dashboard.shell.filters import PageView
from dashboard.text import comparison_sentences, formatting
from dashboard.text.labels import is_on_our_list, label
from data.analysis import counts as queries
from data.reference.guidance import labeled_dose
from data.summaries import dose_response
from data.summaries.dose_response import DoseEffect
from models import codelist


def main() -> None:
    shown: PageView = st.session_state.shown
    chosen = _choose(shown)
    if chosen is None:
        st.header("No side effect has been placed in an area with a known product yet.", anchor=False)
        return
    side_effect, product, area = chosen
    selection = replace(shown.selection, side_effects=(side_effect,), unit="area")
    found = query_cache.cached_query(dose_response.dose_effect, shown.scope, selection, product, area)
    unit = codelist.products()[product].unit if is_on_our_list("product", product) else "units as given"
    where = f"{label('side_effect', side_effect)} after {label('product', product)}, {label('area', area).lower()}"
    st.header(formatting.escape_markdown(f"{where}. {_slope_sentence(found, unit)}"), anchor=False)
    st.caption(comparison_sentences.DOSE_CAUTION)
    line = dose_curve.FittedLine(*found.line) if found.line else None
    chart = dose_curve.draw([_band_point(band) for band in found.bands], unit, line, _labeled_dose(product, area))
    charts.draw_chart(
        chart, "dose", case_parameters=lambda _: {"side_effect": side_effect, "area": area, "product": product}
    )  # fmt: skip
    st.caption("Treatments still maturing, or without units on record, are left out.")


def _choose(shown: PageView) -> tuple[str, str, str] | None:
    """The most frequent combination first."""
    selection = replace(shown.selection, unit="area")
    counts = query_cache.cached_query(queries.counts, shown.scope, selection, ("side_effect", "product", "area"))
    seen = sorted((count for count in counts if count.events), key=lambda count: -count.events)
    pairs = [tuple(dict(count.by).values()) for count in seen]
    if not pairs:
        return None
    first, second, third = st.columns(3)
    side_effect = _choose_code(first, "Side effect", "side_effect", [pair[0] for pair in pairs])
    product = _choose_code(second, "Product", "product", [pair[1] for pair in pairs if pair[0] == side_effect])
    area = _choose_code(third, "Area", "area", [pair[2] for pair in pairs if pair[:2] == (side_effect, product)])
    return side_effect, product, area


def _choose_code(column, title: formatting.Markdown, dimension: str, codes: list[str]) -> str:
    options = list(dict.fromkeys(codes))
    key = f"dose_{dimension}"
    if st.session_state.get(key) not in (None, *options):
        del st.session_state[key]  # what was chosen before does not occur with the choice beside it
    return column.selectbox(
        title, options, format_func=lambda code: label(dimension, code), key=key, bind="query-params"
    )


def _slope_sentence(found: DoseEffect, unit: str) -> str:
    slope = found.slope
    if slope.refused:
        return f"{formatting.capitalize_first(slope.refused)}. The bands stand alone."
    return comparison_sentences.describe_slope(unit, slope.per, slope.odds_ratio, slope.design_effect > 1)


def _band_point(band: dose_response.DoseBand) -> dose_curve.BandPoint:
    return dose_curve.BandPoint(
        key=f"{band.least:g}",
        least=band.least,
        most=band.most,
        events=band.events,
        known=band.known,
        estimate=band.rate.estimate,
        low=band.rate.low,
        high=band.rate.high,
    )


def _labeled_dose(product: str, area: str) -> float | None:
    if not (is_on_our_list("product", product) and is_on_our_list("area", area)):
        return None
    dose_on_label = labeled_dose(product, (area,))
    return dose_on_label.units_high if dose_on_label else None


main()
