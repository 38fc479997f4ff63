"""python -m data import | propose | undo | redo | export | sample | template | key: records in and out, by command."""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TextIO

from data.as_of import DayError, as_of_date, parse_day

LEVELS = ("team", "meeting", "outside")
MAX_CHANGES_PRINTED = 20


class NotKept(Exception):  # noqa: N818
    """The refused lines have no place; nothing was stored."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 refused with the reasons and nothing changed."""
    asked = _parser().parse_args(arguments)
    from data.database.errors import DatabaseAccessError
    from data.privacy.pseudonym_key import KeyProblem

    try:
        return asked.command(asked)
    except (DatabaseAccessError, DayError, KeyProblem) as problem:
        return _print_refusal(str(problem))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m data", description="Records in and out.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    files_in = commands.add_parser("import", help="bring records in: all of them, or none with every problem")
    files_in.add_argument("files", nargs="+", metavar="FILE", help="files of one source, or a folder of them")
    files_in.add_argument("--format", help="read them in this format, whatever they look like")
    files_in.add_argument("--mapping", metavar="NAME", help="what the columns mean: a TOML file, or the name of one")
    files_in.add_argument("--source", metavar="NAME", help="the name of the source, if not the one the files give")
    files_in.add_argument(
        "--keep-refused", metavar="DIR", help="store the good lines, and write the others into this new folder"
    )
    files_in.add_argument("--dry-run", action="store_true", help="say what would be stored, and store nothing")
    files_in.add_argument("--json", action="store_true", help="answer in JSON")
    files_in.set_defaults(command=_import)

    propose = commands.add_parser("propose", help="say what the columns of a foreign table may mean, and what to ask")
    propose.add_argument("files", nargs="+", metavar="FILE", help="one export of practice software, or its sheets")
    propose.add_argument("--out", metavar="FILE.toml", help="write the mapping there, to be gone through by hand")
    propose.set_defaults(command=_propose)

    files_out = commands.add_parser("export", help="write the records as template files that can be imported again")
    files_out.add_argument("folder", metavar="DIR", help="a new folder")
    files_out.add_argument("--level", choices=LEVELS, default="team", help="who will see it")
    files_out.set_defaults(command=_export)

    sample = commands.add_parser("sample", help="make a sample clinic in an empty database; nobody in it is real")
    sample.add_argument("--treatments", type=int, default=1000, metavar="N")
    sample.add_argument("--seed", type=int, default=1, metavar="S", help="the same seed makes the same clinic")
    sample.add_argument(
        "--until", type=parse_day, metavar="YYYY-MM-DD", help="the last day of the records (default: today)"
    )
    sample.set_defaults(command=_sample)

    for name, does in (
        ("undo", "take an import back: all that it brought and changed"),
        ("redo", "bring it back again"),
    ):
        back = commands.add_parser(name, help=does)
        back.add_argument("batch", type=int, metavar="BATCH", help="the number that the import gave, or `Import` lists")
        back.set_defaults(command=_undo if name == "undo" else _redo)

    template = commands.add_parser("template", help="write the empty template")
    template.add_argument("file", metavar="FILE.xlsx")
    template.add_argument("--follow-up-log", action="store_true", help="the follow-up log alone, one line per contact")
    template.set_defaults(command=_template)

    key = commands.add_parser("key", help="write a copy of the pseudonym key; keep it apart from the backups")
    key.add_argument("file", metavar="FILE")
    key.add_argument("--add", action="store_true", help="take in the key in FILE, for the records made with it")
    key.set_defaults(command=_key)
    return parser


