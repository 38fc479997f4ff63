"""What was treated: volumes, units per area against the labelled dose, and how soon clients came back."""

from dataclasses import replace

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
from models import codelist
from models.measure import FOUR_TO_SIX_MONTHS


def main() -> None:
    shown: PageView = st.session_state.shown
    _draw_volumes(shown)
    st.header("Where", anchor=False)
    face_map.draw_area_map(shown)
    st.header("Units per treated area", anchor=False)
    doses = query_cache.cached_query(treatments.dose_distributions, shown.scope, shown.selection)
    if doses:
        _draw_doses(shown, doses)
    else:
        st.markdown("No treated area with units on record.")
    _draw_retreatment(shown)


def _draw_doses(shown: PageView, doses: list[DoseDistribution]) -> None:
    product = _choose_product(doses)
    given = sorted((d for d in doses if d.product == product), key=lambda d: -d.total)
    unit = _unit(product)
    most = given[0]
    low, middle, high = map(most.quantile, (0.25, 0.5, 0.75))
    said = comparison_sentences.describe_typical_dose(label("area", most.area), unit, middle, low, high, most.total)
    st.subheader(formatting.escape_markdown(said), anchor=False)
    st.caption(comparison_sentences.UNITS_DO_NOT_CONVERT)
    title, value = f"{unit} per treatment of the area", f"{{}} {unit}"
    chart = strip_plot.draw([_strip_row(d) for d in given], title, "treatment", "labelled dose", value)
    charts.draw_chart(chart, "units", case_parameters=lambda area: {"area": area, "product": product})
    _draw_unlabeled(given)
    _draw_outliers(shown, given, unit)


def _draw_volumes(shown: PageView) -> None:
    st.header("How many", anchor=False)
    by = st.radio(
        "Treatments by", ["month", "site", "product", "area"], horizontal=True, key="volumes_by", bind="query-params"
    )
    found = query_cache.cached_query(
        counts.denominators, shown.scope, replace(shown.selection, unit="treatment"), (by,)
    )
    clients = query_cache.cached_query(counts.denominators, shown.scope, replace(shown.selection, unit="client"), (by,))
    table = {
        by.capitalize(): [label(by, value) for (value,) in found],
        "Treatments": [total for _, total, _ in found.values()],
        "Clients": [clients[key][1] for key in found],
        "Outcome known": [formatting.n_of_m(known, total) for known, total, _ in found.values()],
        "Still maturing": [maturing for *_, maturing in found.values()],
    }
    data_table.draw_table(table, f"Treatments by {by}", "volumes", bars=("Treatments",))
    if by in ("product", "area"):
        st.caption("A treatment with several of them counts in each.")
    charts.draw_download(table, "volumes")


def _choose_product(doses: list[DoseDistribution]) -> str:
    """One product at a time: the most used first."""
    used: dict[str, int] = {}
    for given in doses:
        used[given.product] = used.get(given.product, 0) + given.total
    return st.selectbox(
        "Product",
        sorted(used, key=lambda code: -used[code]),
        format_func=lambda code: label("product", code),
        key="units_of",
        bind="query-params",
    )


def _unit(product: str) -> str:
    return codelist.products()[product].unit if is_on_our_list("product", product) else "units as given"


def _strip_row(given: DoseDistribution) -> strip_plot.StripRow:
    dose = _labeled_range(given)
    reference = dose and (dose.units_low, dose.units_high)
    return strip_plot.StripRow(given.area, label("area", given.area), given.units, given.treatments, reference)


def _labeled_range(given: DoseDistribution):
    ours = is_on_our_list("product", given.product) and is_on_our_list("area", given.area)
    return labeled_dose(given.product, (given.area,)) if ours else None


def _draw_unlabeled(given: list[DoseDistribution]) -> None:
    without = [label("area", d.area) for d in given if _labeled_range(d) is None]
    if without:
        areas = formatting.escape_markdown(formatting.join_words(without))
        st.caption(
            f"No labelled dose of this product for the area alone was found for: {areas}. "
            "Use there may be off label, or labelled only together with another area."
        )


def _draw_outliers(shown: PageView, given: list[DoseDistribution], unit: str) -> None:
    number = sum(d.outlying_count for d in given)
    if not number:
        st.markdown(formatting.escape_markdown(f"No treatment lies far from the usual {unit} of its area."))
        return
    st.subheader(
        formatting.escape_markdown(f"Far from the usual: {formatting.pluralize(number, 'treatment')}"), anchor=False
    )
    st.caption(comparison_sentences.UNUSUAL_DOSES)
    usual = tuple((d.area, *d.usual_range) for d in given if d.outlying_count)
    product, most = given[0].product, case_table.MAX_LISTED
    rows = query_cache.cached_query(treatments.outlying_doses, shown.scope, shown.selection, product, usual, most)
    if len(rows) < number:
        st.caption(f"The {formatting.count(len(rows))} farthest of {formatting.count(number)} are listed.")
    middle = {d.area: f"{d.quantile(0.25):g}\N{EN DASH}{d.quantile(0.75):g}" for d in given}
    table = {
        form_state.VISIT: form_state.source_numbers([treatment for *_, treatment in rows]),
        "Treatment": [treatment for *_, treatment in rows],
        "Area": [label("area", area) for area, *_ in rows],
        unit.capitalize(): [float(units) for _, units, _ in rows],
        "Usual (middle half)": [middle[area] for area, *_ in rows],
    }
    chosen = data_table.draw_table(
        table, "Treatments with units far from the usual; a row can be corrected", "outliers", choose=True
    )
    if chosen is not None:
        number = str(table["Treatment"][chosen])
        what = {"kind": "treatments", "number": number}
        navigation.draw_link(
            "corrections", f"Correct treatment {formatting.escape_markdown(number)}", icon=":material/edit:", **what
        )
    charts.draw_download(table, "far_from_usual")


def _draw_retreatment(shown: PageView) -> None:
    """When clients were treated again in the same area, touch-ups aside."""
    st.header("How soon they came back", anchor=False)
    st.markdown(formatting.escape_markdown(duration_sentences.explain_retreatment(*FOUR_TO_SIX_MONTHS)))
    found = query_cache.cached_query(time_to_event_table.retreatment, shown.scope, shown.selection)
    time_to_event_table.draw_time_to_event(
        found, time_to_event_table.CAME_BACK_TITLE, "coming_back", "Days until clients came back, by product and area"
    )


main()
