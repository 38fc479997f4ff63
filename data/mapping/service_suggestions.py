"""What the names of services and the doses of a table probably mean: words that a person confirms once, and whole names
that no words explain."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from data.files import Table, is_missing
from data.mapping.proposal import select_rows
from data.mapping.service_names import (
    Service,
    ServiceWordUse,
    is_product_name,
    known_words,
    suggest_services_for,
    suggest_words,
)
from data.mapping.service_reader import Injections, ServiceReader, UnknownServiceError
from data.mapping.spec import RowFilter, ServiceRule, plain_name

DOSED = "forehead 1u"  # any text with a dose, in place of the notes of a row
SOME_PRODUCT = "some product"  # stands for the answer to a question, while names are tried out


@dataclass(frozen=True)
class ServiceSuggestions:
    """`words` explain most names, `services` are the other names; `lacks_product`: some names say no product."""

    words: tuple[ServiceWordUse, ...] = ()
    services: tuple[Service, ...] = ()
    lacks_product: bool = False


def suggest_meanings(table: Table, rule: ServiceRule, where: RowFilter, needs_product: bool) -> ServiceSuggestions:
    """Suggestions for the rows of a table. `needs_product`: the products come from these names."""
    rows = select_rows(table, where)
    cells = {name: table.column(name) for name in rule.used_columns}
    names: Counter[str] = Counter()
    dosed_names: set[str] = set()
    notes: Counter[str] = Counter()
    for n in rows:
        name = rule.fill([cells[column][n] for column in rule.placeholders])
        text = "; ".join(cells[column][n] for column in rule.notes if not is_missing(cells[column][n]))
        names[name] += bool(name)
        if text and _has_doses(text):
            dosed_names.add(name)
            notes[text] += 1
    counts = _merge_spellings(names)
    words = suggest_words(counts)
    doses = list(suggest_words({column: len(rows) for column in rule.columns}))
    doses += [use for use in suggest_words(notes) if use.meaning.kind in ("areas", "product")]
    tried = {use.word: use.to_mapping_value() for use in (*words, *doses)}
    reader = ServiceReader(ServiceRule(text=rule.text or "-", words=tried, product=SOME_PRODUCT), needs_product)
    by_name, settled, lacks_product = (
        [],
        {},
        not rule.text and needs_product and not all(map(is_product_name, rule.columns)),
    )
    for guess in suggest_services_for(counts):
        is_dosed = guess.name in dosed_names
        try:
            injections = reader.read(guess.name, (), DOSED if is_dosed else "")
        except UnknownServiceError:
            by_name.append(guess)
            continue
        if _agree(guess, injections, is_dosed):
            settled[guess.name] = guess.times
            lacks_product |= any(one.get("product") == SOME_PRODUCT for one in injections)
        else:
            by_name.append(guess)
    kept = {use.word: use for use in (*suggest_words(settled), *doses)}
    return ServiceSuggestions(tuple(kept.values()), tuple(by_name), lacks_product)


def _agree(guess: Service, injections: Injections, is_dosed: bool) -> bool:
    """Whether words and the whole name lead to the same: what "Barbie Botox" is, no single word says."""
    if not injections:
        return guess.toxin is False
    products = {one["product"] for one in injections if one.get("product")} - {SOME_PRODUCT}
    areas = {one["area"] for one in injections if "area" in one}
    same_areas = is_dosed or (areas <= set(guess.areas) and bool(areas) == bool(guess.areas))
    return products == ({guess.product} if guess.product else set()) and same_areas


def _has_doses(text: str) -> bool:
    return any("area" in one and "units" in one for one in known_words().read(text).injections)


def _merge_spellings(names: Mapping[str, int]) -> dict[str, int]:
    """Different spellings of a name count as one."""
    counts: dict[str, tuple[str, int]] = {}
    for name, times in Counter(names).most_common():
        if name:
            spelling, before = counts.get(plain_name(name), (name, 0))
            counts[plain_name(name)] = spelling, before + times
    return dict(counts.values())
