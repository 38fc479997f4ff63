"""How long the effect itself lasts by the scores of follow-ups, and how soon clients came back: by hand, by loops."""

from datetime import date, datetime, timedelta

from hypothesis import given
from sqlalchemy import insert, select

from data.analysis import columnar_copy
from data.analysis.query_builder import records_source
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.selection import Selection
from data.database.engine import write_transaction
from data.summaries import time_to_event
from models import codelist, records
from tests.data.analysis.test_counts import clinics, database, scopes, selections, store  # noqa: F401
from tests.laws import examples

TREATED = date(2026, 1, 1)
NEVER = time_to_event.NO_EFFECT_SHOWN

# Treatment, areas, scale, score by day after it. Movement counts as back from 2 (most of it).
SCORES = """
1 glabella          movement 0:3,14:0,90:1,120:2,150:3
2 glabella          movement 14:1,100:1
3 glabella          movement 14:3,100:3
4 forehead,glabella movement 10:2,20:0,130:3
5 forehead          twstrs   0:43,14:20,100:40
"""


def _store(engine):
    origin = {"source": "hand", "import_batch_id": 1}
    with write_transaction(engine) as connection:

        def add(record, **row):
            connection.execute(insert(record), row)

        counted = {"rows_read": 0, "rows_stored": 0, "rows_unchanged": 0, "rows_refused": 0}
        made = {"made_at": datetime(2026, 1, 1), "source": "hand", "format": "hand", "files": ""}
        add(records.ImportBatch, id=1, **made, **counted)
        add(records.Site, id=1, code="north")
        add(records.Product, id=1, code="botox", label="Botox")
        for line in SCORES.strip().splitlines():
            number, areas, scale, scores = line.split()
            add(records.Client, id=int(number), key=number)
            add(records.Treatment, id=int(number), client_id=int(number), site_id=1, date=TREATED, source_id=number,
                **origin)  # fmt: skip
            for area in areas.split(","):
                add(records.Injection, treatment_id=int(number), area=area, product_id=1, units=10.0)
            for score in scores.split(","):
                day, value = map(int, score.split(":"))
                add(records.FollowUp, treatment_id=int(number), date=TREATED + timedelta(days=day), outcome="done",
                    score=float(value), scale=scale, source_id=f"{number}-{day}", **origin)  # fmt: skip


def _returns(source, scope=WHOLE_CLINIC):
    found = time_to_event.effect_end_times(source, scope, Selection(as_of=date(2026, 12, 31)))
    return {
        key: sorted(zip(rows.days, rows.occurred, rows.treatments, strict=True))
        for key, rows in found.groupby(["scale", "area"])
    }


def test_the_effect_ends_at_the_first_score_of_return_after_it_showed(sqlite_engine):
    """1: day 120, not the full movement before the effect began; 2: not by the last score, day 100; 3: never showed;
    4: day 130, for both of its areas."""
    _store(sqlite_engine)
    for source in (records_source(sqlite_engine), columnar_copy.build_copy(sqlite_engine)[1]):
        assert _returns(source) == {
            ("movement", "forehead"): [(130, True, 1)],
            ("movement", "glabella"): [(NEVER, False, 1), (100, False, 1), (120, True, 1), (130, True, 1)],
        }


def test_a_scale_that_does_not_say_when_the_effect_is_gone_tells_no_end(sqlite_engine):
    _store(sqlite_engine)
    assert not any(scale == "twstrs" for scale, _ in _returns(records_source(sqlite_engine)))


def test_scores_of_another_site_are_not_read(sqlite_engine):
    _store(sqlite_engine)
    assert _returns(records_source(sqlite_engine), Scope(sites=frozenset({"south"}))) == {}


# By plain loops over the treated areas and scores of random clinics


def _selected(source, scope, selection):
    """Rows of treated areas, one for each injected product and lot, that the viewer may see and asked for."""
    for row in source.fetch_rows(select(*source.treated_areas.c)):
        if scope.sites is not None and row.site not in scope.sites:
            continue
        if scope.practitioners is not None and row.practitioner not in scope.practitioners:
            continue
        wanted = (
            (selection.sites, row.site),
            (selection.practitioners, row.practitioner),
            (selection.areas, row.area),
            (selection.products, row.product),
            (selection.lots, row.lot),
        )
        visit = selection.first_visit is None or row.first_visit == selection.first_visit
        after = not selection.from_date or row.date >= selection.from_date
        before = not selection.to_date or row.date <= selection.to_date
        if visit and after and before and all(not values or value in values for values, value in wanted):
            yield row


def _came_back(source, scope, selection):
    everyone = list(_selected(source, scope, Selection()))
    visits = {}
    for row in everyone:
        if not row.touch_up:
            visits.setdefault((row.client_id, row.area, row.date), []).append(row.treatment_id)
    found = set()
    for row in _selected(source, scope, selection):
        at = (row.client_id, row.area, row.date)
        if row.date < selection.as_of and at in visits and min(visits[at]) == row.treatment_id:
            later = [day for client, area, day in visits if (client, area) == at[:2] and day > row.date]
            back = min(later, default=None)
            came = back is not None and back <= selection.as_of
            days = ((back if came else selection.as_of) - row.date).days
            found.add((row.product, row.area, row.treatment_id, days, came))
    return _grouped((key, days, came) for *key, _, days, came in found)


def _over(source, scope, selection):
    found, scores_told = set(), source.fetch_rows(select(source.follow_ups))
    for row in _selected(source, scope, selection):
        courses = {}
        for score in scores_told:
            if score.score is not None and score.treatment_id == row.treatment_id and score.day >= 0:
                courses.setdefault(score.scale, []).append((score.day, score.score))
        for scale, scores in courses.items():
            listed = codelist.score_scales()[scale]
            gone = [(day, score >= listed.returned_from) for day, score in sorted(set(scores))]
            shown = next((at for at, (_, is_gone) in enumerate(gone) if not is_gone), None)
            end = (None, False)
            if shown is not None:
                end = next(((day, True) for day, is_gone in gone[shown:] if is_gone), (gone[-1][0], False))
            found.add((scale, row.product, row.area, row.treatment_id, *end))
    return _grouped((key, days, back) for *key, _, days, back in found)


def _grouped(found):
    groups = {}
    for key, *end in found:
        groups.setdefault(tuple(key), []).append(tuple(end))
    return {key: sorted(ends, key=str) for key, ends in groups.items()}


@examples(12)
@given(clinics(), scopes, selections)
def test_both_equal_plain_loops_on_the_records_and_on_the_copy(database, rows, scope, selection):  # noqa: F811
    store(database, rows)
    for source in (records_source(database), columnar_copy.build_copy(database)[1]):
        came_back = time_to_event.retreatment_times(source, scope, selection)
        assert _expanded(came_back, ["product", "area"]) == _came_back(source, scope, selection)
        ended = time_to_event.effect_end_times(source, scope, selection)
        assert _expanded(ended, ["scale", "product", "area"]) == _over(source, scope, selection)


def _expanded(times, by):
    """One (days, occurred) per treatment of each group."""
    return {
        key: sorted((end for *end, n in _ends(rows) for end in [tuple(end)] * n), key=str)
        for key, rows in times.groupby(by)
    }


def _ends(rows):
    for row in rows.itertuples():
        yield None if row.days == NEVER else row.days, row.occurred, row.treatments
