"""Exports of practice software: the headers are real, everybody in them is made up. What a person would answer."""

from dataclasses import replace
from pathlib import Path

from data.files import read_tables
from data.mapping.proposal import NO, MappingProposal
from data.mapping.spec import MappingSpec
from data.mapping.store import save_mapping
from data.mapping.suggestions import propose

FOLDER = Path(__file__).parents[1] / "fixtures" / "exports"


def proposed(file: Path) -> MappingProposal:
    return propose(read_tables(file))


def confirmed(
    proposal: MappingProposal, services: dict[str, dict] | None = None, codes=None, fields=None, **answers
) -> MappingSpec:
    """As proposed, but for what is said here."""
    named = [replace(one, **(services or {}).get(one.name, {})) for one in proposal.services]
    return proposal.to_spec(services=named, codes=codes, fields=fields, answers={"practitioner": NO} | answers)


def remembered(name: str, proposal: MappingProposal, services=None, **answers) -> Path:
    return save_mapping(name, confirmed(proposal, services, **answers))
