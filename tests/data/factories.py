"""Small files written as text, and what an import made of them."""

from datetime import date
from pathlib import Path

from sqlalchemy import Engine, func, select

from data.database.engine import revision
from data.importing.pipeline import ImportSummary, import_files
from data.problems import ImportRefusedError
from data.records.repository import Snapshot, load_snapshot, sources
from models import records

EXAMPLES = Path(__file__).parents[2] / "data" / "examples"
TODAY = date(2026, 1, 1)


def written(folder: Path, **sheets: str) -> list[Path]:
    """CSV files from text: lines, cells between bars."""
    files = []
    for name, text in sheets.items():
        lines = [",".join(cell.strip() for cell in line.split("|")) for line in text.strip().splitlines()]
        file = folder / f"{name}.csv"
        file.write_text("\n".join(lines), encoding="utf-8")
        files.append(file)
    return files


def imported(engine: Engine, files, **how) -> ImportSummary:
    return import_files(engine, files, today=TODAY, **how)


def refusal(engine: Engine, files, **how) -> list[str]:
    """Every problem as it is shown; nothing may be stored."""
    before = revision(engine), counts(engine)
    try:
        imported(engine, files, **how)
    except ImportRefusedError as refused:
        assert (revision(engine), counts(engine)) == before
        return [str(problem) for problem in refused.problems]
    raise AssertionError("the file was not refused")


def counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        tables = records.Record.metadata.sorted_tables
        return {table.name: connection.scalar(select(func.count()).select_from(table)) for table in tables}


def everything(engine: Engine) -> dict[str, Snapshot]:
    """All records of every source, without the database's own ids."""
    with engine.connect() as connection:
        held = {source: load_snapshot(connection, source) for source in sources(connection)}
    for stored in held.values():
        stored.ids.clear()
    return held
