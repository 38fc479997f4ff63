"""Tables in which a person says what words stand for: codes of a column, names of services."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

import streamlit as st

from dashboard.text import formatting
from data.mapping.column_matching import confidence_label
from data.mapping.proposal import ValueMapping
from data.mapping.service_names import Service
from data.mapping.spec import UNANSWERED
from data.schema.template import SHEETS
from models import codelist

SERVICE_COLUMNS = ("Name", "Is", "Product", "Areas", "Units", "How sure", "Lines")
TOXIN, NO_TOXIN = "toxin", "no toxin"
CODES = {"area": codelist.areas, "product": codelist.products, "side_effect": codelist.side_effects}


def draw_value_table(words: Sequence[ValueMapping]) -> dict[tuple[str, str], dict[str, str | None]]:
    """By sheet and field: the code that a person chose for each word, None where none is chosen."""
    told: dict[tuple[str, str], dict[str, str | None]] = {}
    for sheet, name in dict.fromkeys((word.sheet, word.name) for word in words):
        kind = next(kind for kind in SHEETS if kind.name == sheet)
        column = next(column for column in kind.columns if column.name == name)
        one = getattr(column.type, "one", column.type)
        mine = [word for word in words if (word.sheet, word.name) == (sheet, name)]
        st.markdown(f"**Words of {formatting.escape_markdown(column.heading.lower())}**")
        edited = st.data_editor(
            {
                "Word": [word.text for word in mine],
                "Means": [word.code for word in mine],
                "How sure": [confidence_label(word.confidence) if word.code else "?" for word in mine],
                "Lines": [word.times for word in mine],
            },
            disabled=["Word", "How sure", "Lines"],
            column_config={"Means": _choices(list(one.choices), name)},
            hide_index=True,
            key=f"mapping words {sheet} {name}",
            alt=f"Words of {column.heading.lower()} and what each means",
        )
        told[sheet, name] = dict(zip(edited["Word"], edited["Means"], strict=True))
    return told


def _choices(codes: list[str], name: str) -> Any:
    return st.column_config.SelectboxColumn(options=codes, format_func=_label(name))


def _label(name: str) -> Callable[[str], str]:
    listed = CODES[name]() if name in CODES else {}
    return lambda code: listed[code].label if code in listed else str(code).replace("_", " ")


def draw_service_table(services: Sequence[Service], key: str, used: Collection[str]) -> tuple[Service, ...]:
    """The same names, with what a person says of each; `used`: the fields that the mapping reads from them."""
    with_areas, with_units = "area" in used, "units" in used
    st.markdown("**Names of services**" if with_areas else "**Names of products**")
    told = "What each name stands for. Lines without a toxin are not read, and counted."
    told += " Areas may stay empty where the name does not say." if with_areas else ""
    st.caption(told + (" Units are of the whole line, and kept where it is one area." if with_units else ""))
    hidden = {"Areas": not with_areas, "Units": not with_units}
    kinds = {True: TOXIN, False: NO_TOXIN, None: None}
    edited = st.data_editor(
        {
            "Name": [service.name for service in services],
            "Is": [kinds[service.toxin] for service in services],
            "Product": [service.product for service in services],
            "Areas": [list(service.areas) for service in services],
            "Units": [float(service.units) if service.units else None for service in services],
            "How sure": [_confidence_text(service) for service in services],
            "Lines": [service.times for service in services],
        },
        disabled=["Name", "How sure", "Lines"],
        column_config={
            "Name": st.column_config.TextColumn(width="medium"),
            "Is": st.column_config.SelectboxColumn(options=[TOXIN, NO_TOXIN], width="small"),
            "Product": _choices(list(codelist.products()), "product"),
            "Areas": st.column_config.MultiselectColumn(options=list(codelist.areas()), format_func=_label("area")),
            "Units": st.column_config.NumberColumn(min_value=0.0, width="small"),
        },
        column_order=[name for name in SERVICE_COLUMNS if not hidden.get(name)],
        hide_index=True,
        key=f"{key} {hash(tuple(service.name for service in services))}",
        alt="Names of services, and what each stands for",
    )
    columns = [edited[name] for name in ("Is", "Product", "Areas", "Units")]
    said = {TOXIN: True, NO_TOXIN: False}
    return tuple(
        Service(
            service.name, service.times, said.get(kind), product or None, tuple(areas or ()), _units_text(units), 1.0
        )
        for service, kind, product, areas, units in zip(services, *columns, strict=True)
    )


def _confidence_text(service: Service) -> str:
    return "?" if service.to_mapping_value() == UNANSWERED else confidence_label(service.confidence)


def _units_text(units: float | None) -> str | None:
    return f"{units:g}" if units is not None and units == units else None  # a cell left empty comes back as NaN
