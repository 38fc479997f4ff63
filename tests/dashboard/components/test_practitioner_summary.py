"""A practitioner finds their own results on the practitioners page, and nobody else by name."""

VIEWER = {"as": "Practitioner: RN 3"}
QUESTIONS = [
    "Urgent today",
    "My latest 50: signal or noise?",
    "In which areas",
    "Did my change help?",
    "Durations and touch-ups",
    "For appraisal",
    "Compared with everyone",
]


def _texts(app) -> str:
    kinds = ("markdown", "caption", "header", "subheader")
    return " ".join(str(shown.value) for kind in kinds for shown in app.get(kind))


def test_a_practitioner_reads_the_answers_in_the_order_of_their_questions(open_page, clinic_url):
    app = open_page(clinic_url, "people", **VIEWER)
    assert not app.exception
    assert [header.value for header in app.header] == QUESTIONS


def test_no_other_practitioner_is_named_to_one_of_them(open_page, clinic_url):
    app = open_page(clinic_url, "people", **VIEWER)
    named = _texts(app) + " ".join(frame.value.to_string() for frame in app.dataframe)
    assert "RN 3" in named
    assert not any(other in named for other in ("NP 1", "RN 2", "NP 4", "PA 5", "RN 6"))


def test_a_manager_has_no_own_page(open_page, clinic_url):
    assert not {header.value for header in open_page(clinic_url, "people").header} & set(QUESTIONS)
