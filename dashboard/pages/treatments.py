"""What was treated: volumes, units per area against the labeled dose, and the retreatment interval."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.components import case_table, charts, data_table, downloads, face_map, time_to_event_table
from dashboard.figures import strip_plot
from dashboard.forms import form_state
from dashboard.shell import navigation, prose, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import comparison_sentences, duration_sentences, formatting
from dashboard.text.labels import is_on_our_list, label, unit_label
from data.analysis import counts, treatments
from data.analysis.treatments import DoseDistribution
from data.reference.guidance import labeled_dose
from data.summaries import time_to_event
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
    # When clients were treated again in the same area, without touch-ups.
    st.header("Retreatment interval", anchor=False)
    prose.draw_text(duration_sentences.explain_retreatment(*FOUR_TO_SIX_MONTHS))
    intervals = query_cache.cached_query(time_to_event.summarize_retreatment, shown.scope, shown.selection)
    alt = "Days until retreatment, by product and area"
    time_to_event_table.draw_time_to_event(intervals, "returned", "coming_back", alt)


def _draw_doses(shown: PageView, doses: list[DoseDistribution]) -> None:
    product = face_map.choose_product(doses, "units_of")
    of_product = sorted((dose for dose in doses if dose.product == product), key=lambda dose: -dose.total)
    by_area = [dose for dose in of_product if not dose.touch_up] or of_product
    unit, most = unit_label(product), by_area[0]
    low, middle, high = map(most.quantile, (0.25, 0.5, 0.75))
    typical = comparison_sentences.describe_typical_dose(label("area", most.area), unit, middle, low, high, most.total)
    prose.draw_text(typical, "subheader")
    st.caption(comparison_sentences.UNITS_DO_NOT_CONVERT)
    is_listed = is_on_our_list("product", product)
    labeled = {dose.area: labeled_dose(product, (dose.area,)) if is_listed else None for dose in by_area}
    rows = pd.concat(
        pd.DataFrame(
            {
                "key": dose.area,
                "label": label("area", dose.area),
                "value": dose.units,
                "number": dose.treatments,
                "reference_low": published.units_low if published else np.nan,
                "reference_high": published.units_high if published else np.nan,
            }
        )
        for dose, published in zip(by_area, labeled.values(), strict=True)
    )
    chart = strip_plot.draw(rows, f"{unit} per treatment of the area", "treatment", "labeled dose", f"{{}} {unit}")
    charts.draw_chart(chart, "units", lambda area: {"area": area, "product": product})
    if without := [label("area", area) for area, dose in labeled.items() if dose is None]:
        areas = formatting.escape_markdown(formatting.join_words(without))
        st.caption(
            f"No labeled dose of this product for the area alone: {areas}. "
            "Use there may be off label, or labeled only together with another area."
        )
    _draw_outliers(shown, of_product, unit)


def _draw_volumes(shown: PageView) -> None:
    st.header("Volumes", anchor=False)
    dimensions = ["month", "site", "product", "area"]
    by = st.radio("Treatments by", dimensions, horizontal=True, key="volumes_by", bind="query-params")
    found, clients = (
        query_cache.cached_query(counts.denominators, shown.scope, replace(shown.selection, unit=unit), (by,))
        for unit in ("treatment", "client")
    )
    table = pd.DataFrame(
        {
            by: found[by].map(partial(label, by)),
            "treated": found.treated,
            "clients": clients.set_index(by).treated.reindex(found[by]).to_numpy(),
            "followed_up": [formatting.n_of_m(row.followed_up, row.total) for row in found.itertuples()],
            "in_follow_up": found.in_follow_up,
        }
    )
    data_table.draw_table(table, f"Treatments by {by}", "volumes", bars=("treated",))
    if by in ("product", "area"):
        st.caption("A treatment with several of them counts in each.")
    downloads.draw_csv(table.assign(followed_up=found.followed_up).rename(columns=data_table.column_title), "volumes")


def _draw_outliers(shown: PageView, doses: list[DoseDistribution], unit: str) -> None:
    total = sum(dose.outlying_count for dose in doses)
    if not total:
        prose.draw_text(f"No treatment has unusual {unit} for its area.")
        return
    prose.draw_text(f"Unusual doses: {formatting.pluralize(total, 'treatment')}", "subheader")
    st.caption(comparison_sentences.UNUSUAL_DOSES)
    usual = tuple((dose.area, dose.touch_up, *dose.usual_range) for dose in doses if dose.outlying_count)
    product, most = doses[0].product, case_table.MAX_LISTED
    rows = query_cache.cached_query(treatments.outlying_doses, shown.scope, shown.selection, product, usual, most)
    if len(rows) < total:
        st.caption(f"The {formatting.count(len(rows))} most unusual of {formatting.count(total)} are listed.")
    middle = {
        (dose.area, dose.touch_up): formatting.number_range(dose.quantile(0.25), dose.quantile(0.75)) for dose in doses
    }
    table = pd.DataFrame(
        {
            "visit_or_invoice": form_state.source_numbers(rows.treatment.tolist()),
            "treatment": rows.treatment,
            "area": rows.area.map(partial(label, "area")),
            "kind": np.where(rows.touch_up, "touch-up", "full dose"),
            unit: rows.units,
            "usual": [middle[key] for key in zip(rows.area, rows.touch_up, strict=True)],
        }
    )
    alt = "Treatments with unusual doses; a row can be corrected"
    chosen = data_table.draw_table(table, alt, "outliers", choose=True)
    if chosen is not None:
        number = rows.treatment.iloc[chosen]
        navigation.link_to_correction(f"Correct treatment {formatting.escape_markdown(str(number))}", number)
    downloads.draw_csv(table.rename(columns=data_table.column_title), "far_from_usual")


main()
