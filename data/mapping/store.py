"""Mappings by name and by header: what is shipped, and what a person confirmed, kept in data/private/mappings/."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from data.mapping.spec import SERVICES, MappingSpec, parse_mapping
from data.privacy.private_folder import PRIVATE, make_private
from data.problems import ImportRefusedError, Problem
from data.schema.template import TREATMENTS

SHIPPED_FOLDER = Path(__file__).parent / "shipped"
SAVED_FOLDER = PRIVATE / "mappings"

# An export gains a column now and then, and may lose what is not read; where more is new, a person looks again.
MIN_HEADER_SHARE = 0.8


def load_mapping(path: Path) -> MappingSpec:
    """The mapping in a file, or remembered or shipped under this name. Raises Refused with all that is wrong."""
    file = find_mapping_file(path)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        known = ", ".join(mapping_names())
        message = "the mapping can't be opened"
        raise ImportRefusedError(
            [Problem(path.name, None, None, None, f"a file, or one of {known}", message)]
        ) from error
    return parse_mapping(text, file.name)


def find_mapping_file(path: Path) -> Path:
    """The file itself, or the mapping that is remembered or shipped under this name."""
    name = f"{path.name.removesuffix('.toml')}.toml"
    return next(
        (file for file in (path, SAVED_FOLDER / name, SHIPPED_FOLDER / name) if file.is_file()), SHIPPED_FOLDER / name
    )


def mapping_names() -> list[str]:
    """The mappings that are remembered or shipped, by name."""
    return sorted({file.stem for folder in (SAVED_FOLDER, SHIPPED_FOLDER) for file in folder.glob("*.toml")})


def find_mapping_for(columns: Sequence[str]) -> tuple[Path | None, float]:
    """The remembered mapping that was made for such columns, and the share of these that its header has, 0 to 1."""
    there, best = set(columns), (0.0, 0.0, None)
    for file in sorted(SAVED_FOLDER.glob("*.toml")):
        try:
            meaning = load_mapping(file)
        except (
            ImportRefusedError
        ):  # one that was edited and no longer holds is told when it is named, not at every import
            continue
        known = there & set(meaning.header)
        if meaning.columns <= there and len(known) >= MIN_HEADER_SHARE * len(there):
            best = max(best, (len(known) / len(there), len(known) / len(meaning.header), file), key=lambda one: one[:2])
    return best[2], best[0]


def conflicting_mappings(meaning: MappingSpec) -> Iterator[tuple[str, str, str]]:
    """Remembered mappings of the same source that tell a client by another column: their name, and the two columns.

    A client who comes in by both would be two.
    """
    own = _client_columns(meaning)
    for file in sorted(SAVED_FOLDER.glob("*.toml")):
        try:
            other = load_mapping(file)
        except ImportRefusedError:
            continue
        if other.source == meaning.source and own and (columns := _client_columns(other)) and columns != own:
            yield file.stem, " and ".join(columns), " and ".join(own)


def _client_columns(meaning: MappingSpec) -> list[str]:
    of_treatments = (part.cells.get("client") for part in meaning.sheet_rules if part.schema is TREATMENTS)
    return next((cell.columns for cell in of_treatments if cell), [])


def save_mapping(name: str, mapping: Mapping[str, Any], notes: Mapping[str, str] | None = None) -> Path:
    """Remembers a mapping that a person confirmed, under this name. Raises Refused where it does not hold."""
    text = mapping_to_toml(mapping, notes or {})
    parse_mapping(text, f"{name}.toml")
    make_private(SAVED_FOLDER)
    file = _free_path(safe_file_name(name), mapping.get("header"))
    unfinished = file.with_suffix(".part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(file)
    return file


def _free_path(name: str, header: Any) -> Path:
    """Where the mapping for this header stands, or a new file: two exports of one source are two mappings."""
    files = (SAVED_FOLDER / f"{name}{f'-{number}' if number > 1 else ''}.toml" for number in count(1))
    return next(f for f in files if not f.exists() or tomllib.loads(f.read_text("utf-8")).get("header") == header)


def add_services(columns: Sequence[str], services: Mapping[str, object]) -> Path:
    """Adds names of services that a person confirmed to the mapping remembered for such a header."""
    file, _ = find_mapping_for(columns)
    told = tomllib.loads(file.read_text(encoding="utf-8"))
    told[SERVICES]["names"] = {**told[SERVICES].get("names", {}), **services}
    return save_mapping(file.stem, told)


def safe_file_name(name: str) -> str:
    """The name as a file can have it everywhere."""
    return re.sub(r"[^\w.-]+", "-", name.casefold()).strip("-.") or "mapping"


def mapping_to_toml(mapping: Mapping[str, Any], notes: Mapping[str, str]) -> str:
    """The mapping as text; `notes`: a comment above the line of a key such as "treatments.site"."""
    settings = {name: value for name, value in mapping.items() if not isinstance(value, Mapping)}
    sections = {name: value for name, value in mapping.items() if isinstance(value, Mapping)}
    lines = list(_lines("", settings, notes))
    for name, section in sections.items():
        names = section.get("names") if name == SERVICES else None
        lines += ["", f"[{name}]", *_lines(f"{name}.", {k: v for k, v in section.items() if k != "names"}, notes)]
        if names is not None:
            lines += ["", f"[{name}.names]", *_lines(f"{name}.names.", names, notes)]
    return "\n".join(lines) + "\n"


def _lines(prefix: str, values: Mapping[str, Any], notes: Mapping[str, str]) -> Iterator[str]:
    for name, value in values.items():
        if note := notes.get(f"{prefix}{name}"):
            yield from (f"# {line}" for line in note.splitlines())
        yield f"{_key(name)} = {_value(value)}"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _value(name)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {_value(one)}" for name, one in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
