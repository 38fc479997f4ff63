"""Read realistic exports and hand-kept spreadsheets as a person would: `python -m benchmarks.exports [FILE...]`.

Each file in tests/fixtures/exports/counted is proposed, its questions are answered, and it is imported into an empty
database. Prints for each file what was recognized, how many questions were asked, how many clicks their answers take,
and whether the stored records match the counts in expected.json (docs/importing.md says how the counts were made).
"""

import argparse
import json
import os
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from data.database.engine import open_database
from data.files import UnreadableFileError, read_tables
from data.importing.pipeline import Upload, import_files
from data.mapping.proposal import YES, Answer, MappingProposal, MappingQuestion
from data.mapping.spec import MappingSpec, unanswered_settings
from data.mapping.store import save_mapping
from data.mapping.suggestions import propose
from data.privacy import private_folder
from data.problems import ImportRefusedError
from data.records.repository import load_snapshot, sources
from data.schema.template import FOLLOW_UPS, TREATMENTS

FOLDER = Path(__file__).parents[1] / "tests" / "fixtures" / "exports" / "counted"
LAST_DAY = date(2026, 12, 31)  # the files run into December 2026
# What a manager of the clinic answers.
ANSWERS: dict[str, Answer] = {
    "practitioner": YES, "units": YES, "unplaced": YES, "site": "main", "dates": "month first",
    "product": "botox_cosmetic", "service_product": "botox_cosmetic", "refunds": "refunded",
}  # fmt: skip
SHARED_UNITS = re.compile(r"units per area are unknown: [\d,]+ \(([\d,.]+) units\)")
NOT_DONE = ("no", "void", "voided", "draft", "refunded", "cancelled", "no show")


@dataclass(frozen=True)
class Reading:
    """What became of one file. `counts`: the stored records, in the words of expected.json.

    `client_names`: how many different names there are, if clients have no number; `shared_units`: doses given for
    several areas at once, which are of no area alone; `is_call_sheet`: the file holds no treatments.
    """

    file: str
    recognized: str
    questions: int
    clicks: int
    counts: Mapping[str, float]
    problem: str = ""
    client_names: int = 0
    shared_units: float = 0.0
    is_call_sheet: bool = False


