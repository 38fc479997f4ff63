"""The review of a case in sentences: how far it has come, and who said what."""

from dashboard.text.formatting import capitalize_first, day
from dashboard.text.labels import grade_label, label
from data.analysis import derived_episodes
from data.review.assessment import Assessment
from data.review.case_review import ReviewStep
from models.causality import NARANJO, naranjo_score

NOT_VERIFIED = "not verified"  # until sign-in exists


def describe_review_state(state: str, step: ReviewStep | None, treated_by: str | None) -> str:
    """ "Reviewed on Nov 25, 2026 by Whole clinic (not verified)." `step`: the review as it stands; `treated_by`: the
    code of the practitioner who treated."""
    if step is None or state == derived_episodes.NEW:
        return "Not reviewed yet."
    when = f" on {day(step.made_at.date())}" if step.made_at else ""
    by = f"{when} by {step.taken_by} ({NOT_VERIFIED})"
    if state == derived_episodes.CHANGED:
        return f"Something new was recorded after the review{by}. Review it again."
    if state == derived_episodes.REVIEWED:
        return f"Reviewed{by}."
    if not step.assessment.is_complete:
        return f"In review: saved{by}, not marked as reviewed."
    if step.agrees is False:
        return f"In review: {step.taken_by} does not agree."
    if treated_by and step.reviewer.practitioner == treated_by:
        return f"In review: {step.reviewer.name} treated this client, so a second reviewer must agree."
    return f"In review{by}."


def describe_assessment(assessment: Assessment) -> str:
    """ "Probable (Naranjo score 6), grade 3 (severe), watch, owner AB." """
    parts = [] if assessment.causality is None else [label("causality", assessment.causality)]
    if parts and assessment.causality_method == NARANJO:
        parts = [f"{parts[0]} (Naranjo score {naranjo_score(assessment.naranjo)})"]
    if assessment.grade is not None:
        parts.append(f"grade {grade_label(assessment.grade)}")
    if assessment.decision is not None:
        parts.append(label("decision", assessment.decision).lower())
    if assessment.owner:
        parts.append(f"owner {assessment.owner}")
    return f"{capitalize_first(', '.join(parts))}." if parts else "Nothing decided yet."


def describe_step(step: ReviewStep) -> str:
    """What was done in one step: "Agreed", "Did not agree", "Marked as reviewed: ..." or "Saved: ..."."""
    if step.agrees is not None:
        return "Agreed" if step.agrees else "Did not agree"
    done = "Marked as reviewed" if step.assessment.is_complete else "Saved"
    return f"{done}: {describe_assessment(step.assessment)}"
