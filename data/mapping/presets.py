"""Exports known by their header: what their columns mean and what to ask about them. One file each in presets/."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from data.mapping.spec import Columns, MappingSpec, parse_mapping
from data.schema.sheet_reader import normalize_heading

FOLDER = Path(__file__).parent / "presets"


class Preset(MappingSpec, frozen=True, kw_only=True):
    """The specification of one export. `needs`: the columns it is known by; `ask`: the topic of a question and the
    column it is about; `note`: what a person should know before using it."""

    title: Annotated[str, Meta(description="the name of the program and of the export")]
    needs: Columns
    ask: Annotated[dict[str, str], Meta(description="topics of questions, each with a column")]
    note: Annotated[str | None, Meta(description="a sentence to show with the proposal")] = None


@cache
def load_presets() -> dict[str, Preset]:
    """Every preset, by the name of its file."""
    return {file.stem: parse_mapping(file.read_text("utf-8"), file.name, Preset)
            for file in sorted(FOLDER.glob("*.toml"))}  # fmt: skip


def find_preset(columns: Sequence[str]) -> Preset | None:
    """The export whose columns are all among these; if several match, the one that needs the most."""
    headings = {normalize_heading(column) for column in columns}
    known = [preset for preset in load_presets().values() if headings.issuperset(map(normalize_heading, preset.needs))]
    return max(known, key=lambda preset: len(preset.needs), default=None)
