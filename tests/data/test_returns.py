"""How long the effect itself lasts by the scores of follow-ups, counted by hand."""

from datetime import date, datetime, timedelta

from sqlalchemy import insert

from data import exposure, mirror
from data.database import writing
from data.scope import WHOLE_CLINIC, Scope
from data.selection import Selection
from data.source import records_source
from models import records

TREATED = date(2026, 1, 1)

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
    with writing(engine) as connection:

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
    found = exposure.returns(source, scope, Selection(as_of=date(2026, 12, 31)))
    return {(r.scale, r.area): (r.days.tolist(), r.returned.tolist(), r.no_effect) for r in found}


def test_the_effect_ends_at_the_first_score_of_return_after_it_showed(sqlite_engine):
    """1: day 120, not the full movement before the effect began; 2: not by the last score, day 100; 3: never showed;
    4: day 130, for both of its areas."""
    _store(sqlite_engine)
    for source in (records_source(sqlite_engine), mirror.fill(sqlite_engine)[1]):
        assert _returns(source) == {
            ("movement", "forehead"): ([130], [True], 0),
            ("movement", "glabella"): ([120, 100, 130], [True, False, True], 1),
        }


def test_a_scale_that_does_not_say_when_the_effect_is_gone_tells_no_end(sqlite_engine):
    _store(sqlite_engine)
    assert not any(scale == "twstrs" for scale, _ in _returns(records_source(sqlite_engine)))


def test_scores_of_another_site_are_not_read(sqlite_engine):
    _store(sqlite_engine)
    assert _returns(records_source(sqlite_engine), Scope(sites=frozenset({"south"}))) == {}
