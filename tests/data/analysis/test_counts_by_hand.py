"""What is counted in a clinic of three clients and six treatments, counted by hand."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import column, create_engine, select, table, text
from sqlalchemy.pool import StaticPool

from data.analysis import counts
from data.analysis.clustering import client_sums
from data.analysis.frames import as_rows
from data.analysis.outcomes import known_outcomes
from data.analysis.query_builder import AnalysisTables, records_source
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.selection import Selection
from models.records import Record
from tests.data.analysis.test_counts import count_days, store

# Treatment, client, date, site, practitioner; area/product/lot/units of each injection;
# day/outcome/asked/score of each follow-up, with what it left out.
TREATMENTS = """
1 ann  2026-01-10 north p1 forehead/botox/L1/20,forehead/botox/L2/5,glabella/botox/L1/10 14/done/checklist/1
2 ann  2026-04-10 north p1 forehead/botox/L2/20,forehead/dysport/L3/30 14/done/checklist/3/headache
3 bea  2026-01-10 south -  masseter/dysport/L3/50 0/not_due/-/4,14/done/open/2/bruising
4 bea  2026-12-20 south p2 masseter/dysport/L3/50 0/not_due/-/2
5 cleo 2026-02-01 south p2 forehead/botox/L1/20   3/not_reached/-/-
6 cleo 2026-03-01 north p2 glabella/botox/-/-     0/not_due/-/2,3/declined/-/-
"""
# Side effect, treatment, term, area, grade at each note on it.
EFFECTS = """
1 1 eyelid_ptosis forehead 1,2
2 1 headache      -        -
3 2 eyelid_ptosis forehead 1
4 6 bruising      glabella 1
5 1 bruising      glabella 1
"""

JANUARY, APRIL = date(2026, 1, 10), date(2026, 4, 10)
TODAY = date(2026, 12, 31)
ALL = Selection(as_of=TODAY)
NORTH, SOUTH = (Scope(sites=frozenset({site})) for site in ("north", "south"))


@pytest.fixture(scope="module", params=["records", "worked out"])
def source(request):
    """The records, and the rows that follow from them in tables of their own without keys, as in the columnar copy."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Record.metadata.create_all(engine)
    store(engine, _rows())
    source = records_source(engine)
    yield source if request.param == "records" else _worked_out(source)
    engine.dispose()


def _worked_out(source):
    tables = {}
    with source.engine.begin() as connection:
        for name, rows in vars(source).items():
            if name != "engine":
                statement = select(rows).compile(source.engine, compile_kwargs={"literal_binds": True})
                connection.execute(text(f"CREATE TABLE copied_{name} AS {statement}"))
                tables[name] = table(f"copied_{name}", *(column(c.name, c.type) for c in rows.c))
    return AnalysisTables(source.engine, **tables)


HAND = {"source": "hand", "import_batch_id": 1}


def _rows():
    """Rows per table, as they would be stored."""
    rows = defaultdict(list)
    counted = {"rows_read": 0, "rows_stored": 0, "rows_unchanged": 0, "rows_refused": 0}
    made = {"made_at": datetime(2026, 1, 1), "source": "hand", "format": "hand", "files": ""}
    _row(rows, "import_batch", attribution_days=120, **made, **counted)
    for line in TREATMENTS.strip().splitlines():
        number, client, day, site, practitioner, injections, contacts = line.split()
        treatment = _row(
            rows, "treatment", client_id=_row(rows, "client", key=client), site_id=_row(rows, "site", code=site),
            practitioner_id=_told(practitioner) and _row(rows, "practitioner", code=practitioner),
            date=date.fromisoformat(day), source_id=number, **HAND,
        )  # fmt: skip
        for injection in injections.split(","):
            _add_injection(rows, treatment, *injection.split("/"))
        for contact in contacts.split(","):
            _add_follow_up(rows, treatment, *contact.split("/"))
    for line in EFFECTS.strip().splitlines():
        _add_side_effect(rows, *line.split())
    return rows


def _add_injection(rows, treatment, area, product, lot, units):
    product_id = _row(rows, "product", code=product, label=product)
    lot_id = _told(lot) and _row(rows, "lot", product_id=product_id, number=lot)
    given = {"area": area, "product_id": product_id, "lot_id": lot_id, "units": _told(units) and float(units)}
    _row(rows, "injection", treatment_id=treatment, **given)


