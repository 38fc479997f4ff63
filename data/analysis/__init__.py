"""Counting: selection and scope, derived tables, the columnar copy, counts, estimates; `open_clinic` for analysts."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data.analysis.clinic import Clinic
    from data.analysis.scope import Scope


def open_clinic(url: str | None = None, scope: "Scope | None" = None) -> "Clinic":
    """Open the clinic's own database, or the one at `url`, for analysis (docs/analysis.md).

    The database is opened as the dashboard opens it: a missing one is created, an older one is migrated. `scope`: the
    sites and practitioners that may be counted; None: the whole clinic. Raises DatabaseAccessError.
    """
    # Imported on call, so that importing one module of this package does not import DuckDB and the summaries.
    from data.analysis.clinic import Clinic
    from data.analysis.scope import WHOLE_CLINIC
    from data.database.engine import open_database

    return Clinic(open_database(url), WHOLE_CLINIC if scope is None else scope)
