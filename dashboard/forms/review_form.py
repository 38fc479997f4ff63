"""The review of one case: the assessment, a second reviewer, the history of both, and undo."""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.components import data_table
from dashboard.forms import form_state
from dashboard.shell import access, prose, query_cache
from dashboard.text import formatting, review_sentences
from dashboard.text.labels import grade_label, label
from data.analysis.cases import Case
from data.records import lookups
from data.reference.guidance import CTCAE_SCALE
from data.review import case_review
from data.review.assessment import Assessment, Reviewer
from data.review.case_review import ReviewStep
from data.review.serious_reasons import review_with_reasons
from data.schema.template import GRADE_WORDS_SCALE
from models import codelist
from models.causality import (
    CAUSALITY_METHODS,
    NARANJO,
    NARANJO_ANSWERS,
    UNKNOWN,
    WHO_UMC,
    naranjo_category,
    naranjo_score,
)

FORM = "case_review"
SERIOUS_LABEL, CAUSALITY_LABEL, DECISION_LABEL = (partial(label, name) for name in ("serious", "causality", "decision"))
GRADE_LABEL = grade_label
AGREEMENT = {"I agree": True, "I do not agree": False}
METHOD_LABELS = {WHO_UMC: "WHO-UMC", NARANJO: "Naranjo"}


def draw_review(case: Case) -> None:
    """Draw the review of a case and the form of its next step."""
    steps = query_cache.cached_lookup(case_review.review_steps, case.number)
    review = case_review.current_step(steps)
    prose.draw_text("Case review", "subheader")
    prose.draw_text(review_sentences.describe_review_state(case.review, review, case.practitioner))
    reviewer = access.current_reviewer()
    prose.draw_text(f"You review as {reviewer.name} (not verified). Choose another name under Viewing as.", "caption")
    if review is not None and review.assessment.is_complete and reviewer.name != review.reviewer.name:
        _draw_second_opinion(case, review, reviewer)
    with st.expander(
        "Review this case" if review is None else "Review again", expanded=review is None and not pd.isna(case.red_flag)
    ):
        _draw_assessment(case, review, reviewer)
    if review is not None:
        _draw_undo(case, review, reviewer)
    if steps:
        data_table.draw_table(
            _history_table(steps), "The steps of this review, the latest first", f"steps_{case.number}"
        )


def _draw_assessment(case: Case, review: ReviewStep | None, reviewer: Reviewer) -> None:
    before = review.assessment if review else Assessment()
    number = review.number if review else 0
    key = f"review_{case.number}_{number}"
    method = st.segmented_control(
        "Causality by",
        CAUSALITY_METHODS,
        default=before.causality_method,
        required=True,
        format_func=METHOD_LABELS.get,
        key=f"{key}_method",
    )
    with st.form(key, border=False):
        if method == NARANJO:
            answers = before.naranjo or (UNKNOWN,) * len(codelist.naranjo_questions())
            for question, answer in zip(codelist.naranjo_questions().values(), answers, strict=True):
                st.radio(
                    formatting.escape_markdown(question.label),
                    NARANJO_ANSWERS,
                    NARANJO_ANSWERS.index(answer),
                    horizontal=True,
                    format_func=str.capitalize,
                    key=f"{key}_{question.code}",
                )
        else:
            st.segmented_control(
                "Causality",
                list(codelist.causalities()),
                default=before.causality,
                format_func=CAUSALITY_LABEL,
                help=formatting.escape_markdown(_explain(codelist.causalities())),
                key=f"{key}_causality",
            )
        _draw_grade(case, before, f"{key}_grade")
        serious = query_cache.cached_lookup(lookups.serious_reasons_of, case.number)
        st.multiselect(
            "Serious reasons",
            list(codelist.serious_reasons()),
            list(serious),
            key=f"{key}_serious",
            format_func=SERIOUS_LABEL,
            placeholder="Not serious",
        )
        st.segmented_control(
            "Decision",
            list(codelist.decisions()),
            default=before.decision,
            format_func=DECISION_LABEL,
            help=formatting.escape_markdown(_explain(codelist.decisions())),
            key=f"{key}_decision",
        )
        st.text_input("Owner", before.owner or "", key=f"{key}_owner", max_chars=60)
        st.text_input("Why", key=f"{key}_why", placeholder="such as: read all notes and called the client")
        st.checkbox("Mark as reviewed", before.is_complete, key=f"{key}_complete")
        revision = query_cache.current_revision()
        st.form_submit_button(
            "Save the review",
            type="primary",
            on_click=_save_assessment,
            args=[case, number or None, method, reviewer, key, revision],
        )