def _add_follow_up(rows, treatment, after, outcome, asked, score, *left_out):
    on = rows["treatment"][treatment - 1]["date"] + timedelta(days=int(after))
    told = {"outcome": outcome, "asked": _told(asked), "score": _told(score) and float(score), "scale": "movement"}
    number = str(len(rows["follow_up"]))
    follow_up = _row(rows, "follow_up", treatment_id=treatment, date=on, **told, source_id=number, **HAND)
    for term in left_out:
        _row(rows, "not_asked", follow_up_id=follow_up, term=term)


def _add_side_effect(rows, number, treatment, term, area, grades):
    treated = rows["treatment"][int(treatment) - 1]
    began = treated["date"] + timedelta(days=2)
    belongs = {"client_id": treated["client_id"], "treatment_id": treated["id"], "area": _told(area), "term": term}
    effect = _row(rows, "side_effect", **belongs, onset_first=began, onset_last=began, source_id=number, **HAND)
    for at, grade in enumerate(grades.split(",")):
        noted = {"date": began + timedelta(days=at), "state": "present", "grade": _told(grade) and int(grade)}
        _row(rows, "status", side_effect_id=effect, **noted, source_id="", import_batch_id=1)


def _told(word):
    return None if word == "-" else word


def _row(rows, table, **row):
    """The number of this row, which is added if it is not there yet."""
    known = {tuple(there.values())[1:]: there["id"] for there in rows[table]}
    if number := known.get(tuple(row.values())):
        return number
    rows[table].append({"id": len(rows[table]) + 1, **row})
    return len(rows[table])


def counted(source, selection, *by, scope=WHOLE_CLINIC):
    """(the group), events, followed up, volunteered, total, in follow-up, possible, episodes, reports."""
    found = counts.counts(source, scope, selection, by)
    assert tuple(found) == (*by, *counts.COUNT_COLUMNS)
    return as_rows(found.drop(columns=["treated", "known"]))


# Which side effects


@pytest.mark.parametrize(
    ("filters", "episodes"),
    [
        ({"side_effects": ("bruising",)}, 2),
        ({"families": ("nearby_weakness",)}, 2),
        ({"families": ("nearby_weakness", "general")}, 3),
        ({"least_grade": 1}, 4),
        ({"least_grade": 2}, 1),
        ({"grades": (1,)}, 3),
        ({"grades": (1, 2)}, 4),
        ({"open": True}, 5),
        ({"open": False}, 0),
        ({"placed": True}, 4),
        ({"placed": False}, 1),
        ({"red_flag": True}, 0),
    ],
    ids=str,
)
def test_a_filter_on_side_effects_counts_those_alone_among_the_same_treatments(source, filters, episodes):
    (row,) = counted(source, Selection(**filters, as_of=TODAY))
    assert (row.total, row.in_follow_up, row.episodes) == (5, 1, episodes)


def test_what_is_given_parts_the_side_effects_of_a_treated_area(source):
    per_area = Selection(unit="area", as_of=TODAY)
    assert counted(source, replace(per_area, areas=("forehead",))) == [(2, 2, 0, 3, 0, 3, 2, 3)]
    assert counted(source, replace(per_area, products=("dysport",))) == [(1, 2, 0, 2, 1, 1, 1, 1)]
    assert counted(source, replace(per_area, lots=("L2",))) == [(2, 2, 0, 2, 0, 2, 2, 3)]


# Treatments, treated areas, clients


def test_two_of_the_three_treatments_followed_up_had_a_side_effect_and_one_client_volunteered_another(source):
    # Cleo's treatment 5 was not reached, and she only volunteered the bruise of 6: both may have had more.
    assert counted(source, ALL) == [(2, 3, 1, 5, 1, 4, 5, 6)]


def test_an_unplaced_side_effect_is_in_no_treated_area(source):
    assert counted(source, Selection(unit="area", as_of=TODAY)) == [(3, 4, 1, 6, 1, 5, 4, 5)]
    assert counts.count_unplaced_effects(source, WHOLE_CLINIC, ALL) == 1
    assert counts.count_unplaced_effects(source, NORTH, Selection(side_effects=("headache",), as_of=TODAY)) == 1
    assert counts.count_unplaced_effects(source, NORTH, Selection(side_effects=("bruising",), as_of=TODAY)) == 0
    assert counts.count_unplaced_effects(source, SOUTH, ALL) == 0


