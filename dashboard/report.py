"""The review pack: every number of a period in one document. Pages show the same rows; nothing is worked out here."""

from collections.abc import Sequence
from typing import Any

from data.analysis import cases, counts, estimates
from data.analysis.frames import as_rows
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import EFFECT_DIMENSIONS, Selection

# The public keys, in their order, and the columns that they show.
RATE_KEYS = {
    "measure": "measure", "by": "by", "unit": "unit", "events": "events", "followed_up": "followed_up",
    "volunteered": "volunteered", "known": "known", "total": "treated", "in_follow_up": "in_follow_up",
    "maturing": "in_follow_up", "estimate": "rate", "low": "low", "high": "high", "lowest": "lowest",
    "highest": "highest", "episodes": "episodes", "reports": "reports", "design_effect": "design_effect",
    "method": "method",
}  # fmt: skip
DURATION_KEYS = (
    "measure", "by", "episodes", "ended", "open", "median", "low", "high", "still_present", "longest",
    "closed_only_median", "between_contacts", "between_contacts_median", "method", "refused", "fatal",
    "kaplan_meier_median", "kaplan_meier_low", "kaplan_meier_high", "open_ended_median",
)  # fmt: skip


def build_report(source: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str]) -> dict[str, Any]:
    """The pack as plain values. Rates and durations come for `by`, and for each coarser view of it down to all."""
    levels = [tuple(by)]
    if "side_effect" in by and "family" not in by:  # side effects roll up into their families
        levels.append(tuple("family" if name == "side_effect" else name for name in by))
    levels += [tuple(name for name in by if name not in EFFECT_DIMENSIONS), ()]
    levels = list(dict.fromkeys(levels))
    rates, durations = [], []
    for level in levels:
        for row in as_rows(estimates.rates(source, scope, selection, level)):
            values = row._asdict() | {"by": {name: getattr(row, name) for name in level}}
            rates.append({key: values[column] for key, column in RATE_KEYS.items()})
        for row in as_rows(estimates.durations(source, scope, selection, level, with_intervals=True)):
            days = estimates.STILL_PRESENT_DAYS if row.refused is None else ()
            values = row._asdict() | {"by": {name: getattr(row, name) for name in level}}
            values["still_present"] = {day: values[f"still_present_{day}"] for day in days}
            durations.append({key: values[key] for key in DURATION_KEYS})
    unattributed = cases.count_unattributed(source, scope).rename(columns={"aside": "why"})
    return {
        "from": selection.from_date,
        "to": selection.to_date,
        "unit": selection.unit,
        "as_of": selection.as_of,
        "follow_up_days": selection.follow_up_days,
        "rates": rates,
        "durations": durations,
        "scores": [row._asdict() for row in as_rows(counts.scores(source, scope, selection))],
        "heard": dict(counts.followed_up_by(source, scope, selection).itertuples(index=False, name=None)),
        "unplaced": counts.count_unplaced_effects(source, scope, selection),
        "aside": [row._asdict() for row in as_rows(unattributed)],
    }
