"""Notices of new sites and practitioners, and of codes that differ by capital letters or width alone: probably one.

They are stored as given, because only the clinic knows whether they are the same.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable

from sqlalchemy import Connection, select

from data.privacy.pseudonym_key import Pseudonymizer
from data.records.neutral_records import ImportData
from models.records import Lot, Practitioner, Site


class ClientNumbers:
    """A pseudonymizer that remembers the clients' numbers while files are read; no notice repeats them."""

    def __init__(self, pseudonym: Pseudonymizer):
        self._pseudonym = pseudonym
        self._given: dict[tuple[str, str], set[str]] = {}

    def __call__(self, namespace: str, given: str) -> str:
        self._given.setdefault((namespace, _fold(given)), set()).add(given)
        return self._pseudonym(namespace, given)

    def describe_similar(self) -> list[str]:
        similar = [numbers for numbers in self._given.values() if len(numbers) > 1]
        if not similar:
            return []
        written = f"{len(similar)}, written in {sum(map(len, similar))} ways"
        return [
            f"client numbers that differ by capital letters or width alone: {written}. They count as several clients."
        ]


def describe_similar_codes(connection: Connection, incoming: ImportData) -> list[str]:
    """One notice per kind of code with the number of rows of each in these files, also against codes on record."""
    injections = [injection for visit in incoming.treatments for injection in visit.injections]
    used = {
        "practitioners": (Counter(visit.practitioner for visit in incoming.treatments), Practitioner.code),
        "sites": (Counter(visit.site for visit in incoming.treatments), Site.code),
        "lots": (Counter(injection.lot for injection in injections), Lot.number),
    }
    notices = []
    for kind, (counts, column) in used.items():
        codes = [code for code in counts if code]
        if not codes:
            continue
        on_record = set(connection.scalars(select(column)))
        if kind != "lots" and on_record and (new := sorted(set(codes) - on_record)):
            notices.append(f"new {kind}, not on record yet: {', '.join(new)}")
        for similar in _group_similar([*codes, *on_record]):
            if any(code in counts for code in similar):
                named = ", ".join(
                    f"{code} {counts[code]:,}" if code in counts else f"{code} on record" for code in similar
                )
                notices.append(
                    f"{kind} that differ by capital letters or width alone: {named}. They count as different."
                )
    return notices


def _group_similar(codes: Iterable[str]) -> list[list[str]]:
    groups: dict[str, set[str]] = {}
    for code in codes:
        groups.setdefault(_fold(code), set()).add(code)
    return [sorted(group) for group in groups.values() if len(group) > 1]


def _fold(code: str) -> str:
    return unicodedata.normalize("NFKC", code).casefold()