@pytest.mark.parametrize("unit", ["treatment", "area", "client"])
def test_unplaced_side_effects_are_counted_and_named_in_every_unit(source, unit):
    for areas in ((), ("forehead",)):
        found = counts.unplaced_effects(source, WHOLE_CLINIC, Selection(unit=unit, areas=areas, as_of=TODAY))
        assert as_rows(found) == [("headache", 1)]
        assert counts.count_unplaced_effects(source, WHOLE_CLINIC, Selection(unit=unit, areas=areas, as_of=TODAY)) == 1


def test_one_of_two_clients_asked_had_a_side_effect_and_the_third_volunteered_one(source):
    assert counted(source, Selection(unit="client", as_of=TODAY)) == [(1, 2, 1, 3, 0, 2, 5, 6)]


def test_the_last_treatment_is_in_follow_up_for_the_days_of_the_follow_up_window(source):
    for as_of, in_follow_up in ((date(2027, 1, 9), 1), (date(2027, 1, 10), 0)):
        found = counts.counts(source, WHOLE_CLINIC, Selection(as_of=as_of))
        assert found.in_follow_up.tolist() == [in_follow_up]


def test_no_treatments_are_counted_as_none(source):
    nobody = Selection(sites=("nowhere",), as_of=TODAY)
    assert counted(source, nobody) == [(0, 0, 0, 0, 0, 0, 0, 0)]
    assert counted(source, nobody, "site") == counted(source, nobody, "side_effect") == []
    assert client_sums(source, WHOLE_CLINIC, nobody) == {}
    assert daily(source, WHOLE_CLINIC, [nobody]) == [[]]


# In groups


def test_groups_stand_in_order_and_a_side_effect_of_one_site_is_a_zero_at_the_other(source):
    assert counted(source, ALL, "site", "side_effect") == [
        ("north", "bruising", 1, 2, 1, 3, 0, 2, 2, 2),
        ("north", "eyelid_ptosis", 2, 2, 0, 3, 0, 3, 2, 3),
        ("north", "headache", 1, 1, 0, 3, 0, 3, 1, 1),
        ("south", "bruising", 0, 0, 0, 2, 1, 2, 0, 0),
        ("south", "eyelid_ptosis", 0, 1, 0, 2, 1, 1, 0, 0),
        ("south", "headache", 0, 1, 0, 2, 1, 1, 0, 0),
    ]


def test_a_treatment_whose_checklist_left_out_a_side_effect_is_not_followed_up_for_it(source):
    assert counted(source, ALL, "side_effect") == [
        ("bruising", 1, 2, 1, 5, 1, 4, 2, 2),
        ("eyelid_ptosis", 2, 3, 0, 5, 1, 4, 2, 3),
        ("headache", 1, 2, 0, 5, 1, 4, 1, 1),
    ]
    # Ann was asked about headaches after another treatment, Bea never about bruises.
    assert counted(source, Selection(unit="client", as_of=TODAY), "side_effect") == [
        ("bruising", 1, 1, 1, 3, 0, 3, 2, 2),
        ("eyelid_ptosis", 1, 2, 0, 3, 0, 2, 2, 3),
        ("headache", 1, 2, 0, 3, 0, 2, 1, 1),
    ]


def test_a_side_effect_and_where_it_was_asked_about_keep_the_order_that_was_wanted(source):
    assert counted(source, ALL, "side_effect", "practitioner")[:3] == [
        ("bruising", "not told", 0, 0, 0, 1, 0, 1, 0, 0),
        ("eyelid_ptosis", "not told", 0, 1, 0, 1, 0, 0, 0, 0),
        ("headache", "not told", 0, 1, 0, 1, 0, 0, 0, 0),
    ]
    assert ("headache", "p1", 1, 1, 0, 2, 0, 2, 1, 1) in counted(source, ALL, "side_effect", "practitioner")


def test_a_viewer_of_one_site_is_told_of_that_site(source):
    assert counted(source, ALL, "side_effect", scope=NORTH) == [
        ("bruising", 1, 2, 1, 3, 0, 2, 2, 2),
        ("eyelid_ptosis", 2, 2, 0, 3, 0, 3, 2, 3),
        ("headache", 1, 1, 0, 3, 0, 3, 1, 1),
    ]
    assert counted(source, ALL, "side_effect", scope=SOUTH) == []


def test_an_area_has_the_side_effects_that_were_placed_there(source):
    assert counted(source, ALL, "area") == [
        ("forehead", 2, 2, 0, 3, 0, 3, 2, 3),
        ("glabella", 1, 1, 1, 2, 0, 2, 2, 2),
        ("masseter", 0, 1, 0, 1, 1, 0, 0, 0),
    ]


