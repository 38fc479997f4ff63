"""Exports of practice software: the headers are real, everybody in them is made up. What a person would answer."""

from dataclasses import replace
from pathlib import Path

from data.files import read_tables
from data.mapping.answers import Answers, as_proposed, mapping_of
from data.mapping.proposal import Proposal
from data.mapping.store import write_mapping
from data.mapping.suggestions import propose

FOLDER = Path(__file__).parents[1] / "fixtures" / "exports"


def proposed(file: Path) -> Proposal:
    return propose(read_tables(file))


def confirmed(proposal: Proposal, services: dict[str, dict] | None = None, **questions) -> Answers:
    """As proposed, but for what is said here."""
    told = as_proposed(proposal)
    named = tuple(replace(one, **(services or {}).get(one.name, {})) for one in told.services)
    return replace(told, questions={**told.questions, **questions}, services=named)


def remembered(name: str, proposal: Proposal, services=None, **questions) -> Path:
    return write_mapping(name, mapping_of(proposal, confirmed(proposal, services, **questions)))
