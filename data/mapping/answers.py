"""What a person confirmed of a proposal, as the mapping that reads the files from then on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from data.mapping.column_matching import confidence_label
from data.mapping.proposal import NO, YES, MappingProposal, MappingQuestion
from data.mapping.service_names import Service, services_to_toml
from data.mapping.spec import COLUMN, ID_FIELDS, SERVICE, SERVICES, TICKED_CODE, UNANSWERED
from data.problems import ImportRefusedError, Problem
from data.schema.template import SHEETS, TREATMENTS

Answer = str | tuple[str, ...] | None


@dataclass(frozen=True)
class MappingAnswers:
    """What a person said. `fields`: (sheet, field) -> text of the mapping, None: not read; `questions`: by what they
    are about; `words`: (sheet, field) -> word -> code, None: not said."""

    source: str
    fields: Mapping[tuple[str, str], str | None]
    questions: Mapping[str, Answer] = field(default_factory=dict)
    services: tuple[Service, ...] = ()
    codes_by_value: Mapping[tuple[str, str], Mapping[str, str | None]] = field(default_factory=dict)


def accept_proposal(proposal: MappingProposal) -> MappingAnswers:
    """Everything as it was proposed; questions without a proposal stay open."""
    words: dict[tuple[str, str], dict[str, str | None]] = {}
    for word in proposal.value_mappings:
        words.setdefault((word.sheet, word.name), {})[word.text] = word.code
    return MappingAnswers(
        proposal.source,
        {(one.sheet, one.name): one.text for one in proposal.fields},
        {question.topic: question.answer for question in proposal.questions},
        proposal.services,
        words,
    )


def build_mapping(proposal: MappingProposal, answers: MappingAnswers) -> dict[str, Any]:
    """The mapping as its file has it; "?" stands where an answer is missing. Raises Refused where a column that tells
    who a client is would be stored."""
    asked = {question.topic: question for question in proposal.questions}
    if wrong := list(_identifying_columns(proposal, answers)):
        raise ImportRefusedError(wrong)
    mapping: dict[str, Any] = {"source": answers.source, "header": list(proposal.table.columns)}
    if "dates" in asked:
        mapping["dates"] = answers.questions.get("dates") or UNANSWERED
    if "unplaced" in asked:
        mapping["unplaced"] = {YES: True, NO: False}.get(answers.questions.get("unplaced"), UNANSWERED)
    by_service = False
    for kind in SHEETS:
        if kind.name not in proposal.row_filters:
            continue
        section = _section(proposal, answers, kind.name, asked if kind is TREATMENTS else {})
        for needed in kind.required:
            if needed not in section and not (needed == "area" and mapping.get("unplaced")):
                section[needed] = UNANSWERED
        by_service |= any(SERVICE in str(value) for value in section.values())
        mapping[kind.name] = {"where": section.pop("where")} | _sort_section(kind.names, section)
    if by_service:
        used = {name.removeprefix(SERVICE) for name in COLUMN.findall(str(mapping[TREATMENTS.name]))}
        mapping[SERVICES] = {"from": proposal.service_column, "names": _service_names(answers.services, used)}
    return {name: value for name, value in mapping.items() if not isinstance(value, dict) or value}


def unanswered_settings(mapping: Mapping[str, Any]) -> list[str]:
    """The places of a mapping where an answer is missing, such as "treatments.site"."""
    return list(_find_unanswered("", mapping))


def mapping_comments(proposal: MappingProposal) -> dict[str, str]:
    """What stands above a line of a proposed mapping: why it is proposed, or what is asked."""
    told = {f"{one.sheet}.{one.name}": f"{confidence_label(one.confidence)}: {one.reason}" for one in proposal.fields}
    place = {"dates": "dates", "unplaced": "unplaced", "lines": f"{TREATMENTS.name}.where"}
    for question in proposal.questions:
        told[place.get(question.topic, f"{TREATMENTS.name}.{question.topic}")] = format_question(question)
    told |= {
        f"{SERVICES}.names.{service.name}": f"{confidence_label(service.confidence)}; lines: {service.times:,}"
        for service in proposal.services
    }
    return told


def format_question(question: MappingQuestion) -> str:
    """The question with its choices, on lines of their own."""
    choices = (f"  {answer}: {means}" for answer, means in question.choices if answer != means)
    return "\n".join([question.text, *choices])


def _section(
    proposal: MappingProposal, answers: MappingAnswers, sheet: str, asked: Mapping[str, MappingQuestion]
) -> dict[str, Any]:
    section: dict[str, Any] = {"where": dict(proposal.row_filters[sheet])}
    for (of, name), text in answers.fields.items():
        if of == sheet and text is not None:
            section[name] = _fill_cell(proposal, answers, (of, name), text)
    if question := asked.get("lines"):
        section["where"][question.column] = list(answers.questions.get("lines") or ()) or UNANSWERED
    if question := asked.get("units"):
        answer = answers.questions.get("units")
        by_answer = {YES: f"{{{question.column}}}", NO: f"{{{SERVICE}units}}", None: UNANSWERED}
        section["units"] = by_answer[answer]
    if (question := asked.get("practitioner")) and answers.questions.get("practitioner") == YES:
        section["practitioner"] = f"{{{question.column}}}"
    for about in ("site", "product"):
        if about in asked and about not in section:
            section[about] = answers.questions.get(about) or UNANSWERED
    return section


def _fill_cell(proposal: MappingProposal, answers: MappingAnswers, place: tuple[str, str], text: str) -> Any:
    words = {word: code or UNANSWERED for word, code in answers.codes_by_value.get(place, {}).items()}
    question = text.strip("{}")
    if question in proposal.boxes:
        return {TICKED_CODE: {box: words.get(box, UNANSWERED) for box in proposal.boxes[question]}}
    return {"from": text, "codes": words} if words else text


def _service_names(services: tuple[Service, ...], used: set[str]) -> dict[str, object]:
    """What is said of each name, without what the mapping takes from a column."""

    def kept(meant: object) -> object:
        if isinstance(meant, list):
            one = [kept(part) for part in meant]
            return one if "area" in used else one[0]
        return {name: value for name, value in meant.items() if name in used} if isinstance(meant, dict) else meant

    return {name: kept(meant) for name, meant in services_to_toml(services).items()}


def _sort_section(names: tuple[str, ...], section: Mapping[str, Any]) -> dict[str, Any]:
    return {name: section[name] for name in names if name in section}


def _identifying_columns(proposal: MappingProposal, answers: MappingAnswers):
    for (sheet, name), text in answers.fields.items():
        client = answers.fields.get((sheet, "client")) or ""
        for column in COLUMN.findall(text or "") if name != "client" else ():
            kind = proposal.identifying.get(column)
            if kind and not (name in ID_FIELDS and f"{{{column}}}" in client):  # there it is a pseudonym too
                message = f"tells who a client is ({kind})"
                expected = f"nothing of it in {sheet}.{name}; it may become the client's pseudonym"
                yield Problem(proposal.table.file, None, column, None, expected, message, proposal.table.sheet)


def _find_unanswered(prefix: str, value: Any):
    if value == UNANSWERED:
        yield prefix
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from _find_unanswered(f"{prefix}.{name}".lstrip("."), one)
