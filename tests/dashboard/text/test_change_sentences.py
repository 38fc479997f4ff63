"""The sentences about two periods, as the screens print them."""

from dashboard.text import change_sentences


def test_the_primary_measure_stands_with_the_chance_of_its_gap():
    assert change_sentences.describe_primary_change("nearby-muscle weakness", (66, 690), (51, 655), 0.243) == (
        "Nearby-muscle weakness rose from 51 of 655 (7.8%) to 66 of 690 (9.6%), p 0.243. "
        "A gap this size turns up by chance in about 1 review in 4."
    )
    same = change_sentences.describe_primary_change("headache", (4, 100), (2, 50), 1.0)
    assert same == "Headache stayed the same from 2 of 50 (4.0%) to 4 of 100 (4.0%), p 1. Gaps this small are normal."
    assert "nearby-muscle weakness" in change_sentences.explain_no_primary_change("nearby-muscle weakness")
    assert change_sentences.explain_asked_differently(["headache", "bruising"]) == (
        "Asked differently in the two periods, so not compared: headache and bruising."
    )
    assert not change_sentences.explain_asked_differently([])


def test_the_largest_gap_of_the_others_comes_first():
    gaps = [
        ("bruising and hematoma", (66, 690), (30, 655), 0.0083),
        ("headache", (50, 690), (80, 655), 0.0002),
    ]
    assert change_sentences.describe_other_changes(11, gaps) == (
        "Largest gap of 11 other measures: bruising and hematoma rose from 30 of 655 (4.6%) to 66 of 690 (9.6%), "
        "adjusted p 0.008. A gap this size turns up by chance in about 1 review in 120. "
        "Next: headache fell from 80 of 655 (12.2%) to 50 of 690 (7.2%), adjusted p below 0.001."
    )
    likely = change_sentences.describe_other_changes(1, [("headache", (5, 60), (3, 60), 0.4)])
    assert likely.startswith("Largest gap of 1 other measure: headache rose")
    assert likely.endswith("turns up by chance in about 4 reviews in 10.")


def test_why_nothing_is_compared():
    assert "still in follow-up" in change_sentences.explain_no_comparison(in_follow_up=True)
    assert change_sentences.explain_no_comparison().startswith("No comparison:")
    assert change_sentences.introduce_comparison("May 2026").startswith("Compared with May 2026, without treatments")
