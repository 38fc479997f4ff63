"""A proposal with the answers of a saved mapping, so that a person can look at them again and change them."""

from collections.abc import Iterator
from dataclasses import replace

from data.mapping.proposal import NO, YES, Answer, FieldSuggestion, MappingProposal, MappingQuestion
from data.mapping.service_names import Service, ServiceWordUse
from data.mapping.service_reader import word_meaning
from data.mapping.spec import NOT_READ, SERVICE, CellRule, MappingSpec, plain_name
from data.schema.template import TREATMENTS

AS_SAVED = "as saved"


def apply_saved(proposal: MappingProposal, spec: MappingSpec) -> MappingProposal:
    """The proposal with what the mapping says in place of the suggestions. New words and names stay suggestions."""
    asked = {question.topic for question in proposal.questions}
    fields = tuple(_fields(spec, asked))
    codes = {
        (sheet, name): dict(cell.boxes or cell.codes)
        for sheet, rule in spec.sheets.items()
        for name, cell in rule.cells.items()
    }
    return replace(
        proposal,
        source=spec.source,
        fields=fields,
        row_filters={sheet: rule.where for sheet, rule in spec.sheets.items()},
        questions=tuple(replace(question, answer=_answer(question, spec)) for question in proposal.questions),
        service_rule=spec.services or proposal.service_rule,
        words=tuple(_words(proposal, spec)),
        services=tuple(_services(proposal, spec)),
        value_mappings=tuple(
            replace(value, code=codes.get((value.sheet, value.name), {}).get(value.text, value.code))
            for value in proposal.value_mappings
        ),
        known_codes=codes,
    )


def _fields(spec: MappingSpec, asked: set[str]) -> Iterator[FieldSuggestion]:
    for sheet, rule in spec.sheets.items():
        for name, cell in rule.cells.items():
            if not (sheet == TREATMENTS.name and name in asked):
                text = cell.template if not cell.boxes else f"{{{_box_question(cell)}}}"
                yield FieldSuggestion(sheet, name, text, 1.0, AS_SAVED)


def _box_question(cell: CellRule) -> str:
    """The question that tick boxes belong to, as a proposal names it."""
    first = next(iter(cell.boxes))
    for separator in ("___", " (choice="):
        if separator in first:
            return first.split(separator)[0]
    return "side effects"


def _answer(question: MappingQuestion, spec: MappingSpec) -> Answer:
    """The saved answer to a question; the proposed one if the mapping has none."""
    treatments = spec.sheets.get(TREATMENTS.name)
    cell = treatments.cells.get(question.topic) if treatments else None
    match question.topic:
        case "lines" if treatments:
            wanted = treatments.where.get(question.column or "", question.answer)
            return (wanted,) if isinstance(wanted, str) else wanted
        case "units" if cell:
            return NO if cell.text and SERVICE in cell.text else YES
        case "practitioner":
            return YES if cell else NO
        case "site" | "product" if cell and not cell.columns:
            return cell.text
        case "client":
            return next(
                (rule.cells["client"].columns[0] for rule in spec.sheets.values() if "client" in rule.cells), None
            )
        case "unplaced":
            return YES if spec.unplaced is True else NO
        case "dates":
            return spec.dates or question.answer
        case "fill_down":
            return tuple(column for column, _ in question.choices if column in spec.fill_down)
        case "refunds":
            return spec.refunds.get(question.column or "", question.answer)
        case "service_product":
            return spec.services.product if spec.services else question.answer
    return question.answer


def _words(proposal: MappingProposal, spec: MappingSpec) -> Iterator[ServiceWordUse]:
    saved = spec.services.words if spec.services else {}
    uses = {use.word: use for use in proposal.words}
    for word, value in saved.items():
        use = uses.pop(word, None)
        times, example = (use.times, use.example) if use else (0, "")
        yield ServiceWordUse(word, word_meaning(value), times, example, 1.0)
    yield from uses.values()


def _services(proposal: MappingProposal, spec: MappingSpec) -> Iterator[Service]:
    times = {plain_name(one.name): one for one in proposal.services}
    for name, meaning in (spec.services.names if spec.services else {}).items():
        known = times.pop(plain_name(name), None)
        parts = meaning if isinstance(meaning, tuple) else (meaning,) if isinstance(meaning, dict) else ()
        yield Service(
            name=name,
            times=known.times if known else 0,
            toxin=meaning != NOT_READ,
            product=next((part["product"] for part in parts if "product" in part), None),
            areas=tuple(part["area"] for part in parts if "area" in part),
            units=next((part["units"] for part in parts if "units" in part), None),
            confidence=1.0,
        )
    yield from times.values()
