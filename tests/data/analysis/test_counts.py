"""Every count is made a second time here, by plain loops over plain rows, on records drawn at random."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, insert, select
from sqlalchemy.pool import StaticPool

from data.analysis import cases, treatments
from data.analysis import counts as queries
from data.analysis.clustering import client_sums
from data.analysis.frames import as_rows
from data.analysis.outcomes import KnownOutcomes, known_outcomes, treatment_outcomes
from data.analysis.query_builder import records_source
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.selection import DIMENSIONS, EFFECT_DIMENSIONS, Selection
from models import codelist, records
from models.records import Record
from tests.laws import examples

DAY_ZERO = date(2026, 1, 1)
AS_OF = DAY_ZERO + timedelta(days=300)
TERMS = ["eyelid_ptosis", "brow_ptosis", "headache", "bruising", "dysphagia", "NAUSEA"]
AREAS = ["forehead", "glabella", "masseter", None]
CONTACT_DAYS = [-1, 0, 1, 6, 7, 9, 10, 14, 40]
ASKED_FROM = {"eyelid_ptosis": 10, "brow_ptosis": 10, "headache": 7, "bruising": 1, "dysphagia": 10, "NAUSEA": 7}
FAMILY_ASKED_FROM = {"nearby_weakness": 10, "generalised_weakness": 10, "injection_site": 1, "general": 7, "GASTRO": 7}

# Random clinics: plain rows, as they would be stored


def days(low=0, high=280):
    return st.integers(low, high).map(lambda n: DAY_ZERO + timedelta(days=n))


@st.composite
def clinics(draw):
    """Rows per table: few clients, so that treatments, effects and notes of one client meet in all orders."""
    rows = defaultdict(list)
    rows["import_batch"] = [
        _batch(1, draw(st.sampled_from([120, 30])), "template"),
        _batch(2, None, "sdtm"),
    ]
    rows["site"] = [{"id": 1, "code": "north"}, {"id": 2, "code": "south"}]
    rows["practitioner"] = [{"id": 1, "code": "ann"}, {"id": 2, "code": "ben"}]
    rows["product"] = [{"id": 1, "code": "botox", "label": "B"}, {"id": 2, "code": "dysport", "label": "D"}]
    rows["lot"] = [{"id": 1, "product_id": 1, "number": "L1"}, {"id": 2, "product_id": 2, "number": "L1"}]
    rows["client"] = [{"id": n, "key": f"c{n}"} for n in range(1, draw(st.integers(1, 4)) + 1)]
    rows["term"] = [{"id": 1, "code": "NAUSEA", "label": "NAUSEA", "family": "GASTRO", "dictionary": "given"}]
    client = st.integers(1, len(rows["client"]))
    for number in range(1, draw(st.integers(0, 6)) + 1):
        rows["treatment"].append(
            _stored(
                number,
                client_id=draw(client),
                site_id=draw(st.integers(1, 2)),
                practitioner_id=draw(st.sampled_from([1, 2, None])),
                date=draw(st.one_of(days(), st.sampled_from([t["date"] for t in rows["treatment"]] or [DAY_ZERO]))),
                touch_up_of_id=draw(st.sampled_from([None, None, *range(1, number)])),
            )
        )
        for _ in range(draw(st.integers(0, 3))):
            product = draw(st.integers(1, 2))
            rows["injection"].append(
                {
                    "id": len(rows["injection"]) + 1,
                    "treatment_id": number,
                    "area": draw(st.sampled_from(AREAS)),
                    "product_id": product,
                    "lot_id": draw(st.sampled_from([None, product])),
                    "units": draw(st.sampled_from([None, *map(float, range(1, 41))])),
                }
            )
        for _ in range(draw(st.integers(0, 2))):
            follow_up = len(rows["follow_up"]) + 1
            rows["follow_up"].append(
                _stored(
                    follow_up,
                    treatment_id=number,
                    date=rows["treatment"][-1]["date"] + timedelta(days=draw(st.sampled_from(CONTACT_DAYS))),
                    outcome=draw(st.sampled_from(["done", "done", "not_reached", "declined", "not_due"])),
                    asked=draw(st.sampled_from(["checklist", "open", "volunteered", None])),
                    batch=draw(st.sampled_from([1, 1, 1, 2])),
                    score=draw(st.sampled_from([None, 1.0, 2.5])),
                    scale="movement",
                )
            )
            for term in draw(st.lists(st.sampled_from(TERMS[:2]), unique=True, max_size=2)):
                rows["not_asked"].append({"id": len(rows["not_asked"]) + 1, "follow_up_id": follow_up, "term": term})
    for number in range(1, draw(st.integers(0, 8)) + 1):
        _add_side_effect(draw, rows, number, client)
    for number in draw(st.lists(st.integers(1, 8), unique=True, max_size=1)):
        if number <= len(rows["side_effect"]):
            complete = draw(st.booleans())
            rows["case_review"].append({"id": number, "side_effect_id": number, "date": AS_OF, "is_complete": complete})
    return rows


def _add_side_effect(draw, rows, number, client):
    named = draw(st.sampled_from([*rows["treatment"], None]))
    first = draw(st.one_of(days(), days(), st.none()))
    if named and first and first < named["date"]:
        first = named["date"]
    last = first and first + timedelta(days=draw(st.sampled_from([0, 0, 25])))
    rows["side_effect"].append(
        _stored(
            number,
            client_id=named["client_id"] if named else draw(client),
            treatment_id=named and named["id"],
            area=draw(st.sampled_from(AREAS)),
            term=draw(st.sampled_from(TERMS)),
            onset_first=first,
            onset_last=last,
            serious=draw(st.sampled_from([None, None, "hospitalisation", "death;hospitalisation"])),
            came_to_light=draw(st.sampled_from([None, "asked", "volunteered", "found"])),
            batch=draw(st.sampled_from([1, 1, 2])),
        )
    )
    contact_dates = st.sampled_from([f["date"] for f in rows["follow_up"]] or [DAY_ZERO])
    earlier = {}  # of this side effect: day -> number in its source
    for _ in range(draw(st.integers(0, 3))):
        note, day = len(rows["status"]) + 1, draw(st.one_of(days(0, 300), contact_dates))
        same_row = draw(st.booleans()) and day not in earlier and earlier
        earlier[day] = min(earlier.values()) if same_row else draw(st.sampled_from([str(note), str(note), ""]))
        if [day, earlier[day]] in [
            [n["date"], n["source_id"]] for n in rows["status"] if n["side_effect_id"] == number
        ]:
            earlier[day] = str(note)
        rows["status"].append(
            {
                "id": note,
                "side_effect_id": number,
                "date": day,
                "state": draw(st.sampled_from(["present", "gone", "unknown"])),
                "last_day": draw(st.one_of(st.none(), st.none(), days(100, 300))),
                "grade": draw(st.sampled_from([None, 1, 1, 2, 2, 3, 5])),
                "source_id": earlier[day],
                "import_batch_id": 1,
            }
        )


def _stored(number, batch=1, **row):
    return {"id": number, "source": "drawn", "source_id": str(number), "import_batch_id": batch, **row}


def _batch(number, attribution_days, format_):
    counted = {"rows_read": 0, "rows_stored": 0, "rows_unchanged": 0, "rows_refused": 0}
    made = {"made_at": datetime(2026, 1, 1), "source": "drawn", "format": format_, "files": ""}
    return {"id": number, "attribution_days": attribution_days, **made, **counted}


FILTERS = {
    "from_date": days(0, 200),
    "to_date": days(100, 280),
    "sites": st.just(("north",)),
    "practitioners": st.just(("ann", "not told")),
    "areas": st.sampled_from([("forehead",), ("forehead", "glabella")]),
    "products": st.just(("botox",)),
    "lots": st.just(("L1",)),
    "first_visit": st.booleans(),
    "side_effects": st.sampled_from([("eyelid_ptosis", "NAUSEA"), ("bruising",), ("eyelid_ptosis", "brow_ptosis")]),
    "any_checklist": st.just(True),
    "families": st.just(("nearby_weakness", "GASTRO")),
    "least_grade": st.just(2),
    "grades": st.just((1, 3)),
    "open": st.booleans(),
    "placed": st.booleans(),
    "red_flag": st.just(True),
}


@st.composite
def _selections(draw):
    """Few filters at a time: with many there is nobody left to count."""
    names = draw(st.lists(st.sampled_from(sorted(FILTERS)), unique=True, max_size=2))
    unit = draw(st.sampled_from(["treatment", "area", "client"]))
    return Selection(**{name: draw(FILTERS[name]) for name in names}, unit=unit, as_of=AS_OF)


selections = _selections()
scopes = st.sampled_from(
    [WHOLE_CLINIC, WHOLE_CLINIC, Scope(sites=frozenset({"south"})), Scope(practitioners=frozenset({"ann"}))]
)
dimensions = st.lists(
    st.sampled_from(
        ["month", "quarter", "year", "site", "practitioner", "first_visit", "area_set", "how_asked", "area",
         "product", "lot", "side_effect", "family", "grade"]
    ),
    unique=True,
    max_size=3,
)  # fmt: skip


# The naive count


class Naive:
    def __init__(self, rows, scope, selection):
        self.rows, self.scope, self.selection = rows, scope, selection
        self.treatment = {t["id"]: t for t in rows["treatment"]}
        self.code = {
            kind: {None: "not told", **{r["id"]: r["code"] for r in rows[kind]}}
            for kind in ("site", "practitioner", "product")
        }
        self.lot = {None: "not told", **{r["id"]: r["number"] for r in rows["lot"]}}
        self.family_given = {t["code"]: t["family"] for t in rows["term"]}
        self.effects = [self._episode(s) for s in rows["side_effect"]]

    # one episode

    def _episode(self, s):
        batch = next(b for b in self.rows["import_batch"] if b["id"] == s["import_batch_id"])
        notes = sorted((n for n in self.rows["status"] if n["side_effect_id"] == s["id"]), key=_when)
        visits = sorted((t for t in self.treatment.values() if t["client_id"] == s["client_id"]), key=_when)
        contacts = [
            f["date"]
            for f in self.rows["follow_up"]
            if f["outcome"] == "done" and self.treatment[f["treatment_id"]]["client_id"] == s["client_id"]
        ]
        own = {e["id"] for e in self.rows["side_effect"] if e["client_id"] == s["client_id"]}
        heard = contacts + [n["date"] for n in self.rows["status"] if n["side_effect_id"] in own]
        treatment, attribution, aside = self._belongs_to(s, notes, visits, batch)
        onset, treated_on = s["onset_first"], treatment and treatment["date"]
        if onset and treatment and onset < treated_on <= _latest_onset(s, notes):
            onset = treated_on
        course = _course(s, notes, onset, batch, contacts, heard)
        places = {i["area"] for i in self.rows["injection"] if treatment and i["treatment_id"] == treatment["id"]}
        ours = codelist.side_effects().get(s["term"])
        return course | {
            "id": s["id"],
            "client": s["client_id"],
            "treatment": treatment and treatment["id"],
            "attribution": attribution,
            "aside": aside,
            "placed": s["area"] if s["area"] in places else None,
            "side_effect": s["term"],
            "family": ours.family if ours else self.family_given[s["term"]],
            "grade": max((n["grade"] for n in notes if n["grade"]), default=None),
            "reports": max(1, len({n["source_id"] or n["id"] for n in notes})),
            "onset": onset,
        }

    def _belongs_to(self, s, notes, visits, batch):
        """(treatment, attribution, aside)"""
        if s["treatment_id"]:
            return self.treatment[s["treatment_id"]], "named", None
        latest, limit = _latest_onset(s, notes), batch["attribution_days"]
        if latest is None:
            return None, None, "onset not told"

        def soon_enough(treatment, day):
            return limit is None or day is None or (day - treatment["date"]).days <= limit

        candidates = [t for t in visits if t["date"] <= latest and soon_enough(t, s["onset_first"])]
        of_area = [t for t in candidates if s["area"] and s["area"] in self.areas(t)]
        how = "latest" if s["area"] is None else "area" if of_area else "area not treated"
        if best := self._of_latest_day(of_area or candidates):
            return best[0], "ambiguous" if len(best) > 1 else how, None
        worsened = []
        for t in visits:
            before = [n["grade"] for n in notes if n["grade"] and n["date"] <= t["date"]]
            after = [n["grade"] for n in notes if n["grade"] and n["date"] > t["date"] and soon_enough(t, n["date"])]
            if t["date"] > latest and before and after and max(after) > max(before):
                worsened.append(t)
        of_area = [t for t in worsened if s["area"] and s["area"] in self.areas(t)]
        if best := self._of_latest_day(of_area or worsened):
            return best[0], "worsened", None
        is_early = not visits or latest < visits[0]["date"]
        return None, None, "before the first treatment" if is_early else "too long after"

    @staticmethod
    def _of_latest_day(treatments):
        """Those of the latest day, the smallest record number first."""
        return [t for t in sorted(treatments, key=_when) if t["date"] == max(u["date"] for u in treatments)]

    # one treatment

    def known(self, treatment):
        followed = any(f["treatment_id"] == treatment and f["outcome"] == "done" for f in self.rows["follow_up"])
        return followed or any(e["treatment"] == treatment for e in self.effects)

    def asked_days(self, treatment, term=None):
        """The days after the treatment on which the clinic asked: about this side effect, if one is given."""
        days = []
        for f in self.rows["follow_up"]:
            if f["treatment_id"] != treatment or not self._is_asked(f):
                continue
            if not any(u["follow_up_id"] == f["id"] and u["term"] == term for u in self.rows["not_asked"]):
                days.append(self._asked_day(f))
        return days

    def _asked_day(self, f):
        day = (f["date"] - self.treatment[f["treatment_id"]]["date"]).days
        return max(day, 10) if f["import_batch_id"] == 2 else day  # batch 2 observes continuously

    def _is_asked(self, f):
        if f["outcome"] != "done" or f["asked"] == "volunteered":
            return False
        heard_first = [
            min((n["date"] for n in self.rows["status"] if n["side_effect_id"] == s["id"]), default=None)
            for s, e in zip(self.rows["side_effect"], self.effects, strict=True)
            if e["treatment"] == f["treatment_id"] and s["came_to_light"] in ("volunteered", "found")
        ]
        return f["asked"] is not None or f["date"] not in heard_first

    def asked(self, treatment, named):
        """Whether this was asked late enough. `named`: the side effect or family that is counted, if any."""
        s = self.selection
        if "side_effect" in named:
            days = self.asked_days(treatment, named["side_effect"])
            return any(day >= ASKED_FROM[named["side_effect"]] for day in days)
        if "family" in named and not s.side_effects:
            return any(day >= FAMILY_ASKED_FROM[named["family"]] for day in self.asked_days(treatment))
        terms = [None] if s.any_checklist else [None, *s.side_effects]
        return all(any(day >= self.asked_from for day in self.asked_days(treatment, term)) for term in terms)

    @property
    def asked_from(self):
        s = self.selection
        return max([ASKED_FROM[term] for term in s.side_effects] or [FAMILY_ASKED_FROM[f] for f in s.families] or [10])

    def known_of(self, treatment, term):
        """As the report has always counted: also if the client only volunteered, but not if nobody asked."""
        done = [f["id"] for f in self.rows["follow_up"] if f["treatment_id"] == treatment and f["outcome"] == "done"]
        left_out = {u["follow_up_id"] for u in self.rows["not_asked"] if u["term"] == term}
        on_record = any(e["treatment"] == treatment and e["side_effect"] == term for e in self.effects)
        never_asked = left_out & set(done) and not self.asked_days(treatment, term)
        return self.known(treatment) and (on_record or not never_asked)

    def described(self, t):
        first = min((v for v in self.treatment.values() if v["client_id"] == t["client_id"]), key=_when)
        return {
            "treatment": t["id"],
            "client": t["client_id"],
            "date": t["date"],
            "month": t["date"].year * 100 + t["date"].month,
            "quarter": t["date"].year * 10 + (t["date"].month + 2) // 3,
            "year": t["date"].year,
            "site": self.code["site"][t["site_id"]],
            "practitioner": self.code["practitioner"][t["practitioner_id"]],
            "first_visit": t["id"] == first["id"],
            "area_set": self.area_set(t),
            "how_asked": self.how_asked(t["id"]),
            "known": self.known(t["id"]),
        }

    def how_asked(self, treatment):
        """By checklist, with an open question, or not recorded: whichever comes first here, and late enough."""
        contacts = [f for f in self.rows["follow_up"] if f["treatment_id"] == treatment and self._is_asked(f)]
        ways = {f["asked"] or "not_recorded" for f in contacts if self._asked_day(f) >= self.asked_from}
        return next((way for way in ("checklist", "open", "not_recorded") if way in ways), None)

    def area_set(self, t):
        """The first treatment of the same listed areas; 0 without any."""
        listed = self.areas(t) & codelist.areas().keys()
        same = [v["id"] for v in self.treatment.values() if self.areas(v) & codelist.areas().keys() == listed]
        return min(same) if listed else 0

    def areas(self, t):
        return {i["area"] for i in self.rows["injection"] if i["treatment_id"] == t["id"]}

    def places(self, t):
        seen = {}
        for i in self.rows["injection"]:
            if i["treatment_id"] == t["id"]:
                place = (i["area"] or "not told", self.code["product"][i["product_id"]], self.lot[i["lot_id"]])
                seen[place] = {**self.described(t), **dict(zip(("area", "product", "lot"), place, strict=True))}
        return list(seen.values())

    # what was asked for

    def base(self, by):
        chosen = [t for t in self.treatment.values() if self._wanted(self.described(t))]
        per_place = self.selection.unit == "area" or {"area", "product", "lot"} & set(by)
        if per_place:
            return [p for t in chosen for p in self.places(t) if self._injected_with(p)]
        filtered = self.selection.areas or self.selection.products or self.selection.lots
        return [
            self.described(t) for t in chosen if not filtered or any(self._injected_with(p) for p in self.places(t))
        ]

    def _wanted(self, t):
        s, scope = self.selection, self.scope
        return (
            (scope.sites is None or t["site"] in scope.sites)
            and (scope.practitioners is None or t["practitioner"] in scope.practitioners)
            and (not s.from_date or t["date"] >= s.from_date)
            and (not s.to_date or t["date"] <= s.to_date)
            and (not s.sites or t["site"] in s.sites)
            and (not s.practitioners or t["practitioner"] in s.practitioners)
            and (s.first_visit is None or t["first_visit"] == s.first_visit)
        )

    def _injected_with(self, place):
        s = self.selection
        return (
            (not s.areas or place["area"] in s.areas)
            and (not s.products or place["product"] in s.products)
            and (not s.lots or place["lot"] in s.lots)
        )

    def unit(self, row):
        unit = self.selection.unit
        return (row["treatment"], row["area"]) if unit == "area" else row[unit]

    def of_interest(self, row, by):
        s = self.selection
        for e in self.effects:
            if e["treatment"] != row["treatment"]:
                continue
            if "area" in row and not (
                e["placed"] == row["area"] or (e["placed"] is None and s.unit != "area" and "area" not in by)
            ):
                continue
            if (
                (not s.side_effects or e["side_effect"] in s.side_effects)
                and (not s.families or e["family"] in s.families)
                and (s.least_grade is None or (e["grade"] or 0) >= s.least_grade)
                and (not s.grades or e["grade"] in s.grades)
                and (s.open is None or e["ended"] != s.open)
                and (s.placed is None or (e["placed"] is not None) == s.placed)
                and (not s.red_flag or self._to_review(e))
            ):
                yield e

    def _to_review(self, e):
        ours = codelist.side_effects().get(e["side_effect"])
        reviewed = any(r["side_effect_id"] == e["id"] and r["is_complete"] for r in self.rows["case_review"])
        return ours is not None and ours.red_flag is not None and not reviewed

    def counts(self, by):
        outer = [name for name in by if name not in ("side_effect", "family", "grade")]
        inner = [name for name in by if name in ("side_effect", "family", "grade")]
        base = self.base(outer)
        pairs = [(row, e) for row in base for e in self.of_interest(row, by)]
        effects = {tuple(e[name] for name in inner) for _, e in pairs} if inner else {()}
        result = {}
        for group in {tuple(row[name] for name in outer) for row in base} or ({()} if not outer else set()):
            rows = [row for row in base if tuple(row[name] for name in outer) == group]
            for effect in effects:
                hits = [
                    (row, e)
                    for row, e in pairs
                    if tuple(row[name] for name in outer) == group and tuple(e[name] for name in inner) == effect
                ]
                named = dict(zip((*outer, *inner), group + effect, strict=True))
                term = named.get("side_effect")
                past = [r for r in rows if r["date"] <= AS_OF - timedelta(days=21)]
                asked = [r for r in past if self.asked(r["treatment"], named)]
                unasked = [r for r in past if not self.asked(r["treatment"], named)]
                worst = self.at_worst_grade(
                    hits, [p for p in pairs if self._differs_by_grade(p, group, named, outer)], named
                )
                affected = {self.unit(r) for r, _ in worst if r in past}
                events = {self.unit(r) for r, _ in worst if r in asked}
                if self.selection.unit == "client":
                    possible = affected | {self.unit(r) for r in unasked}
                else:
                    possible = events | {self.unit(r) for r in unasked}
                    possible |= {self.unit(r) for r in asked if self._may_have(r, by, effect, inner)}
                episodes = {e["id"]: e for _, e in hits}
                units, total = ({self.unit(r) for r in some} for some in (rows, past))
                known = {self.unit(r) for r in rows if r["known"]}
                if term:
                    known = {self.unit(r) for r in rows if self.known_of(r["treatment"], term)}
                result[tuple((name, named[name]) for name in by)] = (
                    len(units),
                    len(events),
                    len({self.unit(r) for r in asked}),
                    len(affected) - len(events),
                    len(total),
                    len(units) - len(total),
                    len(possible),
                    len(known),
                    len(episodes),
                    sum(e["reports"] for e in episodes.values()),
                )
        return result

    @staticmethod
    def _differs_by_grade(pair, group, named, outer):
        """Whether a pair is of the same group, whatever its grade."""
        row, e = pair
        inner = [name for name in named if name in ("side_effect", "family")]
        return tuple(row[name] for name in outer) == group and all(e[name] == named[name] for name in inner)

    def at_worst_grade(self, hits, alike, named):
        """By grade, each unit counts once, at its worst one: first of what was asked about, then of what is past."""
        if "grade" not in named:
            return hits

        def rank(pair):
            row, e = pair
            past = row["date"] <= AS_OF - timedelta(days=21)
            return (past and self.asked(row["treatment"], named), past, e["grade"] or 0)

        return [
            pair for pair in hits if rank(pair) == max(rank(p) for p in alike if self.unit(p[0]) == self.unit(pair[0]))
        ]

    def _may_have(self, row, by, effect, inner):
        """Per area: whether the treatment has the side effect in an area not recorded, or not treated."""
        if self.selection.unit != "area" and "area" not in by:
            return False
        anywhere = {name: value for name, value in row.items() if name != "area"}
        wanted = [e for e in self.of_interest(anywhere, by) if tuple(e[name] for name in inner) == effect]
        return any(e["placed"] is None for e in wanted) and not any(e["placed"] == row["area"] for e in wanted)

    def client_sums(self, by):
        """Per group with an event: sums over its clients of their followed-up units and of those with an event."""
        inner = [name for name in by if name in ("side_effect", "family", "grade")]
        outer = [name for name in by if name not in inner]
        base = self.base(outer)
        result = {}
        for row, e in [(place, e) for place in base for e in self.of_interest(place, by)]:
            group, effect = tuple(row[name] for name in outer), tuple(e[name] for name in inner)
            named = dict(zip(inner, effect, strict=True))
            hit_of = self.asked_overlooking_checklists(named)
            rows = [r for r in base if tuple(r[name] for name in outer) == group and hit_of(r)]
            if not self.asked(row["treatment"], named) or row["date"] > AS_OF - timedelta(days=21):
                continue
            clients = []
            for client in {r["client"] for r in rows}:
                own = [r for r in rows if r["client"] == client]
                hit = {
                    self.unit(r)
                    for r in own
                    if self.asked(r["treatment"], named)
                    if any(tuple(e[name] for name in inner) == effect for e in self.of_interest(r, by))
                }
                clients.append((len({self.unit(r) for r in own}), len(hit)))
            result[group + effect] = {
                "clients": len(clients),
                "treatments": sum(known for known, _ in clients),
                "treatments_squared": sum(known**2 for known, _ in clients),
                "events": sum(events for _, events in clients),
                "events_squared": sum(events**2 for _, events in clients),
                "products": sum(known * events for known, events in clients),
            }
        return result

    def asked_overlooking_checklists(self, named):
        """Whether a row is past the window and asked: what checklists left out matters only to the whole selection."""
        last = AS_OF - timedelta(days=21)
        if "side_effect" in named:
            least = ASKED_FROM[named["side_effect"]]
            return lambda r: r["date"] <= last and any(day >= least for day in self.asked_days(r["treatment"]))
        return lambda r: r["date"] <= last and self.asked(r["treatment"], named)

    def durations(self, by):
        found = defaultdict(set)
        for row in self.base(by):
            for e in self.of_interest(row, by):
                key = tuple(e[name] if name in ("side_effect", "family", "grade") else row[name] for name in by)
                if e["days"] is not None and e["attribution"] != "worsened":
                    found[key].add((e["id"], e["days"], e["ended"], e["exact"], e["seen_days"]))
        return {key: [entry[1:] for entry in sorted(entries)] for key, entries in found.items()}


def _when(row):
    return row["date"], row["id"]


def _latest_onset(s, notes):
    """The latest possible day of the onset: no later than any day that a note gives."""
    known = [day for n in notes for day in (n["date"], n["last_day"]) if day]
    return min([*known, *([s["onset_last"]] if s["onset_last"] else [])], default=None)


def _course(s, notes, onset, batch, contacts, heard):
    """When it ended, or was last recorded as present; days from the onset, which is day 1."""
    telling = [n for n in notes if n["state"] != "unknown"]
    latest = telling[-1] if telling else None
    present = [n["date"] for n in notes if n["state"] == "present"]
    fatal = "death" in (s["serious"] or "") or any(n["grade"] == 5 for n in notes)
    ended = fatal or bool(latest and (latest["last_day"] or latest["state"] == "gone"))
    last_day = found_gone = None
    if latest and (latest["last_day"] or latest["state"] == "gone"):
        gone = [n for n in notes if n["state"] == "gone" and (not present or n["date"] >= max(present))]
        found_gone = min((n["date"] for n in gone), default=None)
        last_day = latest["last_day"] or max((n["last_day"] for n in gone if n["last_day"]), default=None)
        if last_day is None and present and found_gone == max(present):
            last_day = found_gone
    if batch["format"] == "sdtm" and latest and latest["state"] == "present" and not latest["last_day"]:
        present += contacts
    seen = max(present, default=None)
    if onset and (seen is None or seen < onset):
        seen = onset
    if not ended:
        until, days = seen, onset and (seen - onset).days + 1
    elif last_day:
        until, days = last_day, onset and (last_day - onset).days + 1
    elif onset is None:
        until, days = found_gone or max(heard, default=None), None
    else:
        # Gone by the day before it was found gone; an end that no contact found, by the day before the last contact.
        if found_gone and (found_gone > onset or max(contacts, default=date.min) >= onset):
            until = found_gone
        else:
            until = max((day for day in heard if day > onset), default=None)
        days = until and max((until - onset).days, (seen - onset).days + 1)
    return {
        "until": until,
        "ended": ended,
        "fatal": fatal,
        "days": days,
        "seen_days": onset and (seen - onset).days + 1,
        "exact": last_day is not None,
        "seen_later": not ended and until is not None and max(heard, default=date.min) > until,
        "heard_from": max(heard, default=None),
    }


# Held against it


@pytest.fixture(scope="module")
def database():
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Record.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def source(database):
    """The statements are made once for all examples, which takes as long as counting a fifth of them."""
    return records_source(database)


def store(engine, rows):
    with engine.begin() as connection:
        for table in reversed(Record.metadata.sorted_tables):
            connection.execute(table.delete())
        connection.execute(insert(records.Revision), {"id": 1, "number": 1})
        for table in Record.metadata.sorted_tables:
            if rows.get(table.name):
                connection.execute(table.insert(), rows[table.name])


def _as_tuple(*values):
    return values


def check_against_naive(source, rows, scope, selection, by):
    naive = Naive(rows, scope, selection)
    counted = {
        tuple(zip(by, row, strict=False)): row[len(by) :]
        for row in as_rows(queries.counts(source, scope, selection, by), _as_tuple)
    }
    assert counted == naive.counts(by)
    whose = Naive(rows, scope, replace(selection, unit="treatment")).base(())
    assert queries.count_clients(source, scope, selection) == len({row["client"] for row in whose})
    assert client_sums(source, scope, selection, by) == naive.client_sums(by)
    episodes = cases.episode_durations(source, scope, selection, by)
    courses = {
        key: list(zip(*(part[name].tolist() for name in ("days", "ended", "end_exact", "seen_days")), strict=True))
        for key, part in cases.split_episodes(episodes, by).items()
    }
    assert courses == naive.durations(by)


DERIVED = {
    "client_id": "client", "treatment_id": "treatment", "attribution": "attribution", "aside": "aside",
    "placed_area": "placed", "onset": "onset", "grade": "grade", "reports": "reports", "ended": "ended",
    "fatal": "fatal", "end_exact": "exact", "days": "days", "until": "until", "heard_from": "heard_from",
    "seen_later": "seen_later",
}  # fmt: skip


def check_episodes(source, rows):
    """Every side effect on record, with what follows from its notes and from all treatments of the client."""
    e = source.episodes
    found = source.fetch_rows(select(*(e.c[name] for name in DERIVED)).order_by(e.c.episode_id))
    naive = Naive(rows, WHOLE_CLINIC, Selection(as_of=AS_OF))
    assert [dict(zip(DERIVED, row, strict=True)) for row in found] == [
        {name: effect[ours] for name, ours in DERIVED.items()} for effect in naive.effects
    ]


@examples(150)
@given(clinics())
def test_every_side_effect_belongs_to_the_treatment_that_plain_loops_find(database, source, rows):
    store(database, rows)
    check_episodes(source, rows)


@examples(75)
@given(clinics(), scopes, selections, dimensions)
def test_every_count_equals_a_naive_count_over_the_records(database, source, rows, scope, selection, by):
    store(database, rows)
    check_against_naive(source, rows, scope, selection, by)


@examples(40)
@given(clinics(), scopes, st.sampled_from([name for name in DIMENSIONS if name not in ("date", "units")]))
def test_a_filter_offers_the_values_of_all_that_this_viewer_may_see(database, source, rows, scope, dimension):
    store(database, rows)
    naive = Naive(rows, scope, Selection(as_of=AS_OF))
    if dimension in EFFECT_DIMENSIONS:
        treatments, clients = ({row[name] for row in naive.base(())} for name in ("treatment", "client"))
        found = {
            effect[dimension]
            for effect in naive.effects
            if effect["treatment"] in treatments
            or (effect["treatment"] is None and (scope == WHOLE_CLINIC or effect["client"] in clients))
        }
    else:
        found = {row[dimension] for row in naive.base((dimension,))}
    offered = queries.dimension_values(source, scope, dimension)
    assert offered == sorted(found, key=lambda value: (value is None, value))


@examples(40)
@given(clinics(), scopes, selections)
def test_mean_scores_by_product_and_dose_equal_those_of_plain_loops(database, source, rows, scope, selection):
    store(database, rows)
    naive = Naive(rows, scope, selection)
    told = defaultdict(list)
    for treatment in naive.treatment.values():
        for product, units in _doses(naive, treatment).items():
            for contact in rows["follow_up"]:
                if contact["treatment_id"] == treatment["id"] and contact["score"] is not None:
                    day = (contact["date"] - treatment["date"]).days
                    told[product, units, contact["scale"], day].append(contact["score"])
    in_order = sorted(told, key=lambda key: [(value is None, value) for value in key])
    expected = [(*key, len(told[key]), sum(told[key]) / len(told[key])) for key in in_order]
    assert as_rows(queries.scores(source, scope, selection)) == expected


def _doses(naive, treatment):
    """Product -> units given of it in the areas that were asked for; None where some of them are not told."""
    told = defaultdict(list)
    if naive._wanted(naive.described(treatment)):
        for given in naive.rows["injection"]:
            product, lot = naive.code["product"][given["product_id"]], naive.lot[given["lot_id"]]
            place = {"area": given["area"] or "not told", "product": product, "lot": lot}
            if given["treatment_id"] == treatment["id"] and naive._injected_with(place):
                told[product].append(given["units"])
    return {product: None if None in units else sum(units) for product, units in told.items()}


# Several selections at once

several = st.lists(selections, min_size=1, max_size=4)


def alike(drawn):
    """As measures are: the same treatments, of which each takes its own areas and side effects, in its own unit."""
    own = ("unit", "areas", "products", "lots", "side_effects", "families", "least_grade", "grades", "open", "placed")
    first = drawn[0]
    return [
        replace(first, red_flag=selection.red_flag, **{name: getattr(selection, name) for name in own})
        for selection in drawn
    ]


@examples(25)
@given(clinics(), scopes, several.map(alike))
def test_the_days_of_several_selections_are_the_counts_by_date_of_each(database, source, rows, scope, wanted):
    store(database, rows)
    wanted = [replace(selection, unit="area" if selection.unit == "area" else "treatment") for selection in wanted]
    known = known_outcomes(source, scope, wanted)
    assert [count_days(outcomes) for outcomes in known] == [by_date(source, scope, selection) for selection in wanted]
    for outcomes, selection in zip(known, wanted, strict=True):
        days_known = (outcomes.known_on - outcomes.date).astype(int)
        assert (days_known >= selection.follow_up_days).all()
        assert (np.diff(outcomes.known_on).astype(int) >= 0).all()


def count_days(outcomes: KnownOutcomes) -> list[tuple[date, int, int]]:
    """Date, events and units followed up of each day."""
    days = np.unique(outcomes.date)
    counted = [(outcomes.affected[outcomes.date == day].sum(), (outcomes.date == day).sum()) for day in days]
    return [(day.item(), int(had), int(all_)) for day, (had, all_) in zip(days, counted, strict=True)]


@examples(25)
@given(clinics(), scopes, several.map(alike))
def test_treatments_of_several_selections_are_the_outcomes_of_each(database, source, rows, scope, wanted):
    store(database, rows)
    wanted = [replace(selection, unit="area" if selection.unit == "area" else "treatment") for selection in wanted]
    check_treatment_outcomes(source, scope, wanted)


def check_treatment_outcomes(source, scope, wanted):
    """By client and date, they are those of each selection alone."""
    found = treatment_outcomes(source, scope, wanted)
    assert found.followed_up.any(axis=1).all()
    for events, followed_up, selection in zip(found.events.T, found.followed_up.T, wanted, strict=True):
        counted = defaultdict(lambda: [0, 0])
        for client, day, *both in zip(found.client, found.date.astype(object), events, followed_up, strict=True):
            if both[1]:
                counted[client, day] = [before + more for before, more in zip(counted[client, day], both, strict=True)]
        alone = defaultdict(lambda: [0, 0])
        for unit in as_rows(treatments.outcome_sequence(source, scope, selection)):
            sums = alone[unit.client, unit.date]
            sums[0] += unit.affected
            sums[1] += 1
        assert counted == alone


def by_date(source, scope, selection):
    counts = queries.counts(source, scope, selection, ("date",))
    return as_rows(counts.loc[counts.followed_up > 0, ["date", "events", "followed_up"]])
