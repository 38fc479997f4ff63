"""Whatever stands in a file, an import stores it or says what is wrong with it: nothing else ever happens."""

import csv
import io
import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from data.files import UnreadableFileError, read_tables
from data.mapping.proposal import NO, YES
from data.mapping.store import mapping_to_toml
from data.mapping.suggestions import propose
from data.problems import ImportRefusedError
from tests.data.factories import EXAMPLES, imported
from tests.laws import examples

ODD = (
    "", " ", "NA", "unknown", "-", "0", "-1", "1e999", "1,000", "1.000", "12,5", "٣", "½", "\N{INFINITY}", "nan", "inf",
    "2025-02-30", "03/04/2025", "31/12/2025", "2025", "2025-13", "0000-00-00", "9999-12-31", "45000", "March 2025",
    "=1+1", "'=1", "\u00a0", "🙂", "x" * 200, "'", '"', ";", "; ;", "forhead", "FOREHEAD", "Y", "N", "DM", "EX",
    "2013-07-01T25:61", "V1001", "4711", "\u202eabc", "null", "true", "1\n2", "{site}", "*",
)  # fmt: skip

FILES = {
    "template": ("template/treatments.csv", "template/follow_ups.csv", "template/side_effects.csv",
                 "template/remedies.csv"),
    "sdtm": ("vaccine_reactions/dm_vaccine.csv", "vaccine_reactions/ex_vaccine.csv",
             "vaccine_reactions/ce_vaccine.csv"),
    "mapping": ("cdystonia/cdystonia.csv",),
    "follow_up_log": ("follow_up_log/follow_up_log.csv",),
}  # fmt: skip
FIXTURES = Path(__file__).parents[2] / "fixtures"
EXPORTS = tuple(sorted((FIXTURES / "exports").glob("*.csv")))
BUNDLE = json.loads((FIXTURES / "fhir" / "clinic.json").read_text(encoding="utf-8"))
WRONG = (None, True, 0, -1, 1e308, [], {}, [[]], {"value": "x"}, ["a", 1])  # where a bundle has something else
LINES = 12

cell = st.sampled_from(ODD) | st.text(max_size=12)
place = st.integers(0, 10_000)
spoiling = st.lists(st.tuples(place, place, place, cell), min_size=1, max_size=6)
cutting = st.lists(st.tuples(place, st.sampled_from(("line", "column", "header"))), max_size=2)


def tables(paths) -> dict[str, list[list[str]]]:
    found = {}
    for path in paths:
        with path.open(newline="", encoding="utf-8") as file:
            found[path.name] = list(csv.reader(file))[:LINES]
    return found


def spoilt(paths, spoils, cuts) -> dict[str, str]:
    files = tables(paths)
    for which, line, column, text in spoils:
        rows = list(files.values())[which % len(files)]
        row = rows[line % len(rows)]
        if row:
            row[column % len(row)] = text
    for which, what in cuts:
        rows = list(files.values())[which % len(files)]
        if what == "header":
            rows[0] = rows[-1]
        elif what == "line":
            rows[which % len(rows)] = rows[which % len(rows)][: which % 5]
        elif rows[0]:
            rows[:] = [[text for n, text in enumerate(row) if n != which % len(rows[0])] for row in rows]
    written = {}
    for name, rows in files.items():
        content = io.StringIO()
        csv.writer(content).writerows(rows)
        written[name] = content.getvalue()
    return written


@examples(60)
@given(format=st.sampled_from(sorted(FILES)), spoils=spoiling, cuts=cutting)
def test_a_spoilt_file_is_stored_or_refused_with_its_problems(format, spoils, cuts, sqlite_engine, tmp_path):
    if format == "follow_up_log":  # it follows treatments on record
        imported(sqlite_engine, [EXAMPLES / "template"])
    paths = written(tmp_path, spoilt([EXAMPLES / name for name in FILES[format]], spoils, cuts))
    stored_or_refused(sqlite_engine, paths, mapping="cdystonia" if format == "mapping" else None)


@examples(60)
@given(path=st.sampled_from(EXPORTS), spoils=spoiling, cuts=cutting, yes=st.booleans())
def test_of_a_spoilt_export_a_mapping_is_proposed_that_stores_or_refuses_it(
    path, spoils, cuts, yes, sqlite_engine, tmp_path
):
    paths = written(tmp_path, spoilt([path], spoils, cuts))
    try:
        proposal = propose([table for path in paths for table in read_tables(path)])
    except UnreadableFileError as reason:
        assert str(reason).startswith(path.name)
        return
    except ImportRefusedError as refused:
        said_properly(refused)
        return
    answers = {question.topic: question.answer or (YES if yes else NO) for question in proposal.questions}
    mapping = tmp_path / "answered.toml"
    try:
        mapping.write_text(mapping_to_toml(proposal.to_spec(answers=answers)), encoding="utf-8")
    except ImportRefusedError as refused:
        said_properly(refused)
        return
    stored_or_refused(sqlite_engine, paths, mapping=mapping)


@examples(60)
@given(spoils=st.lists(st.tuples(place, cell | st.sampled_from(WRONG)), min_size=1, max_size=4))
def test_a_spoilt_bundle_is_stored_or_refused_with_its_problems(spoils, sqlite_engine, tmp_path):
    bundle = json.loads(json.dumps(BUNDLE))
    for number, value in spoils:
        holders = list(inside(bundle))
        holder, key = holders[number % len(holders)]
        holder[key] = json.loads(json.dumps(value))  # a copy: it may be spoilt in its turn
    paths = written(tmp_path, {"clinic.json": json.dumps(bundle)})
    stored_or_refused(sqlite_engine, paths)


def inside(part):
    """Every place of a bundle: what holds it, and where it stands there."""
    for key in list(part) if isinstance(part, dict) else range(len(part)):
        yield part, key
        if isinstance(part[key], dict | list):
            yield from inside(part[key])


def written(folder: Path, files: dict[str, str]) -> list[Path]:
    paths = [folder / name for name in files]
    for path in paths:
        path.write_text(files[path.name], encoding="utf-8", errors="surrogatepass")
    return paths


def stored_or_refused(engine, paths, **how) -> None:
    try:
        summary = imported(engine, paths, dry_run=True, **how)
        assert summary.rows_read == summary.rows_stored + summary.rows_changed + summary.rows_unchanged
    except ImportRefusedError as refused:
        said_properly(refused)


def said_properly(refused: ImportRefusedError) -> None:
    assert refused.problems
    for problem in refused.problems:
        assert problem.file
        assert problem.expected
        assert "\n" not in str(problem)
