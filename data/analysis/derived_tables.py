"""The derived tables, each made once of those before it: in a statement, or in the columnar copy."""

from collections.abc import Callable

from sqlalchemy import FromClause

from data.analysis.derived_episodes import (
    REMEDIES,
    STATUS_NOTES,
    select_episodes,
    select_not_asked,
    select_side_effects,
)
from data.analysis.derived_treatments import (
    FOLLOW_UPS,
    select_treated_areas,
    select_treated_places,
    select_treatments,
)
from data.analysis.sql_functions import Statement


def derive_tables(make: Callable[[str, Statement], FromClause]) -> dict[str, FromClause]:
    """The tables that counts are made from, by name. `make` makes a table of a name and its rows."""
    places = make("treated_places", select_treated_places())
    effects = make("side_effects", select_side_effects(places))
    treatments = make("treatments", select_treatments(places, effects))
    rows = {
        "treated_areas": select_treated_areas(places, treatments),
        "episodes": select_episodes(effects, treatments),
        "terms_not_asked": select_not_asked(effects),
        "remedies": REMEDIES,
        "status_notes": STATUS_NOTES,
        "follow_ups": FOLLOW_UPS,
    }
    return {"treatments": treatments} | {name: make(name, select) for name, select in rows.items()}