def test_a_product_has_the_side_effects_where_it_was_given_and_those_placed_nowhere(source):
    assert counted(source, ALL, "product") == [("botox", 2, 2, 1, 4, 0, 4, 5, 6), ("dysport", 1, 2, 0, 2, 1, 1, 1, 1)]
    assert counted(source, Selection(unit="client", as_of=TODAY), "product") == [
        ("botox", 1, 1, 1, 2, 0, 2, 5, 6),
        ("dysport", 1, 2, 0, 2, 0, 1, 1, 1),
    ]


def test_of_the_treatments_with_a_product_one_was_followed_by_a_side_effect(source):
    for its in ({"products": ("dysport",)}, {"lots": ("L3",)}):
        assert counted(source, Selection(**its, as_of=TODAY), "side_effect") == [
            ("eyelid_ptosis", 1, 2, 0, 2, 1, 1, 1, 1)
        ]


def test_a_treatment_counts_once_at_its_worst_grade_and_what_is_not_graded_stands_last(source):
    """Two of the three followed up had a side effect: the worst of one is of grade 1, that of the other of grade 2."""
    assert counted(source, ALL, "grade") == [
        (1, 1, 3, 1, 5, 1, 3, 3, 3),
        (2, 1, 3, 0, 5, 1, 3, 1, 2),
        (None, 0, 3, 0, 5, 1, 2, 1, 1),
    ]


def test_a_dimension_that_is_none_is_refused(source):
    for question in (counts.counts, client_sums):
        with pytest.raises(ValueError, match="'injector' is not one of date"):
            question(source, WHOLE_CLINIC, ALL, ("injector",))


# Clients behind a count


def spread(source, selection, *by):
    return client_sums(source, WHOLE_CLINIC, selection, by)


def summed(groups):
    """From each group's clients by (units followed up, those with the side effect)."""
    return {
        group: {
            "clients": sum(clients.values()),
            "treatments": sum(n * known for (known, _), n in clients.items()),
            "treatments_squared": sum(n * known**2 for (known, _), n in clients.items()),
            "events": sum(n * events for (_, events), n in clients.items()),
            "events_squared": sum(n * events**2 for (_, events), n in clients.items()),
            "products": sum(n * known * events for (known, events), n in clients.items()),
        }
        for group, clients in groups.items()
    }


def test_ann_was_treated_twice_with_a_side_effect_each_time_and_bea_once_without(source):
    assert spread(source, ALL) == summed({(): {(2, 2): 1, (1, 0): 1}})
    assert spread(source, Selection(unit="area", as_of=TODAY)) == summed({(): {(3, 3): 1, (1, 0): 1}})


def test_a_site_without_events_and_clients_who_were_not_asked_are_left_out(source):
    assert spread(source, ALL, "site") == summed({("north",): {(2, 2): 1}})
    assert spread(source, ALL, "practitioner") == summed({("p1",): {(2, 2): 1}})
    assert spread(source, ALL, "practitioner", "side_effect") == summed(
        {
            ("p1", "bruising"): {(2, 1): 1},
            ("p1", "eyelid_ptosis"): {(2, 2): 1},
            ("p1", "headache"): {(2, 1): 1},
        }
    )


def test_every_client_is_behind_the_count_of_every_side_effect(source):
    assert spread(source, ALL, "side_effect") == summed(
        {
            ("bruising",): {(2, 1): 1, (1, 0): 1},
            ("eyelid_ptosis",): {(2, 2): 1, (1, 0): 1},
            ("headache",): {(2, 1): 1, (1, 0): 1},
        }
    )
    assert spread(source, ALL, "site", "side_effect") == summed(
        {
            ("north", "bruising"): {(2, 1): 1},
            ("north", "eyelid_ptosis"): {(2, 2): 1},
            ("north", "headache"): {(2, 1): 1},
        }
    )


# Day by day


def daily(source, scope, selections):
    return [count_days(outcomes) for outcomes in known_outcomes(source, scope, selections)]


