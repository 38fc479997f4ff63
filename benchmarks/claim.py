"""What a page prints about a chance, and whether a simulated interval leaves it possible."""

from dataclasses import dataclass

ROUNDED = 0.01  # a printed "about 79%" may be off by so much beyond the interval of the simulation


@dataclass(frozen=True, kw_only=True)
class Claim:
    """`printed`: the chance that is printed (0-1); None in a row for comparison. `kind`: at most, at least or about."""

    subject: str
    what: str
    printed: float | None = None
    kind: str = "at most"

    @property
    def wording(self) -> str:
        if self.printed is None:
            return ""
        digits = 3 if self.printed < 0.002 else 1
        return f"{self.kind} {100 * self.printed:.{digits}f}%"

    def allows(self, low: float, high: float) -> bool:
        """Whether the claim is possible if the truth lies between these."""
        if self.kind == "at most":
            return low <= self.printed
        if self.kind == "at least":
            return high >= self.printed
        return low - ROUNDED <= self.printed <= high + ROUNDED


def scale_runs(runs: int, share: float, least: int = 20) -> int:
    """A share of the runs of a simulation, but enough to have a result."""
    return max(least, int(runs * share))
