"""What this viewer may see. Every query takes one; there is no default."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """Sites and practitioners (their codes) a viewer may see; None: all of them."""

    sites: frozenset[str] | None = None
    practitioners: frozenset[str] | None = None


WHOLE_CLINIC = Scope()
