"""A treatment with its areas, for clinics whose software exports none. No area, product or dose has a default."""

from typing import Any

import streamlit as st

from dashboard.forms import form_state
from dashboard.shell import query_cache
from dashboard.text import formatting
from dashboard.text.labels import label
from data.analysis.scope import Scope
from data.analysis.sql_functions import NOT_RECORDED
from data.analysis.treatments import TreatmentRow
from data.as_of import as_of_date
from data.importing import manual_entry
from data.records.lookups import SourceRef
from data.schema.template import SIDES
from models import codelist

FORM = "treatment"
LEFT_AND_RIGHT = "left and right separately"
MAX_UNITS = 10_000.0  # a vial of any product holds less, except type B


def draw_treatment_form(scope: Scope, source: str, number: str, earlier: list[tuple[TreatmentRow, SourceRef]]) -> None:
    """`number` is the client's in the practice software; `earlier` are the client's treatments, the latest first."""
    attempt = st.session_state.get("treatment_turn", 0)
    visit = _draw_visit(scope, earlier)
    rows = [visit | row for row in _draw_areas(scope, attempt)]
    id_ = st.session_state.setdefault(f"treatment_id_{attempt}", manual_entry.new_id())
    st.button("Save the treatment", type="primary", disabled=not rows, on_click=_save_treatment,
              args=[source, number, rows, id_])  # fmt: skip
    if not rows:
        st.caption("Choose the areas that were treated.")


def _draw_visit(scope: Scope, earlier: list[tuple[TreatmentRow, SourceRef]]) -> dict[str, Any]:
    """The values that all areas share. Site and practitioner stay for the next treatment."""
    touch_up_of = None
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        day = st.date_input("Day of the treatment", as_of_date(), max_value=as_of_date(), key="treatment_date",
                            format=formatting.DATE_FIELD, width=160)  # fmt: skip
        site = _choose_or_add("Site", "site", scope, scope.sites)
        practitioner = _choose_or_add("Practitioner", "practitioner", scope, scope.practitioners)
        if earlier:
            dates = {name.source_id: treatment.date for treatment, name in earlier}
            touch_up_of = st.selectbox("Touch-up of", list(dates), index=None, placeholder="Not a touch-up",
                                       format_func=lambda id_: formatting.day(dates[id_]), width=260)  # fmt: skip
    form_state.show_field_errors(FORM, "date", "site", "practitioner")
    return {"date": day, "site": site, "practitioner": practitioner, "touch_up_of": touch_up_of}


def _choose_or_add(title: formatting.Markdown, dimension: str, scope: Scope, own: frozenset[str] | None) -> str | None:
    """One on record or a new one; a viewer who may see only some chooses among these."""
    on_record = query_cache.load_dimension_values(scope, dimension) if query_cache.has_records() else []
    codes = sorted(own) if own is not None else [code for code in on_record if code != NOT_RECORDED]
    chosen = st.selectbox(
        title, codes, index=0 if len(codes) == 1 else None, accept_new_options=own is None,
        key=f"treatment_{dimension}", persist_state="session", placeholder="Choose or type", width=200,
    )  # fmt: skip
    # Part of a name and Enter would add a second site.
    if chosen and codes and chosen not in codes:
        question = formatting.escape_markdown(f"Add {chosen} as a new {dimension}")
        if not st.checkbox(question, key=f"treatment_new_{dimension} {chosen}"):
            return None
    return chosen


def _draw_areas(scope: Scope, attempt: int) -> list[dict[str, Any]]:
    used = query_cache.load_dimension_values(scope, "product") if query_cache.has_records() else []
    active = [product.code for product in codelist.products().values() if product.active]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        product = st.selectbox(
            "Product", form_state.order_codes(codelist.products(), used) if used else active, index=None, width=240,
            format_func=lambda code: label("product", code), key="treatment_product", persist_state="session",
            placeholder="Choose",
        )  # fmt: skip
        lot = st.text_input("Lot", key="treatment_lot", persist_state="session", width=160)
        expiry = st.text_input("Expiry", key="treatment_expiry", persist_state="session", width=160,
                               placeholder="March 2026")  # fmt: skip
    form_state.show_field_errors(FORM, "product", "lot", "expiry")
    areas = st.multiselect("Areas", list(codelist.areas()), format_func=lambda code: label("area", code),
                           key=f"treatment_areas_{attempt}", placeholder="Choose the treated areas")  # fmt: skip
    rows: list[dict[str, Any]] = []
    for area in areas:
        shared = {"area": area, "product": product, "lot": lot, "expiry": expiry}
        rows += [shared | row for row in _draw_area(area, attempt, len(rows))]
    return rows


def _draw_area(area: str, attempt: int, rows_above: int) -> list[dict[str, Any]]:
    """The rows of one area: one, or two if left and right are entered separately."""
    key = f"treatment_{area}_{attempt}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.markdown(formatting.escape_markdown(label("area", area)), width=180)
        first = "both" if codelist.areas()[area].sided else "midline"
        sides = [first, *(side for side in SIDES.choices if side != first), LEFT_AND_RIGHT]
        side = st.selectbox("Side", sides, index=None, key=f"{key}_side", placeholder="Not recorded", width=200)
        rows = []
        for one_side in ("left", "right") if side == LEFT_AND_RIGHT else (side,):
            title = formatting.escape_markdown(f"Units {one_side}" if side == LEFT_AND_RIGHT else "Units")
            rows.append({"side": one_side, "units": _draw_number(title, f"{key}_units_{one_side}")})
        points = _draw_number("Points", f"{key}_points", whole=True) if side != LEFT_AND_RIGHT else None
    for row in range(rows_above + 1, rows_above + 1 + len(rows)):
        form_state.show_field_errors(FORM, "side", "units", "points", row=row)
    return [row | {"points": points} for row in rows]


def _draw_number(title: formatting.Markdown, key: str, whole: bool = False) -> float | int | None:
    limits = {"min_value": 0, "max_value": 500, "step": 1} if whole else {"min_value": 0.0, "max_value": MAX_UNITS}
    number_format = "%d" if whole else "%g"
    return st.number_input(title, value=None, key=key, width=160, placeholder="Not recorded", format=number_format,
                           **limits)  # fmt: skip


def _save_treatment(source: str, number: str, rows: list[dict[str, Any]], id_: str) -> None:
    rows = [{"treatment_id": id_, "client": number} | row for row in rows]
    day = formatting.day(rows[0]["date"]) if rows[0]["date"] else ""
    areas = formatting.join_words(dict.fromkeys(label("area", row["area"]) for row in rows))
    if form_state.save_form_rows(FORM, source, {"treatments": rows}, f"Saved: the treatment of {day}, {areas}."):
        st.session_state["treatment_turn"] = st.session_state.get("treatment_turn", 0) + 1
        st.session_state[form_state.ENTRY_KIND_KEY] = form_state.TREATMENT_ENTRY  # of another client
        st.session_state[form_state.CLIENT_KEY] = ""
