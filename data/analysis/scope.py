"""What this viewer may see. Every query takes one; there is no default."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, FromClause


@dataclass(frozen=True)
class Scope:
    """Sites and practitioners (their codes) a viewer may see; None: all of them."""

    sites: frozenset[str] | None = None
    practitioners: frozenset[str] | None = None


WHOLE_CLINIC = Scope()
NOBODY = Scope(sites=frozenset(), practitioners=frozenset())  # sees nothing


def scope_filters(treatments: FromClause, scope: Scope) -> list[ColumnElement[bool]]:
    """Conditions on treatments, or on rows that carry theirs, all of which must hold."""
    conditions: list[ColumnElement[bool]] = []
    if scope.sites is not None:
        conditions.append(treatments.c.site.in_(scope.sites))
    if scope.practitioners is not None:
        conditions.append(treatments.c.practitioner.in_(scope.practitioners))
    return conditions
