"""DataFrames with fixed column types, and their rows as plain values."""

from collections import namedtuple
from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
import pandas

# A column of this name has this type in every frame; all others hold codes or text (object, None where not recorded).
COLUMN_TYPES = {
    **dict.fromkeys(("treated", "events", "followed_up", "volunteered", "total", "in_follow_up"), "int64"),
    **dict.fromkeys(("possible", "known", "episodes", "reports"), "int64"),
    **dict.fromkeys(("month", "quarter", "year", "area_set"), "int64"),
    **dict.fromkeys(("number", "client", "treatments", "clients", "n", "day"), "int64"),
    **dict.fromkeys(("episode_id", "client_id", "advised", "used"), "int64"),
    **dict.fromkeys(("treatment", "grade", "onset_day", "days", "seen_days"), "Int64"),
    **dict.fromkeys(("first_visit", "placed", "serious", "ended", "fatal", "end_exact", "seen_later"), "bool"),
    **dict.fromkeys(("date", "treated_on", "onset", "until", "heard_from", "last_day"), "datetime64[ns]"),
    **dict.fromkeys(("affected", "touch_up", "with_remedy"), "bool"),
    **dict.fromkeys(("units", "mean", "rate", "low", "high", "lowest", "highest", "design_effect"), "float64"),
    **dict.fromkeys(("median", "closed_only_median", "between_contacts_median", "open_ended_median"), "float64"),
    **dict.fromkeys(("kaplan_meier_median", "kaplan_meier_low", "kaplan_meier_high"), "float64"),
    **dict.fromkeys(("still_present_14", "still_present_42", "still_present_91"), "float64"),
    **dict.fromkeys(("longest", "between_contacts"), "int64"),
}


def make_frame(columns: Mapping[str, Collection[Any]], **types: str) -> pandas.DataFrame:
    """A frame of `columns`; `types`: of columns whose name means something else than usual.

    Values are Python values, or arrays as DuckDB gives them.
    """
    types = COLUMN_TYPES | types
    index = pandas.RangeIndex(len(next(iter(columns.values()), ())))  # one for all, else pandas aligns them
    typed: dict[str, Any] = {}
    for name, values in columns.items():
        dtype = types.get(name, "object")
        if isinstance(values, np.ndarray):  # from DuckDB, masked where missing
            if values.dtype.kind == "M":
                values = values.astype("datetime64[D]")  # days and not moments
                if dtype == "object":
                    values = values.astype(object)
            if np.ma.is_masked(values):
                mask = np.ma.getmaskarray(values)
                values = np.asarray(values).astype(object)
                values[mask] = None
        if dtype == "object" or dtype == "Int64":
            typed[name] = pandas.Series(values, index, dtype, copy=False)
        else:
            typed[name] = np.asarray(values).astype(dtype, copy=False)
    return pandas.DataFrame(typed, index, copy=False)


def rows_as_frame(names: Collection[str], rows: Collection[Any], /, **types: str) -> pandas.DataFrame:
    """A frame of rows that hold the columns `names`; `types` as of `make_frame`."""
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return make_frame(dict(zip(names, columns, strict=True)), **types)


def as_rows(frame: pandas.DataFrame, row_type: Callable[..., Any] | None = None) -> list[Any]:
    """The rows as `row_type` (else named tuples) of Python values: date for a date, None where a value is missing."""
    columns = []
    for _, column in frame.items():
        plain = column.to_numpy(dtype="datetime64[D]" if column.dtype.kind == "M" else object).astype(object)
        plain[pandas.isna(plain)] = None
        columns.append(plain.tolist())
    make = row_type or namedtuple("Row", list(frame))
    return [make(*row) for row in zip(*columns, strict=True)]
