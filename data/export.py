"""Exports records: a folder for each source, with the sheets of our template as CSV that can be imported again."""

import csv
import re
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import Engine

from data.database.engine import long_reading
from data.records import serialization
from data.records.repository import Snapshot, load_snapshot, sources
from data.records.serialization import Row
from data.refusal import RefusedError
from data.schema import template
from models import codelist, records

Sheets = dict[template.SheetSchema, list[Row]]


class ExportError(RefusedError):
    """Nothing was written. The message says why, and what to do."""


def export_folder(engine: Engine, folder: str | Path) -> list[Path]:
    """Writes each source's records into a folder of its own and returns the files. Raises ExportError.

    Clients appear under their pseudonyms, and words as they were recorded: the files are for the team only.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ExportError(f"{folder} exists already and is not empty. Name a new folder.")
    written = []
    with long_reading(engine) as connection:
        for source, attribution_days in sources(connection).items():
            snapshot = load_snapshot(connection, source)
            if snapshot.treatments or snapshot.side_effects:
                subfolder = folder / (re.sub(r"\W+", "-", source).strip("-") or "source")
                subfolder.mkdir(parents=True)
                sheets = _record_sheets(snapshot) | _source_sheets(snapshot, source, attribution_days)
                written += [_write(subfolder, schema, rows) for schema, rows in sheets.items() if rows]
    return written


def _record_sheets(snapshot: Snapshot) -> Sheets:
    visits = sorted(snapshot.treatments.values(), key=lambda visit: (visit.date, visit.source_id))
    contacts = sorted(snapshot.follow_ups.values(), key=lambda contact: (contact.date, contact.source_id))
    effects = [snapshot.side_effects[key] for key in sorted(snapshot.side_effects)]
    return {
        template.TREATMENTS: [row for visit in visits for row in serialization.treatment_rows_of(visit, snapshot)],
        template.FOLLOW_UPS: [serialization.follow_up_row(contact) for contact in contacts],
        template.SIDE_EFFECTS: [row for effect in effects for row in serialization.side_effect_rows_of(effect)],
        template.REMEDIES: [row for effect in effects for row in serialization.remedy_rows(effect)],
    }


def _source_sheets(snapshot: Snapshot, source: str, attribution_days: int | None) -> Sheets:
    injections = [injection for visit in snapshot.treatments.values() for injection in visit.injections]
    effects = snapshot.side_effects.values()
    areas = {injection.area for injection in injections} | {effect.area for effect in effects if effect.area}
    used_terms = {effect.term for effect in effects}
    used_terms |= {term for contact in snapshot.follow_ups.values() for term in contact.not_asked}
    own_areas = sorted(areas - {None} - codelist.areas().keys())
    words: list[Row] = [{"list": "area", "code": area, "dictionary": source} for area in own_areas]
    for code in sorted({injection.product for injection in injections}):
        product = snapshot.products[code]
        if product.dictionary != records.OURS:
            words.append({"list": "product"} | asdict(product) | {"active": "yes" if product.active else "no"})
    for code, term in sorted(snapshot.terms.items()):
        if code in used_terms or term.dictionary == source:  # its own terms stay known even if nobody had the effect
            words.append({"list": "side_effect"} | asdict(term))
    unplaced = "yes" if None in areas else "no"
    return {
        template.ABOUT_SOURCE: [{"source": source, "attribution_days": attribution_days, "unplaced": unplaced}],
        template.SOURCE_VOCABULARY: words,
    }


def _write(folder: Path, schema: template.SheetSchema, rows: list[Row]) -> Path:
    path = folder / f"{schema.name}.csv"
    with path.open("x", encoding="utf-8-sig", newline="") as file:  # spreadsheet programs recognize UTF-8 by the mark
        writer = csv.writer(file)
        writer.writerow(schema.names)
        writer.writerows([serialization.format_cell(row.get(name)) for name in schema.names] for row in rows)
    return path
