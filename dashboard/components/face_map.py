"""The face and the body, each area colored by its treatments, its side effects or its units."""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.components import charts
from dashboard.figures import body_map
from dashboard.shell import navigation, prose, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import formatting, rate_sentences
from dashboard.text.labels import label
from data.analysis import counts, estimates, treatments
from models import codelist

TREATED_TAB, RATE_TAB, UNITS_TAB = "treatments", "side effects", "units"
TITLES = {
    RATE_TAB: "Treated areas with a side effect there, % of followed up",
    TREATED_TAB: "Treatments that included the area",
    UNITS_TAB: "Median units per treatment of the area",
}
AREAS_BESIDE_FACE = ("occipitalis", "migraine_sites")  # a front view has no place for them: marks beside it, named


def draw_area_map(view: PageView) -> None:
    """The map of all areas; a click on one makes it the area filter, a second click removes the filter."""
    chosen, view = view.selection.areas, replace(view, selection=replace(view.selection, areas=()))
    by = st.radio("Color by", TITLES, horizontal=True, key="map_by", bind="query-params")
    title, values = TITLES[by], _area_values(view, by)
    if by == UNITS_TAB and len(values):
        title = f"{title}, {label('product', values['product'].iloc[0])}"
    prose.draw_text(title, "subheader")
    st.caption(rate_sentences.MAP_CAUTION)
    for area in chosen:
        placed = formatting.escape_markdown(f"Cases in {label('area', area)}")
        navigation.draw_link("cases", placed, area=area)
    areas = pd.DataFrame(vars(area) for area in codelist.areas().values())
    spots = areas.merge(values, how="left", left_on="code", right_on="area").assign(
        key=areas.code,
        side=np.where(areas.sided, "both", "midline"),
        show_name=areas.code.isin(AREAS_BESIDE_FACE),
        is_chosen=areas.code.isin(chosen),
    )
    spots = spots.assign(value_text=spots.value_text.astype(object).fillna("not treated"))
    for column, outline in zip(st.columns(2), ("face", "body"), strict=True):
        with column:
            chart = body_map.draw(spots[spots["map"] == outline], outline, title)
            charts.draw_chart(chart, f"map_{outline}", on_click=partial(_toggle_area, set(values.area)))
    if elsewhere := [label("area", code) for code in values.area if code not in codelist.areas()]:
        prose.draw_text(f"Not on the map: {formatting.join_words(elsewhere)}.", "caption")


def _toggle_area(treated: Collection[str], area: str) -> None:
    if area in treated:
        st.session_state.areas = [] if st.session_state.get("areas") == [area] else [area]


def _area_values(view: PageView, by: str) -> pd.DataFrame:
    """Columns area, value, value_text, and for units the product: those of different products do not convert."""
    if by == TREATED_TAB:
        selection = replace(view.selection, unit="treatment")
        counted = query_cache.cached_query(counts.denominators, view.scope, selection, ("area",))
        texts = [formatting.pluralize(n, "treatment") for n in counted.treated]
        return pd.DataFrame({"area": counted.area, "value": counted.treated, "value_text": texts})
    if by == RATE_TAB:
        rates = query_cache.cached_query(estimates.rates, view.scope, replace(view.selection, unit="area"), ("area",))
        texts = [formatting.rate_text(row) for row in rates.itertuples()]
        return pd.DataFrame({"area": rates.area, "value": 100 * rates.rate, "value_text": texts})
    doses = query_cache.cached_query(treatments.dose_distributions, view.scope, view.selection)
    product = choose_product(doses, "map_product") if doses else None
    of_product = [dose for dose in doses if dose.product == product and not dose.touch_up]
    medians = [dose.quantile(0.5) for dose in of_product]
    texts = [
        f"median {formatting.number(median)} in {formatting.pluralize(dose.total, 'treatment')}"
        for dose, median in zip(of_product, medians, strict=True)
    ]
    columns = {"area": [dose.area for dose in of_product], "product": product, "value": medians, "value_text": texts}
    return pd.DataFrame(columns)


def choose_product(doses: list[treatments.DoseDistribution], key: str) -> str:
    """Draw the choice of one product, the most used first."""
    used: Counter[str] = Counter()
    for dose in doses:
        used[dose.product] += dose.total
    codes, named = [code for code, _ in used.most_common()], partial(label, "product")
    return st.selectbox("Product", codes, format_func=named, key=key, bind="query-params")
