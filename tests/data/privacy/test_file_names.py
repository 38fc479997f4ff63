"""File names: stored without people, in a form that every system accepts."""

import pytest

from data.privacy.file_names import LONGEST_TITLE, distinct, safe_stem, safe_title, without_people


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("Zoraida Quixano.csv", "file.csv"),
        ("Jane Doe treatments 2025-03.xlsx", "treatments 2025-03.xlsx"),
        ("ZoraidaQuixano_Visits_v2.xlsx", "Visits_v2.xlsx"),
        ("QX-77341 visits.csv", "visits.csv"),
        ("07700900123.csv", "file.csv"),
        ("+44 7700 900123.csv", "file.csv"),
        ("zoraida@quixano.org", "file.org"),
        ("visits (2).csv", "visits 2.csv"),
        ("follow_up_log.xlsx", "follow_up_log.xlsx"),
        ("Side effects.CSV", "Side effects.CSV"),
        ("Zoraida", "file"),
    ],
)
def test_a_file_name_is_stored_without_words_that_may_be_a_person(name, stored):
    assert without_people(name) == stored


@pytest.mark.parametrize("name", ["a/b:c*?[x]", "'quoted'", "\0", "", "x" * 99, "\ud800"])
def test_a_sheet_name_is_valid_in_excel(name):
    title = safe_title(name)
    assert 0 < len(title) <= LONGEST_TITLE
    assert not set(title) & set("\\/:*?[]\0\ud800")
    assert title.strip("'") == title


@pytest.mark.parametrize("name", ["../../visits.csv", "C:\\visits.csv", "x" * 300, "...", "a\nb.csv"])
def test_a_file_name_cannot_lead_out_of_its_folder(name):
    stem = safe_stem(name)
    assert 0 < len(stem) <= 60
    assert not set(stem) & set("\\/:\n")


def test_names_that_differ_only_in_case_get_numbers():
    assert distinct(["visits.csv", "Visits.csv", "visits.csv"]) == ["visits.csv", "Visits (2).csv", "visits (3).csv"]


def test_numbered_names_keep_the_length_limit():
    names = distinct(["x" * LONGEST_TITLE] * 12, LONGEST_TITLE)
    assert len(set(names)) == 12
    assert max(map(len, names)) == LONGEST_TITLE
