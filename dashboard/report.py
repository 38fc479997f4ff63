"""The review pack: every number of a period in one document. Pages show the same rows; nothing is worked out here."""

from collections.abc import Sequence
from typing import Any

from data.analysis import cases, counts, estimates
from data.analysis.frames import as_rows
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import EFFECT_DIMENSIONS, Selection

RATE_KEYS = ("low", "high", "lowest", "highest", "episodes", "reports", "design_effect", "method")
DURATION_KEYS = ("longest", "closed_only_median", "between_contacts", "between_contacts_median", "method")


def build_report(source: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str]) -> dict[str, Any]:
    """The pack as plain values. Rates and durations come for `by`, and for each coarser view of it down to all."""
    levels = [tuple(by)]
    if "side_effect" in by and "family" not in by:  # side effects roll up into their families
        levels.append(tuple("family" if name == "side_effect" else name for name in by))
    levels += [tuple(name for name in by if name not in EFFECT_DIMENSIONS), ()]
    levels = list(dict.fromkeys(levels))
    rates = [(row, level) for level in levels for row in as_rows(estimates.rates(source, scope, selection, level))]
    durations = [
        (row, level) for level in levels for row in as_rows(estimates.durations(source, scope, selection, level))
    ]
    unattributed = cases.count_unattributed(source, scope).rename(columns={"aside": "why"})
    return {
        "from": selection.from_date,
        "to": selection.to_date,
        "unit": selection.unit,
        "as_of": selection.as_of,
        "follow_up_days": selection.follow_up_days,
        "rates": [_rate(row._asdict(), level) for row, level in rates],
        "durations": [_duration(row._asdict(), level) for row, level in durations],
        "scores": [row._asdict() for row in as_rows(counts.scores(source, scope, selection))],
        "heard": dict(counts.followed_up_by(source, scope, selection).itertuples(index=False, name=None)),
        "unplaced": counts.count_unplaced_effects(source, scope, selection),
        "aside": [row._asdict() for row in as_rows(unattributed)],
    }


def _rate(row: dict[str, Any], by: Sequence[str]) -> dict[str, Any]:
    """A row of rates under the public keys."""
    return {
        "measure": row["measure"],
        "by": {name: row[name] for name in by},
        "unit": row["unit"],
        "events": row["events"],
        "known": row["followed_up"],
        "total": row["total"],
        "maturing": row["in_follow_up"],
        "estimate": row["rate"],
        **{name: row[name] for name in RATE_KEYS},
    }


def _duration(row: dict[str, Any], by: Sequence[str]) -> dict[str, Any]:
    """A row of durations under the public keys."""
    shown = {day: row[f"still_present_{day}"] for day in estimates.STILL_PRESENT_DAYS}
    return {
        "measure": row["measure"],
        "by": {name: row[name] for name in by},
        **{name: row[name] for name in ("episodes", "ended", "open", "median", "low", "high")},
        "still_present": shown if row["method"] == estimates.KAPLAN_MEIER else {},
        **{name: row[name] for name in DURATION_KEYS},
    }
