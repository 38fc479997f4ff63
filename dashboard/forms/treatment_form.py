"""A treatment with its areas, where software gives no export. No area, product or dose is put in for anybody."""

from typing import Any

import streamlit as st

from dashboard.forms import form_state
from dashboard.shell import query_cache
from dashboard.text import formatting
from dashboard.text.labels import label
from data.analysis.derived_tables import NOT_RECORDED
from data.analysis.scope import Scope
from data.analysis.treatments import TreatmentRow
from data.as_of import as_of_date
from data.importing import manual_entry
from data.records.lookups import SourceRef
from models import codelist

FORM = "treatment"
SIDES = ("both", "left", "right", "midline", "left and right apart")
LEFT_AND_RIGHT = SIDES[-1]
MAX_UNITS = 10_000.0  # a whole vial of any product holds less, type B apart


def draw_treatment_form(scope: Scope, source: str, number: str, earlier: list[tuple[TreatmentRow, SourceRef]]) -> None:
    """`number`: the client's, as the practice has it; `earlier`: the client's treatments on record, latest first."""
    turn = st.session_state.get("treatment_turn", 0)
    visit = _draw_visit(scope, earlier)
    lines = [visit | line for line in _draw_areas(scope, turn)]
    st.button(
        "Store the treatment", type="primary", disabled=not lines, on_click=_save_treatment,
        args=[source, number, lines, st.session_state.setdefault(f"treatment_id_{turn}", manual_entry.new_id())],
    )  # fmt: skip
    if not lines:
        st.caption("Choose the areas that were treated.")


def _draw_visit(scope: Scope, earlier: list[tuple[TreatmentRow, SourceRef]]) -> dict[str, Any]:
    """What is the same for every area. The site and the practitioner stay from one treatment to the next."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        day = st.date_input("Day of the treatment", as_of_date(), max_value=as_of_date(), key="treatment_date",
                            format="DD/MM/YYYY", width=160)  # fmt: skip
        site = _choose_or_add("Site", "site", scope, scope.sites)
        practitioner = _choose_or_add("Practitioner", "practitioner", scope, scope.practitioners)
        tops_up = None
        if earlier:
            names = {name.source_id: given for given, name in earlier}
            tops_up = st.selectbox("Tops up", list(names), index=None, placeholder="No: a treatment of its own",
                                   format_func=lambda id_: formatting.day(names[id_].date), width=260)  # fmt: skip
    for column in ("date", "site", "practitioner"):
        form_state.show_field_errors(column, FORM)
    return {"date": day, "site": site, "practitioner": practitioner, "touch_up_of": tops_up}


def _choose_or_add(title: formatting.Markdown, dimension: str, scope: Scope, own: frozenset[str] | None) -> str | None:
    """One of those on record, or a new one; a viewer with a single one of their own is that one."""
    on_record = query_cache.load_dimension_values(scope, dimension) if query_cache.has_records() else []
    listed = sorted(own) if own is not None else [code for code in on_record if code != NOT_RECORDED]
    return st.selectbox(
        title, listed, index=0 if len(listed) == 1 else None, accept_new_options=own is None,
        key=f"treatment_{dimension}", persist_state="session", placeholder="Choose or type", width=200,
    )  # fmt: skip


def _draw_areas(scope: Scope, turn: int) -> list[dict[str, Any]]:
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
    for column in ("product", "lot", "expiry"):
        form_state.show_field_errors(column, FORM)
    areas = st.multiselect("Areas", list(codelist.areas()), format_func=lambda code: label("area", code),
                           key=f"treatment_areas_{turn}", placeholder="Choose those that were treated")  # fmt: skip
    lines: list[dict[str, Any]] = []
    for area in areas:
        for told in _draw_area(area, turn, len(lines)):
            lines.append({"area": area, "product": product, "lot": lot, "expiry": expiry} | told)
    return lines


def _draw_area(area: str, turn: int, before: int) -> list[dict[str, Any]]:
    """The lines of one area: one, or two where left and right are told apart. `before`: how many lines stand above."""
    key = f"treatment_{area}_{turn}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.markdown(formatting.escape_markdown(label("area", area)), width=180)
        sides = SIDES if codelist.areas()[area].sided else ("midline", *SIDES)
        side = st.selectbox("Side", list(dict.fromkeys(sides)), index=None, key=f"{key}_side", placeholder="Not told",
                            width=200)  # fmt: skip
        both = ("left", "right") if side == LEFT_AND_RIGHT else (side,)
        lines = []
        for one in both:
            title = formatting.escape_markdown(f"Units {one}" if side == LEFT_AND_RIGHT else "Units")
            lines.append({"side": one, "units": _draw_number(title, f"{key}_units_{one}")})
        points = _draw_number("Points", f"{key}_points", whole=True) if side != LEFT_AND_RIGHT else None
    for row in range(before + 1, before + 1 + len(lines)):
        for column in ("side", "units", "points"):
            form_state.show_field_errors(column, FORM, row)
    return [line | {"points": points} for line in lines]


def _draw_number(title: formatting.Markdown, key: str, whole: bool = False) -> float | int | None:
    limits = {"min_value": 0, "max_value": 500, "step": 1} if whole else {"min_value": 0.0, "max_value": MAX_UNITS}
    shown = "%d" if whole else "%g"
    return st.number_input(title, value=None, key=key, width=160, placeholder="Not told", format=shown, **limits)


def _save_treatment(source: str, number: str, lines: list[dict[str, Any]], id_: str) -> None:
    told = [{"treatment_id": id_, "client": number} | {name: v or None for name, v in line.items()} for line in lines]
    when = formatting.day(told[0]["date"]) if told[0]["date"] else ""
    areas = formatting.join_words(dict.fromkeys(label("area", line["area"]) for line in told))
    if form_state.save_form_rows(FORM, source, {"treatments": told}, f"Stored: the treatment of {when}, {areas}."):
        st.session_state["treatment_turn"] = st.session_state.get("treatment_turn", 0) + 1
        st.session_state[form_state.ENTRY_KIND_KEY] = (
            form_state.TREATMENT_ENTRY
        )  # the next one is a treatment too, of another client
        st.session_state[form_state.CLIENT_KEY] = ""
