"""Exports of practice software: the headers are real, everybody in them is made up. What a person would answer."""

from dataclasses import replace
from pathlib import Path

from data.files import read_tables
from data.mapping.answers import MappingAnswers, accept_proposal, build_mapping
from data.mapping.proposal import MappingProposal
from data.mapping.store import save_mapping
from data.mapping.suggestions import propose

FOLDER = Path(__file__).parents[1] / "fixtures" / "exports"


def proposed(file: Path) -> MappingProposal:
    return propose(read_tables(file))


def confirmed(proposal: MappingProposal, services: dict[str, dict] | None = None, **questions) -> MappingAnswers:
    """As proposed, but for what is said here."""
    told = accept_proposal(proposal)
    named = tuple(replace(one, **(services or {}).get(one.name, {})) for one in told.services)
    return replace(told, questions={**told.questions, **questions}, services=named)


def remembered(name: str, proposal: MappingProposal, services=None, **questions) -> Path:
    return save_mapping(name, build_mapping(proposal, confirmed(proposal, services, **questions)))
