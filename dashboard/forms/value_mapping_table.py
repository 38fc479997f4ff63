"""Tables in which a person says what values stand for: codes of a column, names of services."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from dashboard.text import formatting
from data.mapping.dose_text import Kind, WordMeaning
from data.mapping.proposal import Place, ValueMapping, confidence_label
from data.mapping.service_names import Service, ServiceWordUse
from data.mapping.spec import SCHEMAS, UNANSWERED
from data.schema.column_types import ListOf
from data.schema.follow_up_log import NOTHING_TO_REPORT
from models import codelist

SERVICE_COLUMNS = ("Name", "Is", "Product", "Areas", "Units", "Confidence", "Rows")
WORD_KINDS: dict[Kind, str] = {
    "product": "a product", "areas": "an area", "toxin": "a toxin, unnamed", "other": "no toxin",
    "nothing": "no meaning",
}  # fmt: skip
KINDS = {True: "toxin", False: "no toxin", None: None}
CODELISTS = {"area": codelist.areas, "product": codelist.products, "side_effect": codelist.side_effects}


def draw_value_table(values: Sequence[ValueMapping]) -> dict[Place, dict[str, str | None]]:
    """By sheet and field: the code that a person chose for each value, None if none is chosen."""
    codes: dict[Place, dict[str, str | None]] = {}
    by_place: dict[Place, list[ValueMapping]] = {}
    for value in values:
        by_place.setdefault((value.sheet, value.name), []).append(value)
    for (sheet, name), rows in by_place.items():
        column = next(column for column in SCHEMAS[sheet].columns if column.name == name)
        kind = column.type.item_type if isinstance(column.type, ListOf) else column.type
        more = (NOTHING_TO_REPORT,) if name == "side_effect" else ()
        heading = formatting.escape_markdown(column.heading)
        st.markdown(f"**{heading}: values**")
        edited = st.data_editor(
            {
                "Value": [row.text for row in rows],
                "Means": [row.code for row in rows],
                "Confidence": [confidence_label(row.confidence) if row.code else "?" for row in rows],
                "Rows": [row.times for row in rows],
            },
            disabled=["Value", "Confidence", "Rows"],
            column_config={
                "Means": st.column_config.SelectboxColumn(options=[*kind.choices, *more], format_func=_label(name))
            },
            hide_index=True,
            key=f"mapping words {sheet} {name}",
            alt=f"Values of {column.heading.lower()} and what each means",
        )
        codes[sheet, name] = dict(zip(edited["Value"], edited["Means"], strict=True))
    return codes


def _label(name: str) -> Callable[[str], str]:
    entries = CODELISTS[name]() if name in CODELISTS else {}
    return lambda code: entries[code].label if code in entries else str(code).replace("_", " ")


def draw_word_table(words: Sequence[ServiceWordUse], key: str) -> list[ServiceWordUse]:
    """The same words with what a person says of each."""
    st.markdown("**Words in services and doses**")
    st.caption(
        "What each word stands for. A later file with other combinations and doses of these words needs no answer; a "
        "new word is asked about."
    )
    edited = st.data_editor(
        {
            "Word": [use.word for use in words],
            "Is": [WORD_KINDS[use.meaning.kind] for use in words],
            "Product": [use.meaning.codes[0] if use.meaning.kind == "product" else None for use in words],
            "Areas": [list(use.meaning.codes) if use.meaning.kind == "areas" else [] for use in words],
            "Confidence": [confidence_label(use.confidence) for use in words],
            "Rows": [use.times for use in words],
        },
        disabled=["Word", "Confidence", "Rows"],
        column_config={
            "Is": st.column_config.SelectboxColumn(options=list(WORD_KINDS.values()), required=True),
            "Product": st.column_config.SelectboxColumn(
                options=list(codelist.products()), format_func=_label("product")
            ),
            "Areas": st.column_config.MultiselectColumn(options=list(codelist.areas()), format_func=_label("area")),
        },
        hide_index=True,
        key=f"{key} {hash(tuple(use.word for use in words))}",
        alt="Words in the names of services and in doses, and what each stands for",
    )
    kinds = {label: kind for kind, label in WORD_KINDS.items()}
    columns = (edited[name] for name in ("Is", "Product", "Areas"))
    return [
        replace(use, meaning=_chosen_meaning(kinds[label], product, areas), confidence=1.0)
        for use, label, product, areas in zip(words, *columns, strict=True)
    ]


def _chosen_meaning(kind: Kind, product: str | None, areas: Sequence[str] | None) -> WordMeaning:
    """A product or areas that a person chose count, even if the kind was left as it was."""
    if areas and kind != "product":
        return WordMeaning("areas", tuple(areas))
    if product and kind != "areas":
        return WordMeaning("product", (product,))
    return WordMeaning(kind if kind not in ("product", "areas") else "nothing")


def draw_service_table(services: Sequence[Service], key: str, used: Collection[str]) -> list[Service]:
    """The same services with what a person says of each; `used`: the fields that the mapping reads from their names."""
    with_areas, with_units = "area" in used, "units" in used
    st.markdown("**Names of services**" if with_areas else "**Names of products**")
    caption = "What each name stands for. Rows without a toxin are counted but not imported."
    caption += " Leave areas empty if the name does not say." if with_areas else ""
    st.caption(caption + (" Units are those of the whole row, and are kept if it has one area." if with_units else ""))
    hidden = {"Areas": not with_areas, "Units": not with_units}
    edited = st.data_editor(
        {
            "Name": [service.name for service in services],
            "Is": [KINDS[service.toxin] for service in services],
            "Product": [service.product for service in services],
            "Areas": [list(service.areas) for service in services],
            "Units": [float(service.units) if service.units else None for service in services],
            "Confidence": [
                "?" if service.to_mapping_value() == UNANSWERED else confidence_label(service.confidence)
                for service in services
            ],
            "Rows": [service.times for service in services],
        },
        disabled=["Name", "Confidence", "Rows"],
        column_config={
            "Name": st.column_config.TextColumn(width="medium"),
            "Is": st.column_config.SelectboxColumn(options=[KINDS[True], KINDS[False]], width="small"),
            "Product": st.column_config.SelectboxColumn(
                options=list(codelist.products()), format_func=_label("product")
            ),
            "Areas": st.column_config.MultiselectColumn(options=list(codelist.areas()), format_func=_label("area")),
            "Units": st.column_config.NumberColumn(min_value=0.0, width="small"),
        },
        column_order=[name for name in SERVICE_COLUMNS if not hidden.get(name)],
        hide_index=True,
        key=f"{key} {hash(tuple(service.name for service in services))}",
        alt="Names of services, and what each stands for",
    )
    toxin = {label: kind for kind, label in KINDS.items()}
    columns = (edited[name] for name in ("Is", "Product", "Areas", "Units"))
    return [
        replace(
            service, toxin=toxin.get(kind), product=product or None, areas=tuple(areas or ()),
            units=f"{units:g}" if pd.notna(units) else None, confidence=1.0,
        )
        for service, kind, product, areas, units in zip(services, *columns, strict=True)
    ]  # fmt: skip
