"""What was treated: volumes, units per area against the labeled dose, and the retreatment interval."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.components import case_table, charts, data_table, face_map, time_to_event_table
from dashboard.figures import strip_plot
from dashboard.forms import form_state
from dashboard.shell import navigation, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import comparison_sentences, duration_sentences, formatting
from dashboard.text.labels import is_on_our_list, label
from data.analysis import counts, treatments
from data.analysis.treatments import DoseDistribution
from data.reference.guidance import labeled_dose
from data.summaries import time_to_event
from models import codelist
from models.measure import FOUR_TO_SIX_MONTHS


def main() -> None:
    shown: PageView = st.session_state.shown
    _draw_volumes(shown)
    st.header("Areas", anchor=False)
    face_map.draw_area_map(shown)
    st.header("Units per treated area", anchor=False)
    doses = query_cache.cached_query(treatments.dose_distributions, shown.scope, shown.selection)
    if doses:
        _draw_doses(shown, doses)
    else:
        st.markdown("No treated area has recorded units.")
    _draw_retreatment(shown)


def _draw_doses(shown: PageView, doses: list[DoseDistribution]) -> None:
    product = _choose_product(doses)
    by_area = sorted((dose for dose in doses if dose.product == product), key=lambda dose: -dose.total)
    unit = codelist.products()[product].unit if is_on_our_list("product", product) else "units as recorded"
    most = by_area[0]
    low, middle, high = map(most.quantile, (0.25, 0.5, 0.75))
    typical = comparison_sentences.describe_typical_dose(label("area", most.area), unit, middle, low, high, most.total)
    st.subheader(formatting.escape_markdown(typical), anchor=False)
    st.caption(comparison_sentences.UNITS_DO_NOT_CONVERT)
    title, value = f"{unit} per treatment of the area", f"{{}} {unit}"
    chart = strip_plot.draw(pd.concat(map(_strip_rows, by_area)), title, "treatment", "labeled dose", value)
    charts.draw_chart(chart, "units", case_parameters=lambda area: {"area": area, "product": product})
    _draw_unlabeled(by_area)
    _draw_outliers(shown, by_area, unit)


def _draw_volumes(shown: PageView) -> None:
    st.header("Volumes", anchor=False)
    by = st.radio(
        "Treatments by", ["month", "site", "product", "area"], horizontal=True, key="volumes_by", bind="query-params"
    )
    found = query_cache.cached_query(
        counts.denominators, shown.scope, replace(shown.selection, unit="treatment"), (by,)
    )
    clients = query_cache.cached_query(counts.denominators, shown.scope, replace(shown.selection, unit="client"), (by,))
    table = {
        by.capitalize(): [label(by, value) for value in found[by]],
        "Treatments": found.total.tolist(),
        "Clients": clients.set_index(by).total.reindex(found[by]).tolist(),
        "Followed up": [formatting.n_of_m(row.followed_up, row.total) for row in found.itertuples()],
        "In follow-up": found.in_follow_up.tolist(),
    }
    data_table.draw_table(table, f"Treatments by {by}", "volumes", bars=("Treatments",))
    if by in ("product", "area"):
        st.caption("A treatment with several of them counts in each.")
    charts.draw_download(table | {"Followed up": found.followed_up.tolist()}, "volumes")


def _choose_product(doses: list[DoseDistribution]) -> str:
    """One product at a time, the most used first."""
    used: Counter[str] = Counter()
    for dose in doses:
        used[dose.product] += dose.total
    return st.selectbox(
        "Product",
        [code for code, _ in used.most_common()],
        format_func=lambda code: label("product", code),
        key="units_of",
        bind="query-params",
    )


def _strip_rows(dose: DoseDistribution) -> pd.DataFrame:
    labeled = _labeled_range(dose)
    return pd.DataFrame(
        {
            "key": dose.area,
            "label": label("area", dose.area),
            "value": dose.units,
            "number": dose.treatments,
            "reference_low": labeled.units_low if labeled else np.nan,
            "reference_high": labeled.units_high if labeled else np.nan,
        }
    )


def _labeled_range(dose: DoseDistribution):
    is_listed = is_on_our_list("product", dose.product) and is_on_our_list("area", dose.area)
    return labeled_dose(dose.product, (dose.area,)) if is_listed else None


def _draw_unlabeled(by_area: list[DoseDistribution]) -> None:
    without = [label("area", dose.area) for dose in by_area if _labeled_range(dose) is None]
    if without:
        areas = formatting.escape_markdown(formatting.join_words(without))
        st.caption(
            f"No labeled dose of this product for the area alone: {areas}. "
            "Use there may be off label, or labeled only together with another area."
        )


def _draw_outliers(shown: PageView, by_area: list[DoseDistribution], unit: str) -> None:
    total = sum(dose.outlying_count for dose in by_area)
    if not total:
        st.markdown(formatting.escape_markdown(f"No treatment has unusual {unit} for its area."))
        return
    heading = f"Unusual doses: {formatting.pluralize(total, 'treatment')}"
    st.subheader(formatting.escape_markdown(heading), anchor=False)
    st.caption(comparison_sentences.UNUSUAL_DOSES)
    usual = tuple((dose.area, *dose.usual_range) for dose in by_area if dose.outlying_count)
    product, most = by_area[0].product, case_table.MAX_LISTED
    rows = query_cache.cached_query(treatments.outlying_doses, shown.scope, shown.selection, product, usual, most)
    if len(rows) < total:
        st.caption(f"The {formatting.count(len(rows))} most unusual of {formatting.count(total)} are listed.")
    middle = {dose.area: f"{dose.quantile(0.25):g}{formatting.DASH}{dose.quantile(0.75):g}" for dose in by_area}
    numbers = rows.treatment.tolist()
    table = {
        form_state.VISIT: form_state.source_numbers(numbers),
        "Treatment": numbers,
        "Area": [label("area", area) for area in rows.area],
        unit.capitalize(): rows.units.tolist(),
        "Usual (middle half)": [middle[area] for area in rows.area],
    }
    alt = "Treatments with unusual doses; a row can be corrected"
    chosen = data_table.draw_table(table, alt, "outliers", choose=True)
    if chosen is not None:
        navigation.link_to_correction(numbers[chosen])
    charts.draw_download(table, "far_from_usual")


def _draw_retreatment(shown: PageView) -> None:
    """When clients were treated again in the same area, without touch-ups."""
    st.header("Retreatment interval", anchor=False)
    st.markdown(formatting.escape_markdown(duration_sentences.explain_retreatment(*FOUR_TO_SIX_MONTHS)))
    found = query_cache.cached_query(time_to_event.summarize_retreatment, shown.scope, shown.selection)
    alt = "Days until retreatment, by product and area"
    time_to_event_table.draw_time_to_event(found, time_to_event_table.RETURNED_TITLE, "coming_back", alt)


main()
