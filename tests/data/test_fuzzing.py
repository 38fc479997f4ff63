"""Whatever stands in a file, an import stores it or says what is wrong with it: nothing else ever happens."""

import csv
import io
import os
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.problem import Refused
from tests.data.imports import EXAMPLES, imported

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
}  # fmt: skip
LINES = 12

cell = st.sampled_from(ODD) | st.text(max_size=12)
place = st.integers(0, 10_000)
spoiling = st.lists(st.tuples(place, place, place, cell), min_size=1, max_size=6)
cutting = st.lists(st.tuples(place, st.sampled_from(("line", "column", "header"))), max_size=2)
examples = int(os.environ.get("FUZZ_EXAMPLES", "60"))


def tables(format: str) -> dict[str, list[list[str]]]:
    found = {}
    for name in FILES[format]:
        with (EXAMPLES / name).open(newline="") as file:
            found[Path(name).name] = list(csv.reader(file))[:LINES]
    return found


def spoilt(format: str, spoils, cuts) -> dict[str, str]:
    files = tables(format)
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
        else:
            rows[:] = [[text for n, text in enumerate(row) if n != which % len(rows[0])] for row in rows]
    written = {}
    for name, rows in files.items():
        content = io.StringIO()
        csv.writer(content).writerows(rows)
        written[name] = content.getvalue()
    return written


@settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(format=st.sampled_from(sorted(FILES)), spoils=spoiling, cuts=cutting)
def test_a_spoilt_file_is_stored_or_refused_with_its_problems(format, spoils, cuts, sqlite_engine, tmp_path):
    paths = []
    for name, text in spoilt(format, spoils, cuts).items():
        paths.append(tmp_path / name)
        paths[-1].write_text(text, encoding="utf-8", errors="surrogatepass")
    try:
        summary = imported(sqlite_engine, paths, mapping="cdystonia" if format == "mapping" else None, dry_run=True)
        assert summary.rows_read == summary.rows_stored + summary.rows_changed + summary.rows_unchanged
    except Refused as refused:
        assert refused.problems
        for problem in refused.problems:
            assert problem.file
            assert problem.expected
            assert "\n" not in str(problem).replace(problem.value or "", "")