def main(arguments: Sequence[str]) -> int:
    """Print one line a file; 1 if a file was neither read correctly nor led to a question."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exports", description="Which exports are read.")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="default: all files with counts")
    options = parser.parse_args(arguments)
    expected = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
    files = options.files or [FOLDER / name for name in expected]
    wrong = 0
    print(f"{'file':36} {'recognized':26} questions clicks correct")
    for file in files:
        reading = read_export(file)
        differences = compare(reading, expected.get(file.name, {}))
        wrong += bool(differences)
        verdict = "; ".join(differences) or "yes"
        print(f"{file.name:36} {reading.recognized:26} {reading.questions:9} {reading.clicks:6} {verdict}")
    return int(wrong > 0)


def read_export(file: Path) -> Reading:
    """Propose, answer and import one file into a database of its own."""
    with tempfile.TemporaryDirectory(prefix="sequela-exports-") as folder:
        engine = open_database(f"sqlite:///{folder}/sequela.db")
        own_mappings = private_folder.MAPPINGS
        private_folder.MAPPINGS = Path(folder) / "mappings"
        try:
            return _read(file, engine)
        finally:
            private_folder.MAPPINGS = own_mappings
            engine.dispose()


def _read(file: Path, engine: Engine) -> Reading:
    try:
        proposal = propose(read_tables(file))
    except (ImportRefusedError, UnreadableFileError) as refused:
        return Reading(file.name, "no", 0, 0, {}, _first(refused))
    recognized = proposal.preset or "by values"
    answers = {question.topic: answer(question) for question in proposal.questions}
    clicks = 2 + sum(question.answer != answers[question.topic] for question in proposal.questions)
    spec = proposal.to_spec(answers=answers)
    about = {"recognized": recognized, "questions": len(proposal.questions), "clicks": clicks}
    if missing := unanswered_settings(spec):
        return Reading(file.name, **about, counts={}, problem=f"open: {', '.join(missing)[:200]}")
    try:
        save_mapping("export", spec)
        if TREATMENTS.name not in spec.sheets:
            _import_visits(engine, proposal, spec)
        summary = import_files(engine, [file], today=LAST_DAY)
    except ImportRefusedError as refused:
        return Reading(file.name, **about, counts={}, problem=_first(refused))
    shared = SHARED_UNITS.search(" ".join(summary.notices))
    by_name = any("two clients with the same name" in notice for notice in proposal.notices)
    return Reading(
        file.name, **about, counts=count_records(engine), client_names=_count_names(proposal) if by_name else 0,
        shared_units=float(shared[1].replace(",", "")) if shared else 0.0,
        is_call_sheet=TREATMENTS.name not in spec.sheets,
    )  # fmt: skip


def _import_visits(engine: Engine, proposal: MappingProposal, spec: MappingSpec) -> None:
    """The treatments that a call sheet is about: one for each client and day in it."""
    table, cells = proposal.table, spec.sheets[FOLLOW_UPS.name].cells
    clients, days = (table.column(cells[name].columns[0]) for name in ("client", "treated_on"))
    lines = ["date,client,site,area,product"]
    lines += sorted({f"{day},{client},main,glabella,botox" for client, day in zip(clients, days, strict=True)})
    upload = Upload("treatments.csv", "\n".join(lines).encode())
    import_files(engine, [upload], source=spec.source, today=LAST_DAY)


def answer(question: MappingQuestion) -> Answer:
    """What a person answers; the proposed answer where there is one."""
    if question.topic == "lines":
        words = tuple(word for word, _ in question.choices if word.casefold() not in NOT_DONE)
        return question.answer or words
    return question.answer or ANSWERS.get(question.topic)


def count_records(engine: Engine) -> dict[str, float]:
    """Visits, treated areas, units, clients, side effects and follow-ups on record."""
    with engine.connect() as connection:
        stored = [load_snapshot(connection, source) for source in sources(connection)]
    visits = [visit for snapshot in stored for visit in snapshot.treatments.values()]
    injections = [injection for visit in visits for injection in visit.injections]
    return {
        "visits": len(visits),
        "areas": len({(visit.source_id, one.area) for visit in visits for one in visit.injections if one.area}),
        "units": sum(injection.units or 0 for injection in injections),
        "clients": len({visit.client for visit in visits}),
        "side_effects": sum(len(snapshot.side_effects) for snapshot in stored),
        "follow_ups": sum(len(snapshot.follow_ups) for snapshot in stored),
    }


def compare(reading: Reading, expected: Mapping[str, float]) -> list[str]:
    """Every difference from the expected counts, as far as the file holds what was counted."""
    if reading.problem:
        return [reading.problem]
    counted = dict(expected)
    counted["units"] = expected.get("units", 0) - reading.shared_units + expected.get("half_units", 0) / 2
    if reading.client_names:
        counted["clients"] = min(expected["names"], reading.client_names)
    if not reading.counts["areas"]:
        counted.pop("areas", None)  # a report of sales; the import says that areas are not recorded
    if reading.is_call_sheet:
        counted = {name: counted[name] for name in ("side_effects", "follow_ups") if name in counted}  # a call sheet
    return [
        f"{name} {reading.counts[name]:g}, expected {counted[name]:g}"
        for name in ("visits", "areas", "units", "clients", "side_effects", "follow_ups")
        if name in counted and reading.counts[name] != counted[name]
    ]


def _count_names(proposal: MappingProposal) -> int:
    client = next(one for one in proposal.fields if one.name == "client")
    return len(set(zip(*map(proposal.table.column, client.columns), strict=True)))


def _first(refused: Exception) -> str:
    problems = refused.problems if isinstance(refused, ImportRefusedError) else [refused]
    return f"{len(problems)} problems, first: {problems[0]}"[:300]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as keys:
        os.environ.setdefault("SEQUELA_KEY_FILE", str(Path(keys) / "pseudonym.key"))
        sys.exit(main(sys.argv[1:]))