def _explain(codes: codelist.Codelist[Any]) -> str:
    """What each code means."""
    return " ".join(f"{row.label}: {row.definition}." for row in codes.values())


def _grade_scale(case: Case) -> str:
    """CTCAE where it has a term for the side effect, else mild, moderate, severe."""
    ours = codelist.side_effects().get(case.side_effect)
    return CTCAE_SCALE if ours and ours.ctcae_term else GRADE_WORDS_SCALE


def _draw_grade(case: Case, before: Assessment, key: str) -> None:
    scale = codelist.grade_scales()[_grade_scale(case)]
    grades = range(scale.lowest, scale.highest + 1)
    default = before.grade if before.grade in grades else None
    st.segmented_control(
        formatting.escape_markdown(f"Grade ({scale.label})"),
        grades,
        default=default,
        format_func=GRADE_LABEL,
        key=key,
        help=formatting.escape_markdown(scale.definition),
    )


def _save_assessment(case: Case, read: int | None, method: str, reviewer: Reviewer, key: str, revision: int) -> None:
    def entered(name: str) -> Any:
        return st.session_state.get(f"{key}_{name}")

    naranjo = tuple(entered(code) for code in codelist.naranjo_questions()) if method == NARANJO else ()
    assessment = Assessment(
        causality=naranjo_category(naranjo_score(naranjo)) if naranjo else entered("causality"),
        causality_method=method,
        naranjo=naranjo,
        grade=entered("grade"),
        grade_scale=_grade_scale(case) if entered("grade") else None,
        decision=entered("decision"),
        owner=(entered("owner") or "").strip() or None,
        is_complete=entered("complete"),
    )
    arguments = (case.number, entered("serious"), assessment, reviewer, entered("why") or "", read, revision)
    form_state.save_step(FORM, "Saved: the review.", review_with_reasons, *arguments)


def _draw_second_opinion(case: Case, review: ReviewStep, reviewer: Reviewer) -> None:
    prose.draw_text(f"{review.reviewer.name}: {review_sentences.describe_assessment(review.assessment)}")
    key = f"second_{case.number}_{review.number}"
    with st.form(key, border=False):
        st.text_input("Why do you agree, or not?", key=f"{key}_why")
        with st.container(horizontal=True):
            for answer, agrees in AGREEMENT.items():
                st.form_submit_button(
                    answer,
                    on_click=_save_second_opinion,
                    args=[case.number, reviewer, agrees, f"{key}_why", review.number],
                )


def _save_second_opinion(case: int, reviewer: Reviewer, agrees: bool, why_key: str, read: int) -> None:
    why = st.session_state.get(why_key) or ""
    form_state.save_step(
        FORM, "Saved: your opinion.", case_review.record_second_opinion, case, reviewer, agrees, why, read
    )


def _draw_undo(case: Case, review: ReviewStep, reviewer: Reviewer) -> None:
    key = f"undo_review_{case.number}_{review.number}"
    with st.popover("Undo the last step", icon=":material/undo:"), st.form(key, border=False):
        st.text_input("Why is it undone?", key=f"{key}_why")
        st.form_submit_button("Undo", on_click=_undo, args=[case.number, reviewer, f"{key}_why", review.number])


def _undo(case: int, reviewer: Reviewer, why_key: str, read: int) -> None:
    why = st.session_state.get(why_key) or ""
    form_state.save_step(
        FORM, "Undone: the last step of the review.", case_review.undo_review, case, reviewer, why, read
    )


def _history_table(steps: tuple[ReviewStep, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "when": [step.made_at for step in steps],
            "who": [f"{step.taken_by} ({review_sentences.NOT_VERIFIED})" for step in steps],
            "what": [review_sentences.describe_step(step) for step in steps],
            "why": [step.why for step in steps],
            "undone": [f"by {step.undone_by}: {step.undone_why}" if step.undone_by else "" for step in steps],
        }
    )
