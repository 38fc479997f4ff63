"""Writes records as template CSV files, one folder per source, so that they can be imported again."""

import csv
import re
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Engine

from data.database.engine import long_reading
from data.records import serialization
from data.records.repository import Snapshot, load_all, sources
from data.records.serialization import Row
from data.schema.template import (
    ABOUT_SOURCE,
    FOLLOW_UPS,
    REMEDIES,
    SIDE_EFFECTS,
    SOURCE_VOCABULARY,
    TREATMENTS,
    SheetSchema,
)
from models import codelist, records


class ExportError(Exception):
    """Nothing was written; the message says why and what to do."""


def export_folder(engine: Engine, folder: str | Path) -> list[Path]:
    """Write each source's records to a new folder of its own and return the files. Raises ExportError.

    Clients have their pseudonyms, and their words are unchanged: the files are for the care team only.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ExportError(f"{folder} exists and is not empty. Name a new folder.")
    written = []
    with long_reading(engine) as connection:
        for source, attribution_days in sources(connection).items():
            stored = load_all(connection, source)
            if stored.treatments or stored.side_effects:
                place = folder / _folder_name(source)
                place.mkdir(parents=True)
                sheets = _sheets(stored) | _about_sheets(stored, source, attribution_days)
                written += [_write(place, kind, rows) for kind, rows in sheets.items() if rows]
    return written


def _sheets(stored: Snapshot) -> dict[SheetSchema, list[Row]]:
    visits = sorted(stored.treatments.values(), key=lambda visit: (visit.date, visit.source_id))
    contacts = sorted(stored.follow_ups.values(), key=lambda contact: (contact.date, contact.source_id))
    effects = [stored.side_effects[key] for key in sorted(stored.side_effects)]
    return {
        TREATMENTS: [row for visit in visits for row in serialization.treatment_rows_of(visit, stored)],
        FOLLOW_UPS: [serialization.follow_up_row(contact) for contact in contacts],
        SIDE_EFFECTS: [row for effect in effects for row in serialization.side_effect_rows_of(effect)],
        REMEDIES: [row for effect in effects for row in serialization.remedy_rows(effect)],
    }


def _about_sheets(stored: Snapshot, source: str, attribution_days: int | None) -> dict[SheetSchema, list[Row]]:
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
        if code not in terms and term.dictionary != source:  # a source's own terms are exported even if unused
            continue
        row = {"label": term.label, "family": term.family, "dictionary": term.dictionary}
        words.append({"list": "side_effect", "code": code} | row)
    unplaced = "yes" if None in areas else "no"
    return {
        ABOUT_SOURCE: [{"source": source, "attribution_days": attribution_days, "unplaced": unplaced}],
        SOURCE_VOCABULARY: words,
    }


def _write(folder: Path, kind: SheetSchema, rows: Iterable[Row]) -> Path:
    path = folder / f"{kind.name}.csv"
    with path.open(
        "x", encoding="utf-8-sig", newline=""
    ) as file:  # the byte order mark tells spreadsheet programs that it is UTF-8
        lines = csv.writer(file)
        lines.writerow(kind.names)
        lines.writerows([serialization.format_cell(row.get(name)) for name in kind.names] for row in rows)
    return path


def _folder_name(source: str) -> str:
    return re.sub(r"\W+", "-", source).strip("-") or "source"
