"""What a reviewer says of a case, and who that reviewer is."""

from dataclasses import dataclass

from data.refusal import RefusedError
from models import codelist
from models.causality import NARANJO, WHO_UMC, naranjo_category, naranjo_score


class ReviewError(RefusedError):
    """Why a step of a review was refused; nothing was changed."""


@dataclass(frozen=True, kw_only=True)
class Reviewer:
    """Whoever takes a step. `practitioner`: their code, if they are one. Nobody has verified the name."""

    name: str
    practitioner: str | None = None


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """What a reviewer says of a case. `naranjo`: the answers in the order of the questions; then they decide the
    causality. `is_complete`: the reviewer marks the case as reviewed."""

    causality: str | None = None
    causality_method: str = WHO_UMC
    naranjo: tuple[str, ...] = ()
    grade: int | None = None
    grade_scale: str | None = None
    decision: str | None = None
    owner: str | None = None
    is_complete: bool = False


def require_reason(why: str) -> str:
    """The reason of a step on one line. Raises ReviewError if there is none."""
    if not why.strip():
        raise ReviewError("Say why in a few words.")
    return " ".join(why.split())


def check_assessment(assessment: Assessment) -> None:
    """Raise ReviewError if something is missing for a reviewed case, or does not fit the rest."""
    a = assessment
    if a.causality is not None and a.causality not in codelist.causalities():
        raise ReviewError("Choose the causality from the list.")
    if a.causality_method == NARANJO:
        try:
            score = naranjo_score(a.naranjo)
        except ValueError:
            raise ReviewError("Answer all ten questions of the Naranjo scale, or use WHO-UMC.") from None
        if a.causality != naranjo_category(score):
            raise ReviewError("The causality differs from the Naranjo score.")
    if a.decision is not None and a.decision not in codelist.decisions():
        raise ReviewError("Choose the decision from the list.")
    if a.grade is not None:
        scale = codelist.grade_scales().get(a.grade_scale or "")
        if scale is None or not scale.lowest <= a.grade <= scale.highest:
            raise ReviewError("The grade is not on its scale.")
    if a.is_complete and None in (a.causality, a.decision):
        raise ReviewError("Choose a causality and a decision before you mark the case as reviewed.")
