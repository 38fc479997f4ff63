"""The face and the body, areas coloured by how often they were treated, how often something followed, or units."""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from functools import partial

import streamlit as st

from dashboard.components import charts
from dashboard.figures import body_map
from dashboard.shell import navigation, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import formatting, rate_sentences
from dashboard.text.labels import label
from data.analysis import counts, estimates, treatments
from models import codelist

TREATED_TAB, RATE_TAB, UNITS_TAB = "treatments", "side effects", "units"
TITLES = {
    TREATED_TAB: "Treatments that included the area",
    RATE_TAB: "Treated areas with a side effect placed there, % of known outcomes",
    UNITS_TAB: "Middle units per treatment of the area",
}
AREAS_BESIDE_FACE = (
    "occipitalis",
    "migraine_sites",
)  # a front view has no place for them: marks beside it, with their name
AreaValues = dict[str, tuple[float | None, str]]  # per area: the value, and the number in words


def draw_area_map(view: PageView) -> None:
    """The map of all areas; a click on one chooses it as the filter of areas, a second one takes the filter away."""
    chosen, view = view.selection.areas, replace(view, selection=replace(view.selection, areas=()))
    by = st.radio("Colour by", TITLES, horizontal=True, key="map_by", bind="query-params")
    title = TITLES[by]
    if by == UNITS_TAB:
        product, found = _unit_values(view)
        title = f"{title}, {label('product', product)}" if product else title
    else:
        found = _treated_values(view) if by == TREATED_TAB else _rate_values(view)
    shaded = {area: said for area, said in found.items() if said[0] is not None}
    if shaded:
        most = max(shaded, key=lambda area: shaded[area][0])
        st.subheader(
            formatting.escape_markdown(
                rate_sentences.describe_most_treated_area(title, label("area", most), shaded[most][1])
            ),
            anchor=False,
        )
    st.caption(rate_sentences.MAP_CAUTION)
    for area in chosen:
        placed = formatting.escape_markdown(f"Cases placed in {label('area', area)}")
        navigation.draw_link("cases", placed, icon=":material/arrow_forward:", area=area)
    ours = codelist.areas()
    for column, outline in zip(st.columns(2), ("face", "body"), strict=True):
        spots = [_spot(area, found, area.code in chosen) for area in ours.values() if area.map == outline]
        with column:
            charts.draw_chart(
                body_map.draw(spots, outline, title), f"map_{outline}", on_click=partial(_toggle_area, found)
            )
    if elsewhere := [label("area", code) for code in found if code not in ours]:
        st.caption(formatting.escape_markdown(f"Not on the map: {formatting.join_words(elsewhere)}."))


def _toggle_area(treated: Collection[str], area: str) -> None:
    if area in treated:
        st.session_state.areas = [] if st.session_state.get("areas") == [area] else [area]


def _spot(area: codelist.AreaEntry, found: AreaValues, chosen: bool) -> body_map.Spot:
    value, said = found.get(area.code, (None, "not treated"))
    sides = "both" if area.sided else "midline"
    beside = area.code in AREAS_BESIDE_FACE
    return body_map.Spot(area.code, area.label, area.x, area.y, sides, value, said, show_name=beside, is_chosen=chosen)


def _treated_values(shown: PageView) -> AreaValues:
    counted = query_cache.cached_query(
        counts.denominators, shown.scope, replace(shown.selection, unit="treatment"), ("area",)
    )
    return {row.area: (row.total, formatting.pluralize(row.total, "treatment")) for row in counted.itertuples()}


def _rate_values(shown: PageView) -> AreaValues:
    rates = query_cache.cached_query(estimates.rates, shown.scope, replace(shown.selection, unit="area"), ("area",))
    return {
        row.area: (
            100 * row.rate if row.followed_up else None,
            formatting.rate_with_interval(
                row.events,
                row.followed_up,
                *((row.rate, row.low, row.high) if row.followed_up else (0.0, 0.0, 1.0)),
            ),
        )
        for row in rates.itertuples(index=False)
    }


def _unit_values(shown: PageView) -> tuple[str | None, AreaValues]:
    """Of one product, because units of different products do not convert: the most used of those selected."""
    doses = query_cache.cached_query(treatments.dose_distributions, shown.scope, shown.selection)
    used = Counter()
    for given in doses:
        used[given.product] += given.total
    if not used:
        return None, {}
    names = [product for product, _ in used.most_common()]
    product = st.selectbox(
        "Product", names, format_func=lambda code: label("product", code), key="map_product", bind="query-params"
    )
    return product, {
        given.area: (given.quantile(0.5), _median_units(given)) for given in doses if given.product == product
    }


def _median_units(given: treatments.DoseDistribution) -> str:
    treatments = formatting.pluralize(given.total, "treatment")
    return f"{formatting.number(given.quantile(0.5))} in the middle of {treatments}"
