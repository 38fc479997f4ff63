"""The command line: python -m data import | propose | undo | redo | export | sample | template | key."""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TextIO

from data.as_of import as_of_date, parse_day
from data.problems import ImportRefusedError
from data.refusal import RefusedError

LEVELS = ("team", "meeting", "outside")
MAX_CHANGES_PRINTED = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0 done; 1 refused, with the reasons printed and nothing changed."""
    options = _parser().parse_args(arguments)
    try:
        return options.command(options)
    except (RefusedError, argparse.ArgumentTypeError) as reason:
        return _print_refusal(str(reason))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m data", description="Import and export records.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    files_in = commands.add_parser("import", help="import records: all of them, or none with every problem listed")
    files_in.add_argument("files", nargs="+", metavar="FILE", help="files from one source, or a folder of them")
    files_in.add_argument("--format", help="read the files in this format, whatever they look like")
    files_in.add_argument("--mapping", metavar="NAME", help="what the columns mean: a TOML file or a saved name")
    files_in.add_argument("--source", metavar="NAME", help="the name of the source, if not the one in the files")
    files_in.add_argument(
        "--keep-refused", metavar="DIR", help="store the valid rows and write the others into this new folder"
    )
    files_in.add_argument("--dry-run", action="store_true", help="print what would be stored, and store nothing")
    files_in.add_argument("--json", action="store_true", help="print JSON")
    files_in.set_defaults(command=_import)

    propose = commands.add_parser("propose", help="propose a mapping for a foreign table, and list what to ask")
    propose.add_argument("files", nargs="+", metavar="FILE", help="one export of practice software")
    propose.add_argument("--out", metavar="FILE.toml", help="write the mapping to this file, for you to review")
    propose.set_defaults(command=_propose)

    files_out = commands.add_parser("export", help="write the records as template files that can be imported again")
    files_out.add_argument("folder", metavar="DIR", help="a new folder")
    files_out.add_argument("--level", choices=LEVELS, default="team", help="who will see it")
    files_out.set_defaults(command=_export)

    sample = commands.add_parser("sample", help="create a sample clinic in an empty database")
    sample.add_argument("--treatments", type=int, default=1000, metavar="N")
    sample.add_argument("--seed", type=int, default=1, metavar="S", help="the same seed creates the same clinic")
    sample.add_argument(
        "--until", type=parse_day, metavar="YYYY-MM-DD", help="the last day of the records (default: today)"
    )
    sample.set_defaults(command=_sample)

    for name, does in (
        ("undo", "undo an import and everything it changed"),
        ("redo", "redo an import that was undone"),
    ):
        back = commands.add_parser(name, help=does)
        back.add_argument("batch", type=int, metavar="BATCH", help="the import's number, as the Import page lists it")
        back.set_defaults(command=partial(_undo_or_redo, redo=name == "redo"))

    template = commands.add_parser("template", help="write the empty template")
    template.add_argument("file", metavar="FILE.xlsx")
    template.add_argument("--follow-up-log", action="store_true", help="only the follow-up log, one row per contact")
    template.set_defaults(command=_template)

    key = commands.add_parser("key", help="write a copy of the pseudonym key; keep it away from the backups")
    key.add_argument("file", metavar="FILE")
    key.add_argument("--add", action="store_true", help="add the key in FILE to this machine")
    key.set_defaults(command=_key)
    return parser


def _import(options: argparse.Namespace) -> int:
    from data.database.engine import open_database
    from data.importing.pipeline import import_files

    try:
        with _new_folder(Path(options.keep_refused)) if options.keep_refused else nullcontext() as folder:
            summary = import_files(
                open_database(),
                options.files,
                format=options.format,
                mapping=options.mapping,
                source=options.source,
                keep_refused=folder is not None,
                save_refused=partial(_write_refused, folder) if folder else None,
                dry_run=options.dry_run,
            )
    except ImportRefusedError as refused:
        if options.json:
            answer = {"stored": False, "problems": [asdict(problem) for problem in refused.problems]}
            _say(json.dumps(answer, ensure_ascii=False, indent=1))
        else:
            _say(*refused.problems, f"{refused}.", file=sys.stderr)
        return 1
    written = [str(folder / file.name) for file in summary.refused] if folder and not options.dry_run else []
    if options.json:
        answer = {"stored": summary.batch is not None} | asdict(replace(summary, refused=())) | {"refused": written}
        _say(json.dumps(answer, ensure_ascii=False, indent=1))
    else:
        _say(*_format_summary(summary), *written)
    return 0


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """A new folder for refused rows, readable only by this user; removed if it stays empty or the import fails."""
    try:
        folder.mkdir(mode=0o700, parents=True)
    except OSError as error:
        message = f"{folder}: refused rows need a new folder. Name one that does not exist, where you may write."
        raise RefusedError(message) from error
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if not any(folder.iterdir()):
        folder.rmdir()


def _write_refused(folder: Path, files: Sequence) -> None:
    """Writes refused rows to the disk before the others are stored. Raises RefusedError."""
    try:
        for file in files:
            with (folder / file.name).open("xb") as target:
                target.write(file.content)
                target.flush()
                os.fsync(target.fileno())
    except OSError as error:
        message = f"{folder}: the refused rows can't be written ({error.strerror}). Nothing was stored."
        raise RefusedError(message) from error


def _propose(options: argparse.Namespace) -> int:
    from data.files import UnreadableFileError, read_tables
    from data.importing.pipeline import expand_folders
    from data.mapping.layout_suggestions import describe_unused
    from data.mapping.proposal import confidence_label
    from data.mapping.spec import unanswered_settings
    from data.mapping.store import mapping_to_toml
    from data.mapping.suggestions import propose

    try:
        proposal = propose([table for path in expand_folders(options.files) for table in read_tables(path)])
    except (UnreadableFileError, ImportRefusedError) as reason:
        problems = reason.problems if isinstance(reason, ImportRefusedError) else [reason]
        _say(*problems, file=sys.stderr)
        return 1
    spec = proposal.to_spec()
    known = f" ({proposal.preset})" if proposal.preset else ""
    lines = [f"{proposal.table.file}{known}: {len(proposal.table.rows):,} rows"]
    for one in proposal.fields:
        lines.append(f"  {one.sheet}.{one.name} = {one.text}  ({confidence_label(one.confidence)}: {one.reason})")
    lines += [f"Question: {question}" for question in proposal.questions]
    unused = [f'"{name}"' + (f" (looks like {looks})" if looks else "")
              for name, looks in describe_unused(proposal.table, spec.columns, proposal.identifying)]  # fmt: skip
    lines += [f"Not read: {', '.join(unused)}"] if unused else []
    lines += [f"Note: {notice}" for notice in proposal.notices]
    _say(*lines, f"Still open: {', '.join(unanswered_settings(spec)) or 'nothing'}")
    if options.out:
        out = Path(options.out)
        if out.exists():
            return _print_refusal(f"{out}: the file exists already. Name a new one.")
        head = 'A proposal: review every line and answer each "?". Then: import FILE --mapping '
        out.write_text(f"# {head}{out}\n\n{mapping_to_toml(spec, proposal.comments())}", encoding="utf-8")
        _say(f"Written: {out}")
    return 0


def _format_summary(summary) -> list[str]:
    stored = f"Stored as import {summary.batch}"
    would = "Would be stored" if summary.dry_run else stored if summary.batch else "Nothing new to store"
    lines = [
        f"{would}: {', '.join(summary.files)} (format {summary.format}, source {summary.source})",
        f"{summary.rows_read:,} rows read: {summary.rows_stored:,} stored, {summary.rows_changed:,} changed, "
        f"{summary.rows_unchanged:,} unchanged"
        + (f", {summary.rows_refused:,} refused" if summary.rows_refused else ""),
    ]
    for kind, count in summary.records.items():
        if any((count.new, count.changed, count.unchanged)):
            counts = f"{count.new:,} new, {count.changed:,} changed, {count.unchanged:,} already imported"
            lines.append(f"  {kind.replace('_', ' ')}: {counts}")
    for change in summary.changes[:MAX_CHANGES_PRINTED]:
        kind = change.kind.removesuffix("s").replace("_", " ")
        lines.append(f"  {kind} {change.source_id}: {change.what} was {change.old}, is {change.new}")
    if more := len(summary.changes) - MAX_CHANGES_PRINTED:
        lines += [f"  and {more:,} more changes (--json lists them)"] if more > 0 else []
    return lines + [f"Note: {notice}" for notice in summary.notices] + list(map(str, summary.problems))


def _export(options: argparse.Namespace) -> int:
    from data.database.engine import open_database
    from data.export import export_folder

    if options.level != "team":
        return _print_refusal(
            "Single records are exported only for the team, because in small numbers they identify clients. For the "
            f"level {options.level} use counts, from the dashboard or python -m dashboard report."
        )
    written = export_folder(open_database(), options.folder)
    _say(*(written or ["There are no records yet: nothing was written."]))
    return 0


def _sample(options: argparse.Namespace) -> int:
    from data.database.engine import open_database
    from data.sample.generator import make_sample

    try:
        made = make_sample(open_database(), options.treatments, options.seed, today=options.until or as_of_date())
    except ValueError as reason:
        return _print_refusal(str(reason))
    _say(f"Created a sample clinic: {made.treatments:,} treatments of {made.clients:,} clients.")
    return 0


def _undo_or_redo(options: argparse.Namespace, redo: bool) -> int:
    from data.database.engine import open_database
    from data.history import undo

    result = (undo.redo if redo else undo.undo)(open_database(), options.batch)
    records, changes = f"{result.record_count:,} records", f"{result.change_count:,} changes"
    done = f"{records} stored and {changes} made" if redo else f"{records} removed and {changes} reversed"
    _say(f"Import {options.batch} {'redone' if redo else 'undone'}: {done}.")
    return 0


def _template(options: argparse.Namespace) -> int:
    from data.schema.workbook_writer import follow_up_log_workbook, template_workbook

    path = Path(options.file)
    if path.suffix.lower() != ".xlsx" or path.exists():
        return _print_refusal(f"{path}: the template needs a new .xlsx file. Name one that does not exist.")
    path.write_bytes(follow_up_log_workbook() if options.follow_up_log else template_workbook())
    _say(path)
    return 0


def _key(options: argparse.Namespace) -> int:
    from data.database.engine import open_database
    from data.importing.pipeline import key_name
    from data.privacy.pseudonym_key import add_copy, save_copy

    file = Path(options.file)
    try:
        if options.add:
            add_copy(file)
        else:
            save_copy(file, key_name(open_database()))
    except FileExistsError:
        return _print_refusal(f"{file}: the file exists already. Name a new one.")
    except OSError as error:
        return _print_refusal(f"{file} can't be used: {error.strerror}.")
    print(f"{'Added' if options.add else 'Written'}: {file}")
    return 0


def _print_refusal(reason: str) -> int:
    _say(reason, file=sys.stderr)
    return 1


def _say(*lines: object, file: TextIO | None = None) -> None:
    """Prints lines. A failure to print changes nothing that was done: the reader may be gone (`| head`), the disk full,
    or the terminal without these letters."""
    file = file or sys.stdout
    try:
        file.reconfigure(errors="backslashreplace")
        print(*lines, sep="\n", file=file, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), file.fileno())  # or Python would try again when it ends, and fail


if __name__ == "__main__":
    sys.exit(main())
