"""Exports that are known by their header: what columns mean, and what must be asked. One file each in presets/."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from data.schema.sheet_reader import normalize_heading

FOLDER = Path(__file__).parent / "presets"


@dataclass(frozen=True)
class Preset:
    """One export. `needs`: columns by which it is known; `ask`: a question and the column it is about; `services`:
    where the names of services stand; `sections`: as in a mapping file; `note`: what to know before."""

    name: str
    title: str
    source: str
    needs: tuple[str, ...]
    ask: Mapping[str, str]
    services: str | None
    sections: Mapping[str, Mapping[str, Any]]
    note: str | None


@cache
def load_presets() -> tuple[Preset, ...]:
    """Every export that is known."""
    return tuple(_read_preset(file) for file in sorted(FOLDER.glob("*.toml")))


def find_preset(columns: Sequence[str]) -> Preset | None:
    """The export that has all its columns among these; the one with the most, where there are several."""
    there = {normalize_heading(column) for column in columns}
    known = [preset for preset in load_presets() if {normalize_heading(column) for column in preset.needs} <= there]
    return max(known, key=lambda preset: len(preset.needs), default=None)


def _read_preset(file: Path) -> Preset:
    told = tomllib.loads(file.read_text(encoding="utf-8"))
    sections = {name: section for name, section in told.items() if name in ("treatments", "follow_ups", "side_effects")}
    services = told.get("services", {}).get("from")
    needs, note = tuple(told["needs"]), told.get("note")
    return Preset(file.stem, told["title"], told["source"], needs, told["ask"], services, sections, note)
