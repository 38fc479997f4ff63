"""python -m dashboard report: the review pack from the command line."""

import argparse
import sys
from pathlib import Path

import orjson

from dashboard.report import build_report
from data.analysis.columnar_copy import build_copy
from data.analysis.scope import WHOLE_CLINIC
from data.analysis.selection import DIMENSIONS, Selection
from data.as_of import as_of_date, parse_day
from data.database.engine import DatabaseAccessError, open_database

AS_TEXT = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m dashboard")
    report = parser.add_subparsers(required=True, metavar="report").add_parser("report", help="print the review pack")
    report.add_argument("--from", dest="from_date", type=parse_day, metavar="YYYY-MM-DD")
    report.add_argument("--to", dest="to_date", type=parse_day, metavar="YYYY-MM-DD")
    report.add_argument("--as-of", type=parse_day, metavar="YYYY-MM-DD", help="count as on this day (default: today)")
    report.add_argument("--unit", choices=["treatment", "area", "client"], default="treatment")
    report.add_argument("--by", type=_dimensions, default=("side_effect",), metavar="DIMENSION,...")
    report.add_argument("--level", choices=["team"], default="team", help="who reads it: the care team sees all counts")
    report.add_argument("--format", choices=["json"], default="json")
    report.add_argument("--out", type=Path, metavar="FILE")
    asked = parser.parse_args(arguments)
    if asked.from_date and asked.to_date and asked.from_date > asked.to_date:
        parser.error(f"--from {asked.from_date} is after --to {asked.to_date}")
    try:
        as_of = asked.as_of or as_of_date()
        _, source = build_copy(open_database())
    except (DatabaseAccessError, argparse.ArgumentTypeError) as problem:
        print(problem, file=sys.stderr)
        return 1
    selection = Selection(from_date=asked.from_date, to_date=asked.to_date, unit=asked.unit, as_of=as_of)
    document = build_report(source, WHOLE_CLINIC, selection, asked.by)
    text = orjson.dumps(document, option=AS_TEXT)
    if asked.out:
        try:
            asked.out.write_bytes(text)
        except OSError as reason:
            print(f"{asked.out}: the report cannot be written there ({reason.strerror}). Name a file.", file=sys.stderr)
            return 1
    else:
        sys.stdout.buffer.write(text)
    return 0


def _dimensions(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if unknown := [name for name in names if name not in DIMENSIONS]:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is not one of {', '.join(DIMENSIONS)}")
    return names


if __name__ == "__main__":
    sys.exit(main())
