"""What a foreign table may mean: proposed by header and values, asked where it cannot be known."""

from hypothesis import given
from hypothesis import strategies as st

from data.files import Table, read_tables
from data.mapping.proposal import confidence_label
from data.mapping.spec import parse_mapping, unanswered_settings
from data.mapping.store import mapping_to_toml
from data.mapping.suggestions import propose
from data.problems import ImportRefusedError
from data.schema.column_types import NO_TEXT
from tests.data.factories import written
from tests.laws import examples

VISITS = """
    Visit Date | Clinic | Client number | Injector | Area treated | Toxin  | Dose (units) | Lot no | Mobile
    25/03/2025 | A      | 7             | RN       | forehead     | Botox  | 20           | C1     | 07700 900123
    26/03/2025 | A      | 8             | JB       | Frown lines  | Xeomin | 12.5         | C2     | 07700 900124
"""


def proposal(folder, text):
    return propose(read_tables(written(folder, visits=text)[0]))


def filled(proposal, sheet="treatments"):
    return {one.name: one.text for one in proposal.fields if one.sheet == sheet}


def test_columns_are_known_by_their_names_and_values(tmp_path):
    found = proposal(tmp_path, VISITS)
    assert filled(found) == {
        "date": "{Visit Date}", "site": "{Clinic}", "practitioner": "{Injector}", "client": "{Client number}",
        "area": "{Area treated}", "product": "{service.product}", "lot": "{Lot no}", "units": "{Dose (units)}",
    }  # fmt: skip
    assert found.questions == ()
    assert found.service_rule.text == "{Toxin}"
    assert found.value_mappings == ()  # "Frown lines" is a spelling of one area


def test_confidence_is_shown_in_words():
    assert [confidence_label(confidence) for confidence in (0.95, 0.7, 0.5)] == ["sure", "likely", "please check"]


def test_a_header_alone_proves_nothing_when_no_value_can_be_read(tmp_path):
    text = VISITS.replace("20     ", "lots").replace("12.5", "few")
    assert "units" not in filled(proposal(tmp_path, text))


def test_an_area_is_found_under_any_header_by_its_values(tmp_path):
    found = proposal(tmp_path, VISITS.replace("Area treated", "Place"))
    place = next(one for one in found.fields if one.name == "area")
    assert (place.text, confidence_label(place.confidence)) == ("{Place}", "please check")


def test_a_phone_number_is_never_shown_or_proposed(tmp_path):
    found = proposal(tmp_path, VISITS)
    assert found.identifying == {"Mobile": "phone"}
    assert found.examples("Mobile") == ()
    assert found.examples("Lot no") == ("C1", "C2")
    assert found.notices == ('identifies a client and is never stored: "Mobile" (phone)',)


def test_day_and_month_are_asked_for_when_no_date_proves_them(tmp_path):
    found = proposal(tmp_path, VISITS.replace("25/03", "05/03").replace("26/03", "06/03"))
    (question,) = found.questions
    assert question.choices == (
        ("day first", "05/03/2025 is 5 March 2025"), ("month first", "05/03/2025 is 3 May 2025"),
    )  # fmt: skip
    assert question.answer is None


def test_what_was_heard_and_what_happened_in_one_table_fill_their_own_sheets(tmp_path):
    text = """
        Treatment Date | Site | Client ID | Area     | Product | Call date  | Outcome     | Event number | Adverse event | Onset date
        2025-03-25     | A    | 7         | forehead | botox   | 2025-04-08 | done        | E1           | headache      | 2025-03-26
        2025-03-26     | A    | 8         | glabella | xeomin  | 2025-04-09 | not reached |              |               |
    """  # noqa: E501
    found = proposal(tmp_path, text)
    assert filled(found, "follow_ups") == {
        "date": "{Call date}", "outcome": "{Outcome}", "client": "{Client ID}", "treated_on": "{Treatment Date}",
    }  # fmt: skip
    assert filled(found, "side_effects") == {
        "effect_id": "{Event number}", "side_effect": "{Adverse event}", "onset": "{Onset date}",
        "client": "{Client ID}", "treated_on": "{Treatment Date}",
    }  # fmt: skip
    assert found.row_filters["follow_ups"] == {"Outcome": "*"}
    assert found.row_filters["side_effects"] == {"Adverse event": "*"}


def test_a_side_effect_without_a_number_of_its_own_is_one_a_client_and_day(tmp_path):
    text = """
        Client ID | Adverse event | Onset date
        7         | headache      | 2025-03-26
        7         | eyelid ptosis | 2025-03-28
    """
    found = proposal(tmp_path, text)
    assert filled(found, "side_effects")["effect_id"] == "{Client ID} {Onset date} {Adverse event}"
    assert unanswered_settings(found.to_spec()) == []


def test_of_a_table_of_something_else_every_required_field_is_open(tmp_path):
    found = proposal(tmp_path, "shelf | boxes \n A | 3 \n B | 4")
    assert unanswered_settings(found.to_spec()) == [
        "unplaced", "treatments.date", "treatments.site", "treatments.client", "treatments.product",
    ]  # fmt: skip


cell = st.sampled_from(["", "Botox", "2025-03-25", "03/04/2025", "20", "forehead", "Ada Example", "x" * 50, "?", "{a}",
                        '"', "\\", "\x7f", "ticked", "1", "service.area"])  # fmt: skip
header = st.sampled_from(["Date", "Client", "Area", "Service", "Qty", "Status", "Product", "{odd}", 'quo"te', "a = b",
                          "Outcome", "Side effect", "Sold By", "redcap_repeat_instrument", "area___1"])  # fmt: skip


@examples(80)
@given(st.data())
def test_whatever_the_table_a_proposal_can_be_written_and_read_or_is_refused(data):
    columns = tuple(data.draw(st.lists(header, min_size=1, max_size=8, unique=True)))
    rows = data.draw(st.lists(st.tuples(*[cell] * len(columns)), min_size=1, max_size=6, unique=True))
    table = Table("odd.csv", None, columns, tuple(rows), tuple(range(2, len(rows) + 2)), ())
    try:
        found = propose([table])
    except ImportRefusedError:
        return
    text = mapping_to_toml(found.to_spec(), found.comments())
    try:
        meaning = parse_mapping(text, "odd.toml")
    except ImportRefusedError as refused:
        # No reader lets a control character through; here one comes in by the table.
        expected = ("not answered", NO_TEXT)
        others = [p for p in refused.problems if p.column not in ("dates", "unplaced")]
        assert all(any(message in p.message for message in expected) for p in others), text
        return
    assert meaning.columns <= set(columns)
