"""The form of a case review: what is filled in becomes a step, and a reviewed red flag leaves the banner."""

import pytest

from data.database.engine import open_database, write_transaction
from data.records.lookups import serious_reasons_of
from data.review.case_review import review_of
from models import codelist
from tests import factories
from tests.dashboard.page_text import said

# Points 0, +2, +1, 0, +2, 0, 0, 0, 0, +1.
ANSWERS = ("no", "yes", "yes", "unknown", "no", "unknown", "no", "no", "no", "yes")
BANNER = "not yet reviewed."


@pytest.fixture
def flagged_url(sqlite_url):
    """One red flag after a treatment by NP 1."""
    engine = open_database(sqlite_url)
    with write_transaction(engine) as connection:
        factories.practitioner(connection, code="NP 1")
        factories.client(connection, key="o3udpvisi2yibnmj")
        factories.treatment(connection, practitioner_id=1)
        factories.side_effect(connection, treatment_id=1, term="dysphagia")
    engine.dispose()
    return sqlite_url


def test_a_review_by_naranjo_is_stored_with_its_answers_and_a_changed_reason(open_page, opened, flagged_url):
    app = open_page(flagged_url, "cases", case="1", period="All dates")
    assert BANNER in said(app)
    app.button_group(key="review_1_0_method").set_value("naranjo").run()
    for question, answer in zip(codelist.naranjo_questions(), ANSWERS, strict=True):
        app.radio(key=f"review_1_0_{question}").set_value(answer)
    app.button_group(key="review_1_0_decision").set_value("escalate")
    app.multiselect(key="review_1_0_serious").set_value(["hospitalisation"])
    app.text_input(key="review_1_0_why").set_value("read the letter")
    app.checkbox(key="review_1_0_complete").check()
    next(button for button in app.button if button.label == "Save the review").click().run()
    assert [error.value for error in (*app.exception, *app.error)] == []
    engine, _ = opened(flagged_url)
    review = review_of(engine, 1)
    assert (review.assessment.causality, review.assessment.naranjo) == ("probable", ANSWERS)
    assert (review.assessment.decision, review.reviewer.name) == ("escalate", "Whole clinic")
    assert serious_reasons_of(engine, 1) == ("hospitalisation",)
    assert BANNER not in said(app)
    assert "Reviewed on" in said(app)