@pytest.mark.parametrize(
    ("filters", "days"),
    [
        ({}, [(JANUARY, 1, 2), (APRIL, 1, 1)]),
        ({"unit": "area"}, [(JANUARY, 2, 3), (APRIL, 1, 1)]),
        # Ann's forehead was given two lots of it on one day, and is one treated area.
        ({"unit": "area", "products": ("botox",)}, [(JANUARY, 2, 2), (APRIL, 1, 1)]),
        ({"unit": "area", "lots": ("L1",), "side_effects": ("headache",)}, [(JANUARY, 0, 2)]),
        ({"areas": ("glabella",)}, [(JANUARY, 1, 1)]),
        ({"areas": ("masseter",)}, [(JANUARY, 0, 1)]),
        ({"products": ("dysport",)}, [(JANUARY, 0, 1), (APRIL, 1, 1)]),
        ({"lots": ("L2",)}, [(JANUARY, 1, 1), (APRIL, 1, 1)]),
        ({"side_effects": ("headache",)}, [(JANUARY, 1, 2)]),
    ],
)
def test_every_day_with_a_follow_up_is_counted_for_each_of_several_selections(source, filters, days):
    asked, everything = Selection(**filters, as_of=TODAY), Selection(unit=filters.get("unit", "treatment"), as_of=TODAY)
    (all_days,) = daily(source, WHOLE_CLINIC, [everything])
    assert daily(source, WHOLE_CLINIC, [asked]) == [days]
    assert daily(source, WHOLE_CLINIC, [everything, asked, everything]) == [all_days, days, all_days]
    assert daily(source, WHOLE_CLINIC, [asked, everything]) == [days, all_days]


def test_outcomes_of_treatments_and_of_areas_are_given_in_the_order_asked(source):
    wanted = [Selection(unit=unit, as_of=TODAY) for unit in ("area", "treatment", "area")]
    days = [(JANUARY, 2, 3), (APRIL, 1, 1)], [(JANUARY, 1, 2), (APRIL, 1, 1)]
    assert daily(source, WHOLE_CLINIC, wanted) == [days[0], days[1], days[0]]
    assert daily(source, SOUTH, [ALL]) == [[(JANUARY, 0, 1)]]


# How it was heard, scores, what filters offer


def test_what_a_client_volunteers_is_heard_though_the_follow_up_was_declined(source):
    heard = counts.followed_up_by(source, WHOLE_CLINIC, ALL)
    assert as_rows(heard) == [
        ("checklist", 2),
        ("not_due", 1),
        ("not_reached", 1),
        ("open", 1),
        ("volunteered", 1),
    ]
    assert as_rows(counts.followed_up_by(source, SOUTH, ALL, ("site", "practitioner"))) == [
        ("south", "not told", "open", 1),
        ("south", "p2", "not_due", 1),
        ("south", "p2", "not_reached", 1),
    ]
    of_lot = counts.followed_up_by(source, WHOLE_CLINIC, Selection(lots=("L2",), as_of=TODAY))
    assert as_rows(of_lot) == [("checklist", 2)]


def test_scores_are_of_all_units_of_a_product_at_the_treatment_and_those_of_no_dose_told_stand_last(source):
    assert as_rows(counts.scores(source, WHOLE_CLINIC, ALL)) == [
        ("botox", 20, "movement", 14, 1, 3),
        ("botox", 35, "movement", 14, 1, 1),
        ("botox", None, "movement", 0, 1, 2),
        ("dysport", 30, "movement", 14, 1, 3),
        ("dysport", 50, "movement", 0, 2, 3),
        ("dysport", 50, "movement", 14, 1, 2),
    ]
    assert as_rows(counts.scores(source, NORTH, Selection(areas=("glabella",), as_of=TODAY))) == [
        ("botox", 10, "movement", 14, 1, 1),
        ("botox", None, "movement", 0, 1, 2),
    ]


def test_filters_offer_what_this_viewer_may_see_and_what_is_not_told_last(source):
    assert counts.dimension_values(source, WHOLE_CLINIC, "lot") == ["L1", "L2", "L3", "not told"]
    assert counts.dimension_values(source, SOUTH, "area") == ["forehead", "masseter"]
    assert counts.dimension_values(source, NORTH, "practitioner") == ["p1", "p2"]
    assert counts.dimension_values(source, NORTH, "grade") == [1, 2, None]
    assert counts.dimension_values(source, SOUTH, "side_effect") == []


def test_the_span_is_that_of_the_treatments_this_viewer_may_see(source):
    assert counts.date_range(source, WHOLE_CLINIC) == (date(2026, 1, 10), date(2026, 12, 20))
    assert counts.date_range(source, NORTH) == (date(2026, 1, 10), date(2026, 4, 10))
    assert counts.date_range(source, Scope(practitioners=frozenset({"nobody"}))) is None
