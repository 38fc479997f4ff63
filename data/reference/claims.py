"""What clients are told, as the clinic's own text says it, and what is published about each of these claims."""

from dataclasses import dataclass
from typing import Literal

from data.reference.loader import read_reference


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One claim. `kind`: how it is judged (data/summaries/client_claims.py); `day`, `limit`: with which threshold.

    `published`: what the source says; `how_asked`: how the people in it were asked; `evidence`: what was read.
    """

    code: str
    text: str
    kind: Literal["occurs", "resolves", "dose", "area", "common", "results", "remedy"]
    areas: tuple[str, ...]
    remedies: tuple[str, ...]
    day: int | None
    limit: float | None
    published: str
    how_asked: str
    source: str
    evidence: str


def shipped_claims() -> tuple[Claim, ...]:
    """The eleven claims, in the order of the clinic's text."""
    return read_reference("claims", Claim)
