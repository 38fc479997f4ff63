"""DataFrames with fixed column types, and their rows as plain values."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import pandas

R = TypeVar("R")

# A column of this name has this type in every frame; all others hold codes or text (object, None where not recorded).
COLUMN_TYPES = {
    **dict.fromkeys(("events", "followed_up", "total", "in_follow_up", "episodes", "reports"), "int64"),
    **dict.fromkeys(("month", "quarter", "year", "area_set"), "int64"),
    **dict.fromkeys(("number", "client", "treatment", "treatments", "clients", "n", "day"), "int64"),
    **dict.fromkeys(("episode_id", "advised", "used"), "int64"),
    **dict.fromkeys(("grade", "onset_day", "days", "seen_days"), "Int64"),
    **dict.fromkeys(("first_visit", "since", "placed", "serious", "ended", "end_exact", "affected"), "bool"),
    **dict.fromkeys(("date", "treated_on", "onset", "until", "last_day"), "datetime64[ns]"),
    **dict.fromkeys(("units", "mean", "rate", "low", "high", "lowest", "highest", "design_effect"), "float64"),
    **dict.fromkeys(("median", "closed_only_median", "between_contacts_median"), "float64"),
    **dict.fromkeys(("still_present_14", "still_present_42", "still_present_91"), "float64"),
    **dict.fromkeys(("longest", "between_contacts"), "int64"),
}


def make_frame(columns: Mapping[str, Iterable[Any]], **types: str) -> pandas.DataFrame:
    """A frame of `columns`; `types`: of columns whose name means something else than usual."""
    types = COLUMN_TYPES | types
    return pandas.DataFrame(
        {name: pandas.Series(values, dtype=types.get(name, "object")) for name, values in columns.items()}
    )


def rows_to_frame(names: Iterable[str], rows: Iterable[tuple], **types: str) -> pandas.DataFrame:
    """The same from rows."""
    names, rows = list(names), list(rows)
    return make_frame({name: [row[at] for row in rows] for at, name in enumerate(names)}, **types)


def as_rows(frame: pandas.DataFrame, row_type: Callable[..., R] | None = None) -> list[R]:
    """The rows as `row_type` (else named tuples) of Python values: date for a date, None where a value is missing."""
    days = {name: frame[name].dt.date for name in frame.select_dtypes("datetime64")}
    plain = frame.assign(**days).astype(object)
    plain = plain.where(plain.notna(), None)
    if row_type is None:
        return list(plain.itertuples(index=False, name="Row"))
    return [row_type(*row) for row in plain.itertuples(index=False, name=None)]


def group_keys(frame: pandas.DataFrame, by: Iterable[str]) -> list[tuple]:
    """The values of the columns `by`, row by row, as Python values."""
    by = list(by)
    return [tuple(row) for row in as_rows(frame[by])] if by else [()] * len(frame)
