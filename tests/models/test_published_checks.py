"""Published numbers are computed anew, and the calls that compute ours can reach nothing else."""

import pytest

from models.published_checks import check_published_numbers, evaluate, half_last_digit

ROWS = check_published_numbers()


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.source[:24]}: {row.what}" for row in ROWS])
def test_a_published_number_is_reproduced(row):
    assert row.agrees, f"published {row.published}, ours {row.ours}"


def test_at_least_300_numbers_were_printed_by_others_in_a_file_that_is_named():
    opened = [row for row in ROWS if row.origin == "opened"]
    assert len(opened) >= 300
    assert len({row.source for row in opened}) >= 20
    assert all(row.source and row.what for row in ROWS)


def test_a_check_of_our_own_is_not_counted_as_published():
    own = {row.source for row in ROWS if row.origin == "own"}
    assert own and own.isdisjoint(row.source for row in ROWS if row.origin != "own")
    assert all("Sequela" in source or "CDISC pilot" in source for source in own)


@pytest.mark.parametrize(
    ("printed", "half"), [("0.731", 0.0005), ("23", 0.5), ("4.17e-05", 5e-8), ("0.210", 0.0005), ("not reached", 0)]
)
def test_the_tolerance_is_half_a_unit_of_the_last_printed_digit(printed, half):
    assert half_last_digit(printed) == pytest.approx(half, rel=1e-12)


def test_a_wider_tolerance_without_a_reason_is_refused(tmp_path):
    folder = published(tmp_path, "S,P,narrow,0.13,0.004,,0.1255", "S,P,wide,0.12,0.006,,0.1255")
    with pytest.raises(ValueError, match=r"some.csv, row 3: a tolerance above 0.005.* needs a reason"):
        check_published_numbers(folder)


def test_a_row_without_a_path_is_only_cited_and_one_of_our_own_file_is_our_own(tmp_path):
    folder = published(tmp_path, "S,P,opened,3,0,,3", "S,,cited,3,0,,3")
    (folder / "own_checks.csv").write_text((folder / "some.csv").read_text(), encoding="utf-8")
    assert [row.origin for row in check_published_numbers(folder)] == ["own", "own", "opened", "cited"]


def published(folder, *lines):
    (folder / "data").mkdir()
    (folder / "data" / "small.csv").write_text("days,ended,arm\n3,1,a\n5,0,b\n7,1,a\n", encoding="utf-8")
    text = "source,path,what,published,tolerance,reason,call\n" + "".join(f"{line}\n" for line in lines)
    (folder / "some.csv").write_text(text, encoding="utf-8")
    return folder


def test_a_number_within_its_tolerance_agrees_and_one_beyond_it_does_not(tmp_path):
    call = "survival.kaplan_meier(small.days, small.ended).at(3).estimate"
    near, far = check_published_numbers(published(tmp_path, f'S,P,near,0.67,,,"{call}"', f'S,P,far,0.66,,,"{call}"'))
    assert (near.source, near.what, near.published, near.tolerance) == ("S", "near", 0.67, 0.005)
    assert near.ours == pytest.approx(2 / 3)
    assert (near.agrees, far.agrees) == (True, False)


def test_a_number_rounded_at_exactly_half_a_digit_agrees(tmp_path):
    (row,) = check_published_numbers(published(tmp_path, "S,P,W,0.125,,,0.1255"))
    assert row.agrees


def test_not_reached_agrees_only_with_not_reached(tmp_path):
    not_reached = "survival.kaplan_meier(small.days, small.ended).median.high"
    rows = check_published_numbers(
        published(
            tmp_path,
            f'S,P,both,not reached,0,,"{not_reached}"',
            f'S,P,published,12,0,,"{not_reached}"',
            'S,P,ours,not reached,0,,"len(small.days)"',
        )
    )
    assert [row.agrees for row in rows] == [True, False, False]
    assert rows[0].ours is rows[0].published is None


def test_a_row_that_cannot_be_computed_is_named_as_the_spreadsheet_counts_it(tmp_path):
    folder = published(tmp_path, "S,P,fine,3,0,,len(small.days)", "S,P,broken,3,0,,len(large.days)")
    with pytest.raises(ValueError, match="some.csv, row 3: 'large' is neither a statistic nor a data set"):
        check_published_numbers(folder)


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("2 + 3 * 4 - 6 / 3", 12),
        ("-2 ** 2", -4),
        ("[1] * 2 + [0]", [1, 1, 0]),
        ("(1, 2)[1]", 2),
        ("sum([1, 5])", 6),
        ("len(only(freireich, 'arm', '6-MP').days)", 21),
        ("freireich.ended[0]", 1.0),
        ("survival.turnbull(last_present=[3], first_gone=[3]).median.estimate", 3.0),
        ("survival.kaplan_meier([5], [0]).median.estimate", None),
    ],
)
def test_the_language_of_the_calls_says_what_it_needs(call, value):
    assert evaluate(call) == value


@pytest.mark.parametrize(
    "call",
    [
        "__import__('os')",
        "open('x')",
        "survival.np",
        "survival.step_curve",
        "survival.__file__",
        "survival.kaplan_meier.__globals__",
        "survival.kaplan_meier([1], [1]).__class__",
        "survival.kaplan_meier([1], [1]).share.tofile('x')",
        "survival.kaplan_meier([1], [1])._observed",
        "survival.MIN_ENDED_PER_GROUP",
        "(lambda: 1)()",
        "[day for day in [1]]",
        "'a'.join([])",
        "len(*[[1]])",
        "len(**{})",
        "1 if 2 else 3",
        "not 1",
        "1 // 2",
        "freireich.columns.keys()",
        "data/freireich",
        "f'{1}'",
    ],
)
def test_nothing_else_can_be_reached_from_a_call(call):
    with pytest.raises(ValueError, match=r"language|neither|cannot be reached"):
        evaluate(call)


def test_a_column_that_is_not_there_is_an_error():
    with pytest.raises(AttributeError, match="weeks"):
        evaluate("freireich.weeks")
    with pytest.raises(ValueError, match="cannot be reached"):
        evaluate("freireich.to_csv")
