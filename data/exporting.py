"""Records out again: one folder per source, the sheets of our template as CSV, so that an import makes them anew."""

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from data.cells import escaped
from data.incoming import SideEffect, Treatment
from data.stored import Stored, all_stored, sources
from data.template import (
    ABOUT_SOURCE,
    FOLLOW_UPS,
    OWN_WORDS,
    REMEDIES,
    SIDE_EFFECTS,
    TREATMENTS,
    SheetKind,
)
from models import codelist, records

Row = dict[str, Any]


class NotExported(Exception):  # noqa: N818
    """Nothing was written; the message says why and what to do."""


def export(engine: Engine, folder: str | Path) -> list[Path]:
    """Writes every source's records into a new folder of its own; the files come back. Raises NotExported.

    Clients are there under their pseudonyms, words as they were told: the files are for the team alone.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise NotExported(f"{folder} is there already and not empty. Name a new folder.")
    written = []
    with engine.connect() as connection:
        for source, attribution_days in sources(connection).items():
            stored = all_stored(connection, source)
            if stored.treatments or stored.side_effects:
                place = folder / _folder_name(source)
                place.mkdir(parents=True)
                sheets = _sheets(stored) | _about(stored, source, attribution_days)
                written += [_write(place, kind, rows) for kind, rows in sheets.items() if rows]
    return written


def _sheets(stored: Stored) -> dict[SheetKind, list[Row]]:
    visits = sorted(stored.treatments.values(), key=lambda visit: (visit.date, visit.source_id))
    contacts = sorted(stored.follow_ups.values(), key=lambda contact: (contact.date, contact.source_id))
    effects = [stored.side_effects[key] for key in sorted(stored.side_effects)]
    return {
        TREATMENTS: [row for visit in visits for row in _visit(visit, stored)],
        FOLLOW_UPS: [
            {
                "follow_up_id": contact.source_id,
                "treatment_id": contact.treatment,
                "date": contact.date,
                "method": contact.method,
                "outcome": contact.outcome,
                "asked": contact.asked,
                "not_asked": contact.not_asked,
                "score": contact.score,
                "scale": contact.scale,
            }
            for contact in contacts
        ],
        SIDE_EFFECTS: [row for effect in effects for row in _notes(effect)],
        REMEDIES: [
            {"effect_id": effect.source_id, "remedy": r.remedy, "kind": r.kind, "from_date": r.from_date}
            for effect in effects
            for r in effect.remedies
        ],
    }


def _visit(visit: Treatment, stored: Stored) -> Iterator[Row]:
    client = stored.clients[visit.client]
    for line, injection in enumerate(visit.injections, start=1):
        lot = stored.lots[injection.product, injection.lot] if injection.lot else None
        yield {
            "treatment_id": visit.source_id,
            "date": visit.date,
            "site": visit.site,
            "practitioner": visit.practitioner,
            "client_key": visit.client,
            "area": injection.area,
            "side": injection.side,
            "product": injection.product,
            "lot": injection.lot,
            "expiry": lot.expiry if lot else None,
            "units": injection.units,
            "points": injection.points,
            "touch_up_of": visit.touch_up_of,
            "year_of_birth": client.year_of_birth,
            "sex": client.sex,
            "line": line,
        }


def _notes(effect: SideEffect) -> Iterator[Row]:
    told = {
        "effect_id": effect.source_id,
        "treatment_id": effect.treatment,
        "client_key": effect.client,
        "side_effect": effect.term,
        "area": effect.area,
        "side": effect.side,
        "words": effect.as_given,
        "onset": _span(effect.onset_first, effect.onset_last),
        "came_to_light": effect.came_to_light,
        "serious": effect.serious,
    }
    if not effect.statuses:
        yield told
    for note in effect.statuses:
        yield told | {
            "status_date": note.date,
            "state": note.state,
            "last_day": note.last_day,
            "grade": note.grade,
            "grade_scale": note.grade_scale,
            "status_id": note.source_id,
        }


def _about(stored: Stored, source: str, attribution_days: int | None) -> dict[SheetKind, list[Row]]:
    injections = [injection for visit in stored.treatments.values() for injection in visit.injections]
    effects = stored.side_effects.values()
    areas = {injection.area for injection in injections} | {effect.area for effect in effects if effect.area}
    terms = {effect.term for effect in effects}
    terms |= {term for contact in stored.follow_ups.values() for term in contact.not_asked}
    products = {injection.product for injection in injections}
    own_areas = sorted(areas - {None} - codelist.areas().keys())
    words: list[Row] = [{"list": "area", "code": area, "dictionary": source} for area in own_areas]
    for code in sorted(products):
        product = stored.products[code]
        if product.dictionary != records.OURS:
            active = "yes" if product.active else "no"
            row = {"label": product.label, "unit": product.unit, "active": active, "dictionary": product.dictionary}
            words.append({"list": "product", "code": code} | row)
    for code, term in sorted(stored.terms.items()):
        if code not in terms and term.dictionary != source:  # its own terms stay known when nobody had the effect
            continue
        row = {"label": term.label, "family": term.family, "dictionary": term.dictionary}
        words.append({"list": "side_effect", "code": code} | row)
    unplaced = "yes" if None in areas else "no"
    return {
        ABOUT_SOURCE: [{"source": source, "attribution_days": attribution_days, "unplaced": unplaced}],
        OWN_WORDS: words,
    }


def _write(folder: Path, kind: SheetKind, rows: Iterable[Row]) -> Path:
    path = folder / f"{kind.name}.csv"
    with path.open("x", encoding="utf-8-sig", newline="") as file:  # the mark tells a spreadsheet program it is UTF-8
        lines = csv.writer(file)
        lines.writerow(kind.names)
        lines.writerows([_cell(row.get(name)) for name in kind.names] for row in rows)
    return path


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        value = "; ".join(value)
    if isinstance(value, float):
        text = repr(value).removesuffix(".0")
        return f"{text}0" if re.fullmatch(r"-?\d{1,3}\.\d{3}", text) else text  # 1.125 could be read as 1,125
    return escaped(value) if isinstance(value, str) else str(value)


def _span(first: date | None, last: date | None) -> str | None:
    """A day, a month or a year, as short as it was told."""
    if first is None or last is None:
        return None
    if first == last:
        return str(first)
    return str(first)[:4] if (last - first).days > 31 else str(first)[:7]


def _folder_name(source: str) -> str:
    return re.sub(r"\W+", "-", source).strip("-") or "source"
