"""The derived tables, each made once of those before it: in a statement, or in the columnar copy."""

from collections.abc import Callable

from sqlalchemy import FromClause, and_, case, func, select

from data.analysis import derived_episodes, derived_treatments
from data.analysis.courses import select_courses
from data.analysis.sql_functions import Statement


def derive_tables(make: Callable[[str, Statement], FromClause]) -> dict[str, FromClause]:
    """The tables that counts are made from, by name. `make` makes a table of a name and its rows."""
    places = make("treated_places", derived_treatments.select_treated_places())
    courses = make("courses", select_courses())
    effects = make("side_effects", derived_episodes.select_side_effects(places, courses))
    follow_ups = make("follow_ups", derived_treatments.select_follow_ups(effects))
    treatments = make("treatments", derived_treatments.select_treatments(places, effects, follow_ups))
    checklists = make("incomplete_checklists", derived_episodes.select_incomplete_checklists(effects, follow_ups))
    of_treatment = [column for column in treatments.c if column.name not in effects.c]  # NULL for an effect without one
    left_out = and_(
        checklists.c.treatment_id == effects.c.treatment_id, checklists.c.side_effect == effects.c.side_effect
    )
    last_asked = case((checklists.c.treatment_id.is_(None), treatments.c.asked_day), else_=checklists.c.asked_day)
    asked = func.coalesce(last_asked >= effects.c.asked_from, False).label("asked")
    episodes = (
        select(*effects.c, *of_treatment, asked)
        .outerjoin(treatments, treatments.c.treatment_id == effects.c.treatment_id)
        .outerjoin(checklists, left_out)
    )
    rows = {
        "treated_areas": derived_treatments.select_treated_areas(places, treatments),
        "area_sets": derived_treatments.select_area_sets(places, treatments),
        "episodes": episodes,
        "remedies": derived_episodes.REMEDIES,
        "status_notes": derived_episodes.STATUS_NOTES,
    }
    made = {"treatments": treatments, "follow_ups": follow_ups, "incomplete_checklists": checklists}
    return made | {name: make(name, statement) for name, statement in rows.items()}
