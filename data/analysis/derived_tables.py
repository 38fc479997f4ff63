"""The derived tables, each made once of those before it: in a statement, or in the columnar copy."""

from collections.abc import Callable

from sqlalchemy import FromClause, select

from data.analysis import derived_episodes, derived_treatments
from data.analysis.sql_functions import Statement


def derive_tables(make: Callable[[str, Statement], FromClause]) -> dict[str, FromClause]:
    """The tables that counts are made from, by name. `make` makes a table of a name and its rows."""
    places = make("treated_places", derived_treatments.select_treated_places())
    effects = make("side_effects", derived_episodes.select_side_effects(places))
    treatments = make("treatments", derived_treatments.select_treatments(places, effects))
    of_treatment = [column for column in treatments.c if column.name not in effects.c]  # NULL for an effect without one
    episodes = select(*effects.c, *of_treatment)
    rows = {
        "treated_areas": derived_treatments.select_treated_areas(places, treatments),
        "area_sets": derived_treatments.select_area_sets(places, treatments),
        "episodes": episodes.outerjoin(treatments, treatments.c.treatment_id == effects.c.treatment_id),
        "terms_not_asked": derived_episodes.select_not_asked(effects),
        "remedies": derived_episodes.REMEDIES,
        "status_notes": derived_episodes.STATUS_NOTES,
        "follow_ups": derived_treatments.FOLLOW_UPS,
    }
    return {"treatments": treatments} | {name: make(name, statement) for name, statement in rows.items()}
