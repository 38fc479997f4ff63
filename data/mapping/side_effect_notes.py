"""Free text that mentions a side effect. It is shown to a person next to its row, and never read or stored."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from data.files import Table
from data.mapping.service_names import service_words
from data.privacy.identifier_removal import REMOVED_MARK, given_names, remove_contact_details
from models import codelist

WORD = re.compile(r"[^\W\d_]{2,}")
MIN_LETTERS = 4  # of a spelling: a shorter one is part of other words


@dataclass(frozen=True)
class NoteMention:
    """One note without names and contact details, and the side effects that it mentions, by their labels."""

    row: int
    note: str
    side_effects: tuple[str, ...]


def find_mentions(table: Table, columns: Collection[str], name_columns: Collection[str]) -> tuple[NoteMention, ...]:
    """The notes in these columns that mention a side effect. The names of `name_columns` are removed from them."""
    mentions = []
    names = list(zip(*map(table.column, name_columns), strict=True)) if name_columns else [()] * len(table.rows)
    for column in columns:
        for n, text in enumerate(table.column(column)):
            labels = dict.fromkeys(_labels()[match.casefold()] for match in _pattern().findall(text))
            if labels and len(text.split()) > 1:
                people = {word.casefold() for name in names[n] for word in WORD.findall(name)}
                mentions.append(NoteMention(table.row_numbers[n], _without_people(text, people), tuple(labels)))
    return tuple(mentions)


def _without_people(text: str, people: set[str]) -> str:
    def remove(match: re.Match) -> str:
        word = match[0].casefold()
        is_name = word in people or (match[0][0].isupper() and word in given_names())
        return REMOVED_MARK if is_name else match[0]

    return WORD.sub(remove, remove_contact_details(text))


@cache
def _labels() -> dict[str, str]:
    """Each spelling of a side effect with its label."""
    effects = codelist.side_effects()
    spellings = {spelling: entry.label for entry in effects.values() for spelling in (entry.label, *entry.also)}
    spellings |= {word.word: effects[word.codes[0]].label for word in service_words() if word.means == "side_effect"}
    return {"droopy": effects["eyelid_ptosis"].label} | {
        spelling.casefold(): label for spelling, label in spellings.items() if len(spelling) >= MIN_LETTERS
    }


@cache
def _pattern() -> re.Pattern:
    longest_first = sorted(_labels(), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.I)
