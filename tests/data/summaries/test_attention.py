"""What needs attention in a clinic with a worse lot and a red flag, counted by hand."""

import shutil
from dataclasses import replace
from datetime import date

import pytest

from data.analysis.query_builder import records_source
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.selection import Selection
from data.database.engine import open_database
from data.summaries import attention, call_list, lots
from tests.data.factories import TODAY, imported, written

ALL = Selection(as_of=TODAY)


@pytest.fixture(scope="module")
def source(tmp_path_factory, migrated_file):
    """20 treatments each with lots L1 (8 bruises) and L2 (none), 10 more that nobody followed up."""
    folder = tmp_path_factory.mktemp("attention")
    treatments = ["treatment_id | date | site | practitioner | client | area | product | lot | units"]
    follow_ups = ["treatment_id | date | outcome | asked"]
    effects = ["effect_id | treatment_id | side_effect | onset | status_date | state"]
    for number in range(50):
        name, lot = f"T{number}", "L1" if number < 20 else "L2"
        treatments.append(f"{name} | 2025-10-01 | north | ann | {name} | glabella | botox | {lot} | 20")
        if number < 40:
            follow_ups.append(f"{name} | 2025-10-20 | done | checklist")
        if number < 8:
            effects.append(f"B{number} | {name} | bruising | 2025-10-06 | 2025-10-20 | gone")
    effects.append("D1 | T0 | dysphagia | 2025-10-03 | 2025-10-20 | present")
    sheets = {"treatments": treatments, "follow_ups": follow_ups, "side_effects": effects}
    engine = open_database(f"sqlite:///{shutil.copy(migrated_file, folder / 'sequela.db')}")
    imported(engine, written(folder, **{name: "\n".join(lines) for name, lines in sheets.items()}))
    yield records_source(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def found(source):
    return attention.needs_attention(source, WHOLE_CLINIC, ALL)


def test_a_red_flag_comes_first_and_then_the_lot_by_its_chance(source, found):
    assert [item.key for item in found.items[:2]] == ["red_flags/dysphagia", "lots/botox/L1"]
    red_flag, lot, *_ = found.items
    assert (red_flag.observed, red_flag.since) == (1, date(2025, 10, 3)) and red_flag.case is not None
    (row,) = lots.compare_lots(source, WHOLE_CLINIC, ALL).lots.query("lot == 'L1'").itertuples()
    # Eight bruises, one of them with trouble swallowing: 8 of 40 treatments, so 4 of the 20 with L1 are expected.
    assert (lot.observed, lot.total, lot.expected, lot.chance) == (8, 20, 4, row.chance) and row.chance < 0.05


def test_follow_up_at_the_target_is_quiet_and_below_it_counts_who_can_be_called(source, found):
    assert "follow_up" in found.quiet  # 40 of 50
    later = replace(ALL, from_date=date(2025, 10, 2))
    assert "follow_up" in attention.needs_attention(source, WHOLE_CLINIC, later).refused


def test_a_topic_with_too_few_records_is_refused_and_never_called_quiet(found):
    assert set(found.refused) == {"trends", "practitioners", "dose"}
    assert not set(found.refused) & set(found.quiet)
    assert not any(item.topic in found.refused for item in found.items)


def test_every_topic_is_an_item_or_quiet_or_refused(found):
    topics = {item.topic for item in found.items} | set(found.quiet) | set(found.refused)
    assert topics == {
        "red_flags", "lots", "trends", "practitioners", "dose", "durations", "follow_up", "data_quality",
    }  # fmt: skip


def test_no_filter_hides_an_item(source, found):
    narrowed = replace(ALL, areas=("forehead",), products=("dysport",), sites=("south",))
    assert attention.needs_attention(source, WHOLE_CLINIC, narrowed) == found


def test_chance_is_printed_for_the_topics_that_chance_has_a_part_in(found):
    assert found.false_items == pytest.approx(lots.MAX_CHANCE)  # of the lots alone: nothing else is judged
    assert found.false_signals == 0


def test_a_viewer_sees_no_item_of_another_site(source):
    nothing = attention.needs_attention(source, Scope(sites=frozenset({"south"})), ALL)
    assert nothing.items == () or {item.topic for item in nothing.items} == {"data_quality"}
    assert call_list.count_due_and_overdue(source, Scope(sites=frozenset({"south"})), ALL) == (0, 0)
