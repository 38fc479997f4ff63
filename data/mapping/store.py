"""Mappings by name and by header: those shipped with Sequela, and those a person confirmed (data/private/mappings/).

Presets are exports known by their header, with what to ask about them: one file each in presets/.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from itertools import count
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta, structs

from data.mapping.spec import SERVICES, Columns, MappingSpec, ServiceMeaning, WordValue, parse_mapping, spec_to_dict
from data.privacy import private_folder
from data.problems import ImportRefusedError, Problem
from data.schema.sheet_reader import normalize_heading
from data.schema.template import TREATMENTS

SHIPPED_FOLDER = Path(__file__).parent / "shipped"
PRESETS_FOLDER = Path(__file__).parent / "presets"

# An export may gain a column now and then, or lose one that is not read. If more is new, a person looks at it again.
MIN_HEADER_SHARE = 0.8
MIN_SIMILAR_SHARE = 0.5  # of the columns of both headers: probably another report of the same software


class Preset(MappingSpec, frozen=True, kw_only=True):
    """The specification of one export. `needs`: the columns it is known by; `ask`: the topic of a question and the
    column it is about; `note`: what a person should know before using it."""

    title: Annotated[str, Meta(description="the name of the program and of the export")]
    needs: Columns
    ask: Annotated[dict[str, str], Meta(description="topics of questions, each with a column")]
    note: Annotated[str | None, Meta(description="a sentence to show with the proposal")] = None


def load_mapping(path: Path) -> MappingSpec:
    """The mapping in a file, or the one saved or shipped under this name. Raises ImportRefusedError."""
    name = f"{path.name.removesuffix('.toml')}.toml"
    files = (path, private_folder.MAPPINGS / name, SHIPPED_FOLDER / name)
    file = next((file for file in files if file.is_file()), SHIPPED_FOLDER / name)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        expected, message = f"a file, or one of {', '.join(mapping_names())}", "the mapping can't be opened"
        raise ImportRefusedError([Problem(path.name, None, None, None, expected, message)]) from error
    return parse_mapping(text, file.name)


def mapping_names() -> list[str]:
    """The names of all saved and shipped mappings."""
    return sorted({file.stem for folder in (private_folder.MAPPINGS, SHIPPED_FOLDER) for file in folder.glob("*.toml")})


def find_mapping_for(columns: Sequence[str]) -> tuple[Path | None, float]:
    """The saved mapping made for such columns, and the share of them in its header, 0 to 1."""
    present, best = set(columns), (0.0, 0.0, None)
    for file, spec in _saved_mappings():
        known = present & set(spec.header)
        if spec.columns <= present and len(known) >= MIN_HEADER_SHARE * len(present):
            match = (len(known) / len(present), len(known) / len(spec.header), file)
            best = max(best, match, key=lambda match: match[:2])
    return best[2], best[0]


def similar_source(columns: Sequence[str]) -> str | None:
    """The source of the saved mapping whose header has most in common with these columns, if that is at least half."""
    present = set(columns)
    shares = {
        spec.source: len(present & set(spec.header)) / len(present | set(spec.header)) for _, spec in _saved_mappings()
    }
    best = max(shares, key=shares.__getitem__, default=None)
    return best if best and shares[best] >= MIN_SIMILAR_SHARE else None


def delete_mapping(name: str) -> None:
    """Delete a saved mapping. The records that it brought in stay."""
    (private_folder.MAPPINGS / f"{safe_file_name(name)}.toml").unlink(missing_ok=True)


def replace_mapping(name: str, text: str) -> Path:
    """Saves the text of a mapping under its name. Raises ImportRefusedError if it is not valid or not complete."""
    spec = parse_mapping(text, f"{name}.toml")
    delete_mapping(name)
    return save_mapping(name, spec)


def saved_mappings() -> dict[str, MappingSpec]:
    """The mappings that a person confirmed, by name."""
    return {file.stem: spec for file, spec in _saved_mappings()}


def conflicting_mappings(spec: MappingSpec) -> Iterator[tuple[str, str, str]]:
    """Saved mappings of the same source that identify clients by another column: their name, and the two columns.

    A client who comes in through both would be two.
    """
    columns = _client_columns(spec)
    for file, other in _saved_mappings():
        if other.source == spec.source and columns and (others := _client_columns(other)) and others != columns:
            yield file.stem, " and ".join(others), " and ".join(columns)


def _saved_mappings() -> Iterator[tuple[Path, MappingSpec]]:
    """Those that can be read. One that a person broke is reported when it is used by name, not at every import."""
    for file in sorted(private_folder.MAPPINGS.glob("*.toml")):
        with suppress(ImportRefusedError):
            yield file, load_mapping(file)


def _client_columns(spec: MappingSpec) -> list[str]:
    rule = spec.sheets.get(TREATMENTS.name)
    return rule.cells["client"].columns if rule and "client" in rule.cells else []


@cache
def load_presets() -> dict[str, Preset]:
    """Every preset, by the name of its file."""
    return {file.stem: parse_mapping(file.read_text("utf-8"), file.name, Preset)
            for file in sorted(PRESETS_FOLDER.glob("*.toml"))}  # fmt: skip


def find_preset(columns: Sequence[str]) -> Preset | None:
    """The export whose columns are all among these; if several match, the one that needs the most."""
    headings = {normalize_heading(column) for column in columns}
    known = [preset for preset in load_presets().values() if headings.issuperset(map(normalize_heading, preset.needs))]
    return max(known, key=lambda preset: len(preset.needs), default=None)


def save_mapping(name: str, spec: MappingSpec) -> Path:
    """Saves a mapping that a person confirmed. Raises ImportRefusedError if it is not valid or not complete."""
    text = mapping_to_toml(spec)
    parse_mapping(text, f"{name}.toml")
    private_folder.make_private(private_folder.MAPPINGS)
    # Two exports of one source are two mappings: a name that another header has taken is numbered.
    headers = {file: saved.header for file, saved in _saved_mappings()}
    name = safe_file_name(name)
    files = (private_folder.MAPPINGS / f"{name}{f'-{number}' if number > 1 else ''}.toml" for number in count(1))
    file = next(file for file in files if not file.exists() or headers.get(file) == spec.header)
    unfinished = file.with_suffix(".part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(file)
    return file


def add_services(columns: Sequence[str], names: Mapping[str, ServiceMeaning], words: Mapping[str, WordValue]) -> Path:
    """Adds names and words of services that a person confirmed to the mapping saved for such a header."""
    file, _ = find_mapping_for(columns)
    spec = load_mapping(file)
    known = spec.services
    services = structs.replace(known, names=known.names | dict(names), words=known.words | dict(words))
    return save_mapping(file.stem, structs.replace(spec, services=services))


def safe_file_name(name: str) -> str:
    """The name with only the characters that every system allows in a file name."""
    return re.sub(r"[^\w.-]+", "-", name.casefold()).strip("-.") or "mapping"


def mapping_to_toml(spec: MappingSpec, comments: Mapping[str, str] | None = None) -> str:
    """The mapping as text; `comments`: by setting, such as "treatments.site", what to write above its line."""
    document, comments = spec_to_dict(spec), comments or {}
    sections = {name: value for name, value in document.items() if isinstance(value, Mapping)}
    if names := sections.get(SERVICES, {}).pop("names", None):
        sections[f"{SERVICES}.names"] = names
    lines = list(_lines("", {name: value for name, value in document.items() if name not in sections}, comments))
    for name, section in sections.items():
        lines += ["", f"[{name}]", *_lines(f"{name}.", section, comments)]
    return "\n".join(lines) + "\n"


def _lines(prefix: str, values: Mapping[str, Any], comments: Mapping[str, str]) -> Iterator[str]:
    for name, value in values.items():
        if comment := comments.get(f"{prefix}{name}"):
            yield from (f"# {line}" for line in comment.splitlines())
        yield f"{_key(name)} = {_value(value)}"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _value(name)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {_value(part)}" for name, part in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
