"""Every column of a foreign table, and which field each fills: suggested, and free to choose."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from dashboard.components import data_table
from dashboard.text import formatting
from data.mapping.layout_suggestions import describe_unused
from data.mapping.proposal import FieldSuggestion, MappingProposal, Place, confidence_label
from data.mapping.side_effect_notes import find_mentions
from data.mapping.spec import ANY, SCHEMAS, SERVICE, MappingSpec, RowFilter
from data.schema.template import SIDE_EFFECTS, TREATMENTS, Column, SheetSchema

UNUSED_COLUMN = ""
MAX_EXAMPLE_LETTERS = 40
SHEETS_TO_CHOOSE = ("treatments", "follow_ups", "side_effects")


def draw_fields(proposal: MappingProposal) -> tuple[dict[Place, str | None], dict[str, RowFilter]]:
    """The text chosen for each field, and by sheet the rows that fill it."""
    _draw_columns(proposal)
    titles = {name: SCHEMAS[name].title for name in SHEETS_TO_CHOOSE}
    sheets = st.multiselect(
        "What do the rows hold?",
        list(titles),
        [name for name in titles if name in proposal.row_filters],
        format_func=titles.__getitem__,
        key="mapping_sheets",
    )
    fields: dict[Place, str | None] = {}
    for sheet in sheets:
        fields |= _draw_sheet(proposal, SCHEMAS[sheet])
    # Only what a person still has on the page is read.
    fields |= {(one.sheet, one.name): None for one in proposal.fields if one.sheet not in sheets}
    filters = {sheet: proposal.row_filters.get(sheet) or _filter_for(sheet, fields) for sheet in sheets}
    return fields, filters


def draw_unused(proposal: MappingProposal, spec: MappingSpec) -> None:
    """Names the columns that the mapping does not read, and what they look like."""
    unused = list(describe_unused(proposal.table, spec.columns, proposal.identifying))
    named = [f'"{name}"' + (f" (looks like {looks})" if looks else "") for name, looks in unused]
    if named:
        st.caption(formatting.escape_markdown(f"Not read: {', '.join(named)}."))
    names = [name for name, kind in proposal.identifying.items() if kind == "name"]
    if mentions := find_mentions(proposal.table, [name for name, _ in unused], names):
        count = formatting.pluralize(len(mentions), "note")
        with st.expander(formatting.escape_markdown(f"{count} mentioning a side effect")):
            st.caption("They are not imported and never stored. Enter on New record what they say, with its date.")
            table = pd.DataFrame(mentions).assign(side_effects=["; ".join(one.side_effects) for one in mentions])
            data_table.draw_table(table, "Notes that mention a side effect, by row of the file", "mapping_notes")


def _draw_columns(proposal: MappingProposal) -> None:
    uses: dict[str, list[str]] = {}
    for one in proposal.fields:
        for column in one.columns:
            uses.setdefault(column, []).append(f"{SCHEMAS[one.sheet].title}: {one.name.replace('_', ' ')}")
    rule = proposal.service_rule
    for column in rule.used_columns if rule else ():
        uses.setdefault(column, []).append("services and doses")
    for question, boxes in proposal.boxes.items():
        for column in boxes:
            uses.setdefault(column, []).append(question)
    table = pd.DataFrame(
        {
            "column": proposal.table.columns,
            "examples": [
                f"not shown ({proposal.identifying[name]})" if name in proposal.identifying
                else "; ".join(value[:MAX_EXAMPLE_LETTERS] for value in proposal.examples(name))
                for name in proposal.table.columns
            ],
            "first_guess": ["; ".join(dict.fromkeys(uses.get(name, ()))) for name in proposal.table.columns],
        }
    )  # fmt: skip
    with st.expander(f"All {len(table)} columns of the file", expanded=True):
        data_table.draw_table(table, "Every column with examples and a first guess", "mapping_columns")


def _filter_for(sheet: str, fields: Mapping[Place, str | None]) -> RowFilter:
    """Of a sheet that a person added: the rows with a side effect, or with an outcome."""
    name = {"side_effects": "side_effect", "follow_ups": "outcome"}.get(sheet)
    text = fields.get((sheet, name or "")) or ""
    column = text.strip("{}")
    return {column: ANY} if name and text == f"{{{column}}}" else {}


def _draw_sheet(proposal: MappingProposal, kind: SheetSchema) -> dict[Place, str | None]:
    """The column chosen for each field; fields without a suggestion are in an expander."""
    st.markdown(f"**{kind.title}**")
    st.caption(kind.description)
    suggested = {one.name: one for one in proposal.fields if one.sheet == kind.name}
    topics = {question.topic for question in proposal.questions}
    asked = topics | ({"area"} if "unplaced" in topics else set())
    asked = asked if kind is TREATMENTS else topics & {"client"}
    columns = [column for column in kind.columns if not column.for_exports]
    needed = {*kind.required, "client"} | ({"side_effect"} if kind is SIDE_EFFECTS else set())
    shown = [c for c in columns if c.name in suggested or (c.name in needed and c.name not in asked)]
    chosen = {}
    for column, place in zip(shown, [*st.columns(2)] * len(shown), strict=False):
        with place:
            chosen[kind.name, column.name] = _draw_field(proposal, kind, column, suggested.get(column.name))
    with st.expander("More fields"):
        for column in columns:
            if column not in shown and column.name not in topics:
                chosen[kind.name, column.name] = _draw_field(proposal, kind, column, None)
    return chosen


def _draw_field(
    proposal: MappingProposal, kind: SheetSchema, column: Column, suggestion: FieldSuggestion | None
) -> str | None:
    suggested = suggestion.text if suggestion else None
    options = [UNUSED_COLUMN, *(f"{{{name}}}" for name in proposal.table.columns if set("{}").isdisjoint(name))]
    options += [f"{{{question}}}" for question in proposal.boxes]
    if suggested and suggested not in options:
        options.insert(1, suggested)
    text = st.selectbox(
        column.heading,
        options,
        index=options.index(suggested) if suggested else 0,
        format_func=_mapping_text_label,
        help=formatting.escape_markdown(column.description) + ".",
        key=f"mapping {kind.name} {column.name}",
    )
    if text:
        reason = "Your choice."
        if suggestion and text == suggested:
            label = formatting.capitalize_first(confidence_label(suggestion.confidence))
            reason = f"{label}: {suggestion.reason}."
        st.caption(formatting.escape_markdown(f"{reason}{_examples(proposal, column, text)}"))
    return text or None


def _mapping_text_label(text: str) -> str:
    """The text of a mapping as a person reads it."""
    if text == UNUSED_COLUMN:
        return "not read"
    if text.startswith(f"{{{SERVICE}"):
        return "from the services and doses"
    return text.replace("{ticked}", "the ticked answer").replace("{", "").replace("}", "")


def _examples(proposal: MappingProposal, field: Column, text: str) -> str:
    column = text.strip("{}")
    if field.name == "client" and column not in proposal.identifying:
        return " Its values become pseudonyms."
    if column in proposal.identifying:
        return f" It identifies a client ({proposal.identifying[column]}): its values are not shown and never stored."
    values = proposal.examples(column)
    return f" For example {'; '.join(value[:MAX_EXAMPLE_LETTERS] for value in values)}" if values else ""