def _import(asked: argparse.Namespace) -> int:
    from data.database.engine import open_database
    from data.importing.pipeline import import_files
    from data.problems import ImportRefusedError, problems_to_json

    try:
        with _new_folder(asked.keep_refused) as folder:
            summary = import_files(
                open_database(),
                asked.files,
                format=asked.format,
                mapping=asked.mapping,
                source=asked.source,
                keep_refused=folder is not None,
                hand_over=partial(_write, folder) if folder else None,
                dry_run=asked.dry_run,
            )
    except NotKept as reason:
        return _print_refusal(str(reason))
    except ImportRefusedError as refused:
        if asked.json:
            _say(
                json.dumps(
                    {"stored": False, "problems": problems_to_json(refused.problems)}, ensure_ascii=False, indent=1
                )
            )
        else:
            _say(*refused.problems, f"{refused}.", file=sys.stderr)
        return 1
    written = [str(folder / file.name) for file in summary.refused] if folder and not asked.dry_run else []
    if asked.json:
        told = {"stored": summary.batch is not None} | asdict(replace(summary, refused=())) | {"refused": written}
        _say(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        _say(*_format_summary(summary), *written)
    return 0


@contextmanager
def _new_folder(name: str | None) -> Iterator[Path | None]:
    """A new folder for refused lines, readable by this user alone. It is gone again where nothing came of the import,
    or nothing was refused."""
    if name is None:
        yield None
        return
    folder = Path(name)
    try:
        folder.mkdir(mode=0o700, parents=True)
    except OSError as error:
        message = f"{folder}: refused lines go into a new folder. Name one that is not there yet, where you may."
        raise NotKept(message) from error
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if not any(folder.iterdir()):
        folder.rmdir()


def _write(folder: Path, files: Sequence) -> None:
    """Puts refused lines on the disk for good, before the others are stored. Raises NotKept."""
    try:
        for file in files:
            with (folder / file.name).open("xb") as place:
                place.write(file.content)
                place.flush()
                os.fsync(place.fileno())
    except OSError as error:
        message = f"{folder}: the refused lines can't be written ({error.strerror}). Nothing was stored."
        raise NotKept(message) from error


def _propose(asked: argparse.Namespace) -> int:
    from data.files import UnreadableFileError, read_tables
    from data.importing.pipeline import expand_folders
    from data.mapping.answers import (
        accept_proposal,
        build_mapping,
        format_question,
        mapping_comments,
        unanswered_settings,
    )
    from data.mapping.column_matching import confidence_label
    from data.mapping.store import mapping_to_toml
    from data.mapping.suggestions import propose
    from data.problems import ImportRefusedError

    try:
        proposal = propose([table for path in expand_folders(asked.files) for table in read_tables(path)])
    except (UnreadableFileError, ImportRefusedError) as reason:
        problems = reason.problems if isinstance(reason, ImportRefusedError) else [reason]
        _say(*problems, file=sys.stderr)
        return 1
    mapping = build_mapping(proposal, accept_proposal(proposal))
    known = f" ({proposal.preset})" if proposal.preset else ""
    lines = [f"{proposal.table.file}{known}: {len(proposal.table.rows):,} lines"]
    for one in proposal.fields:
        lines.append(f"  {one.sheet}.{one.name} = {one.text}  ({confidence_label(one.confidence)}: {one.reason})")
    lines += [f"Question: {format_question(question)}" for question in proposal.questions]
    lines += [f"Note: {notice}" for notice in proposal.notices]
    _say(*lines, f"Still open: {', '.join(unanswered_settings(mapping)) or 'nothing'}")
    if asked.out:
        out = Path(asked.out)
        if out.exists():
            return _print_refusal(f"{out}: the file is there already. Name a new one.")
        head = 'Proposed, not confirmed: go through every line; "?" is a question. Then: import FILE --mapping '
        out.write_text(f"# {head}{out}\n\n{mapping_to_toml(mapping, mapping_comments(proposal))}", encoding="utf-8")
        _say(f"Written: {out}")
    return 0


def _format_summary(summary) -> list[str]:
    stored = f"Stored as import {summary.batch}"
    would = "Would be stored" if summary.dry_run else stored if summary.batch else "Nothing new to store"
    lines = [
        f"{would}: {', '.join(summary.files)} (format {summary.format}, source {summary.source})",
        f"{summary.rows_read:,} lines read: {summary.rows_stored:,} stored, {summary.rows_changed:,} changed, "
        f"{summary.rows_unchanged:,} left as it was"
        + (f", {summary.rows_refused:,} refused" if summary.rows_refused else ""),
    ]
    for kind, count in summary.records.items():
        if any((count.new, count.changed, count.unchanged)):
            name = kind.replace("_", " ")
            lines.append(f"  {name}: {count.new:,} new, {count.changed:,} changed, {count.unchanged:,} there already")
    for change in summary.changes[:MAX_CHANGES_PRINTED]:
        kind = change.kind.removesuffix("s").replace("_", " ")
        lines.append(f"  {kind} {change.source_id}: {change.what} was {change.old}, is {change.new}")
    if more := len(summary.changes) - MAX_CHANGES_PRINTED:
        lines += [f"  and {more:,} more changes (--json lists them)"] if more > 0 else []
    return lines + [f"Note: {notice}" for notice in summary.notices] + list(map(str, summary.problems))


def _export(asked: argparse.Namespace) -> int:
    from data.database.engine import open_database
    from data.export import ExportError, export_folder

    if asked.level != "team":
        return _print_refusal(
            f"Single records are exported for the team alone: with small numbers they tell who a client is. For the "
            f"level {asked.level} take counts, from the dashboard or python -m dashboard report."
        )
    try:
        written = export_folder(open_database(), asked.folder)
    except ExportError as reason:
        return _print_refusal(str(reason))
    _say(*(written or ["There are no records yet: nothing was written."]))
    return 0


def _sample(asked: argparse.Namespace) -> int:
    from data.database.engine import open_database
    from data.sample.generator import RecordsExistError, make_sample

    try:
        made = make_sample(open_database(), asked.treatments, asked.seed, today=asked.until or as_of_date())
    except (RecordsExistError, ValueError) as reason:
        return _print_refusal(str(reason))
    _say(f"A sample clinic is made: {made.treatments:,} treatments of {made.clients:,} clients. Nobody in it is real.")
    return 0


def _undo(asked: argparse.Namespace) -> int:
    from data.history.undo import undo

    return _run_undo_or_redo(undo, asked.batch, "is taken back: {records} removed, {changes} put back as they were")


def _redo(asked: argparse.Namespace) -> int:
    from data.history.undo import redo

    return _run_undo_or_redo(redo, asked.batch, "is back: {records} stored again, {changes} changed again")


def _run_undo_or_redo(move: Callable, batch: int, done: str) -> int:
    from data.database.engine import open_database
    from data.history.undo import UndoError

    try:
        went = move(open_database(), batch)
    except UndoError as reason:
        return _print_refusal(str(reason))
    _say(f"Import {batch} {done.format(records=f'{went.record_count:,} records', changes=f'{went.change_count:,}')}.")
    return 0


def _template(asked: argparse.Namespace) -> int:
    from data.schema.workbook_writer import follow_up_log_workbook, template_workbook

    path = Path(asked.file)
    if path.suffix.lower() != ".xlsx" or path.exists():
        return _print_refusal(f"{path}: the template is a new .xlsx file. Name one that is not there yet.")
    path.write_bytes(follow_up_log_workbook() if asked.follow_up_log else template_workbook())
    _say(path)
    return 0


def _key(asked: argparse.Namespace) -> int:
    from data.database.engine import open_database
    from data.importing.pipeline import key_name
    from data.privacy.pseudonym_key import add_copy, save_copy

    file = Path(asked.file)
    try:
        if asked.add:
            add_copy(file)
        else:
            save_copy(file, key_name(open_database()))
    except FileExistsError:
        return _print_refusal(f"{file}: the file is there already. Name a new one.")
    except OSError as error:
        return _print_refusal(f"{file} can't be used: {error.strerror}.")
    print(f"{'Added' if asked.add else 'Written'}: {file}")
    return 0


def _print_refusal(reason: str) -> int:
    _say(reason, file=sys.stderr)
    return 1


def _say(*lines: object, file: TextIO | None = None) -> None:
    """Prints lines. What was done is done, whether or not it can be said: nobody may be listening any more (`| head`),
    the disk may be full, the terminal may not have the letters."""
    file = file or sys.stdout
    try:
        file.reconfigure(errors="backslashreplace")
        print(*lines, sep="\n", file=file, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), file.fileno())  # else Python tries once more at its end, and fails


if __name__ == "__main__":
    sys.exit(main())
