"""What a code is called: the labels of our codelists, and a source's own words as given."""

from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import Any

import pandas as pd

from dashboard.text.formatting import capitalize_first, lower_first, month
from data.analysis import sql_functions
from data.schema.template import SHEETS
from models import codelist

NOT_RECORDED = "Not recorded"
UNATTRIBUTED_REASONS = {
    "before the first treatment": "Before the first treatment on record",
    "onset not told": "Onset not recorded",
    "too long after": "Too long after a treatment",
}
DIMENSION_LISTS = {
    "area": codelist.areas,
    "side_effect": codelist.side_effects,
    "family": codelist.families,
    "product": codelist.products,
    "remedy": codelist.remedies,
    "method": codelist.methods,
    "came_to_light": codelist.came_to_light,
    "scale": codelist.score_scales,
}
SHEET_TITLES = {sheet.name: sheet.title for sheet in SHEETS}
FORMAT_LABELS = {  # a mapping has the name that the clinic gave it
    "template": "our template",
    "follow_up_log": "follow-up log",
    "form": "manual entry",
    "fhir": "FHIR",
    "sdtm": "CDISC SDTM",
    "redcap": "REDCap",
}
CODE_LISTS = DIMENSION_LISTS | {  # and fields of a record
    "term": codelist.side_effects,
    "not_asked": codelist.side_effects,
    "outcome": codelist.outcomes,
    "asked": codelist.how_asked,
    "how_asked": codelist.how_asked,
    "serious": codelist.serious_reasons,
    "causality": codelist.causalities,
    "decision": codelist.decisions,
}
UNIT_NOUNS = {"treatment": "treatment", "area": "treated area", "client": "client"}  # of counting
STATE_LABELS = {"present": "Still present", "gone": "Resolved", "unknown": "Unknown"}
GRADE_LABELS = {1: "mild", 2: "moderate", 3: "severe", 4: "life-threatening", 5: "death"}


def label(dimension: str, value: Any) -> str:
    """A value of a dimension (data/analysis/selection.py), or a code of a field, in words."""
    if pd.isna(value) or value in (sql_functions.NOT_RECORDED, "not_recorded"):
        return NOT_RECORDED
    if dimension in CODE_LISTS:
        row = CODE_LISTS[dimension]().get(value)
        return row.label if row else capitalize_first(str(value))
    if dimension == "month":
        return month(date(value // 100, value % 100, 1))
    if dimension == "quarter":
        return f"quarter {value % 10} of {value // 10}"
    if dimension == "first_visit":
        return "First visit" if value else "Later visit"
    if dimension == "grade":
        return f"{value} ({GRADE_LABELS[value]})"
    return str(value)


def plain_label(dimension: str, value: Any) -> str:
    """A code in plain words, with the medical term in brackets: "Frown lines between the brows (glabella)". One name
    where each word of one is in the other: "Forehead lines"."""
    medical = label(dimension, value)
    if pd.isna(value) or not is_on_our_list(dimension, value):
        return medical
    plain, term = (text.partition(" (")[0] for text in (DIMENSION_LISTS[dimension]()[value].plain, medical))
    if plain.lower() in term.lower():
        return term
    return capitalize_first(plain if term.lower() in plain.lower() else f"{plain} ({lower_first(term)})")


def grade_label(grade: int | None) -> str:
    """ "2 (moderate)"; without a grade "Not graded"."""
    return "Not graded" if pd.isna(grade) else label("grade", int(grade))


def label_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with labels instead of the codes of its dimensions."""
    return frame.assign(**{name: frame[name].map(partial(label, name)) for name in DIMENSION_LISTS if name in frame})


def list_labels(dimension: str, codes: Iterable[Any], separator: str = ", ") -> str:
    """Several values of a dimension in words."""
    return separator.join(label(dimension, code) for code in codes)


def format_field(field: str, value: str) -> str:
    """The value of a field of a record (data/importing/manual_entry.py): codes as labels, everything else as it is."""
    labels = STATE_LABELS if field == "state" else {}
    if field == "grade":
        labels = {str(grade): label("grade", grade) for grade in GRADE_LABELS}
    elif field in CODE_LISTS:
        labels = {code: row.label for code, row in CODE_LISTS[field]().items()}
    return "; ".join(labels.get(code, code) for code in value.split("; "))


def records_label(kind: str) -> str:
    """Records of a kind, by the title of the sheet they come from."""
    return SHEET_TITLES.get(kind) or capitalize_first(kind.replace("_", " "))


def is_on_our_list(dimension: str, value: str) -> bool:
    """False for a source's own product, area or term, which is shown as given and marked."""
    return value in DIMENSION_LISTS[dimension]()


def unit_label(product: str) -> str:
    """What the amounts of a product are measured in."""
    return codelist.products()[product].unit if is_on_our_list("product", product) else "units as recorded"
