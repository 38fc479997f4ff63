"""Published durations stand next to ours in the words of their source, for the side effects and areas shown."""

from data.reference import published_durations
from data.reference.loader import ANY, read_reference
from models import codelist

ROWS = read_reference("durations", published_durations.PublishedDuration)


def test_every_duration_is_shown_somewhere():
    of_side_effects = published_durations.side_effect_durations(list(codelist.side_effects()))
    shown = [*of_side_effects, *published_durations.result_durations()]
    assert sorted(map(id, shown)) == sorted(map(id, ROWS))


def test_chewing_weakness_is_back_to_normal_at_12_weeks_after_the_masseter():
    rows = published_durations.side_effect_durations(["eyelid_ptosis", "mastication_disorder"], ["masseter"])
    assert {row.side_effect for row in rows} == {"mastication_disorder", ANY}
    assert "back to pre-injection at 12 weeks" in rows[0].as_printed


def test_side_effects_come_in_the_order_asked_for_and_what_holds_for_any_comes_last():
    rows = published_durations.side_effect_durations(["mastication_disorder", "eyelid_ptosis"])
    order = list(dict.fromkeys(row.side_effect for row in rows))
    assert order == ["mastication_disorder", "eyelid_ptosis", ANY]


def test_results_of_another_product_or_area_are_not_shown():
    rows = published_durations.result_durations(["glabella"], ["daxxify"])
    assert rows
    assert all(row.product in (None, "daxxify") for row in rows)
    assert all("glabella" in row.areas or not row.areas for row in rows)
