"""How much weakness, where, at what dose, for how long? A matrix of areas by kinds of weakness; one cell is open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import theme
from dashboard.components import charts
from dashboard.figures import dose_curve, weakness_matrix
from dashboard.shell import navigation, prose, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import comparison_sentences, coverage_sentences, formatting, weakness_sentences
from dashboard.text.labels import is_on_our_list, label, plain_label, unit_label
from data.reference.guidance import labeled_dose
from data.summaries import weakness
from data.summaries.dose_response import HIGHER, TOO_FEW
from data.summaries.weakness import WEAKNESS_FAMILIES, WeaknessByArea

TITLES = {"area": "Area", "family": "Kind of weakness", "product": "Product"}  # of the address bar, in this order


@dataclass(frozen=True)
class OpenCell:
    """The open cell and the product whose doses are shown. `unknown`: what the address bar names in vain."""

    area: str
    family: str
    product: str
    unknown: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.family}:{self.area}"


def main() -> None:
    view: PageView = st.session_state.shown
    found = query_cache.cached_query(weakness.weakness_by_area, view.scope, view.selection)
    if found.cells.empty:
        st.header(weakness_sentences.NO_AREA, anchor=False)
        return
    choice = choose_cell(found, {name: st.query_params[name] for name in TITLES if name in st.query_params})
    notable = found.most_notable.iloc[0]
    is_judged = bool(found.links.chance.notna().any())
    verdict = weakness_sentences.describe_dose_links(
        *_name_cell(notable.family, notable.area), notable.verdict == HIGHER, is_judged
    )
    prose.draw_text(verdict, "header")
    if choice.unknown:
        prose.draw_text(weakness_sentences.describe_unknown_choice(choice.unknown), "caption")
    matrix, detail = st.columns([3, 2], gap="medium")
    with matrix:
        _draw_matrix(found, choice)
    with detail:
        _draw_choices(found, choice)
        _draw_cell(view, found, choice)


def choose_cell(found: WeaknessByArea, named: Mapping[str, str]) -> OpenCell:
    """The most notable cell among those that the address bar names, and of it the product named there, or the one with
    the clearest link. A name that no cell has is left out and listed."""
    unknown, cells = [], found.most_notable
    for name in ("area", "family"):
        if name in named:
            of_name = cells[cells[name] == named[name]]
            cells = cells if of_name.empty else of_name
            unknown += [named[name]] * of_name.empty
    cell = cells.iloc[0]
    product = cell["product"]
    if "product" in named:
        if named["product"] in _products(found, cell.family, cell.area):
            product = named["product"]
        else:
            unknown.append(named["product"])
    return OpenCell(cell.area, cell.family, product, tuple(unknown))


def _products(found: WeaknessByArea, family: str, area: str) -> list[str]:
    """The products of a cell, the most used first."""
    links = found.links[(found.links.family == family) & (found.links.area == area)]
    return links.sort_values("followed_up", ascending=False, kind="stable")["product"].tolist()


def _draw_matrix(found: WeaknessByArea, choice: OpenCell) -> None:
    cells = found.cells.assign(
        key=found.cells.family + ":" + found.cells.area,
        area=found.cells.area.map(partial(plain_label, "area")),
        family=found.cells.family.map(partial(label, "family")),
    )
    families = [label("family", family) for family in WEAKNESS_FAMILIES]
    for is_narrow, place in ((False, theme.DESK), (True, theme.TELEPHONE)):
        with st.container(key=f"{place}_weakness"):
            chart = weakness_matrix.draw(cells, families, choice.key, is_narrow)
            charts.draw_chart(chart, "weakness_narrow" if is_narrow else "weakness", on_click=_open_cell)
    prose.draw_text(weakness_sentences.explain_matrix(weakness_matrix.MIN_FOLLOWED_UP), "caption")
    if len(found.unplaced):
        names = [plain_label("side_effect", code).lower() for code in found.unplaced.side_effect]
        kinds = list(zip(names, found.unplaced.episodes, strict=True))
        prose.draw_text(coverage_sentences.describe_unplaced_effects(kinds), "caption")


def _open_cell(key: str) -> None:
    family, _, area = key.partition(":")
    navigation.set_parameters(area=area, family=family, product=None)


def _draw_choices(found: WeaknessByArea, choice: OpenCell) -> None:
    """The same choice without a mouse."""
    options: dict[str, Sequence[str]] = {
        "area": found.cells.area.unique().tolist(),
        "family": WEAKNESS_FAMILIES,
        "product": _products(found, choice.family, choice.area),
    }
    for name, title in TITLES.items():
        if not options[name]:
            continue
        key = f"dose_{name}"
        st.session_state[key] = getattr(choice, name)
        st.selectbox(
            title, options[name], format_func=partial(plain_label, name) if name == "area" else partial(label, name),
            key=key, on_change=_write_choice, args=(name,), label_visibility="collapsed",
        )  # fmt: skip


def _write_choice(name: str) -> None:
    """All three stand in the address; a new cell begins with its own product."""
    chosen = {each: st.session_state.get(f"dose_{each}") for each in TITLES}
    navigation.set_parameters(**chosen | ({} if name == "product" else {"product": None}))


def _draw_cell(view: PageView, found: WeaknessByArea, choice: OpenCell) -> None:
    cells, links = found.cells, found.links
    (cell,) = cells[(cells.area == choice.area) & (cells.family == choice.family)].itertuples()
    prose.draw_text(": ".join(_name_cell(choice.family, choice.area)), "subheader")
    prose.draw_text(weakness_sentences.describe_cell(cell))
    if cell.episodes:
        opened = formatting.escape_markdown(f"Open {formatting.pluralize(cell.episodes, 'case')}")
        navigation.draw_link("cases", opened, family=choice.family, area=choice.area)
    of_cell = links[(links.area == choice.area) & (links.family == choice.family)]
    link = next(of_cell[of_cell["product"] == choice.product].itertuples(), None)
    if link is not None:
        _draw_dose(view, links, link)


def _draw_dose(view: PageView, links: pd.DataFrame, link: Any) -> None:
    """`link`: one of the rows `links`."""
    unit = unit_label(link.product)
    query = weakness.dose_effect_of
    effect = query_cache.cached_query(query, view.scope, view.selection, link.family, link.product, link.area)
    if link.verdict == TOO_FEW:
        prose.draw_text(f"{formatting.capitalize_first(link.refused)}. No line is drawn.")
    else:
        doses, rates = (link.low_dose, link.high_dose), (link.low_dose_rate, link.high_dose_rate)
        slope = effect.slope
        odds = comparison_sentences.explain_odds_ratio(unit, slope.per, slope.odds_ratio, slope.design_effect > 1)
        verdict = comparison_sentences.describe_dose_effect(link.verdict, unit, doses, rates)
        prose.draw_text(verdict, "subheader", help_text=odds)
    labeled = labeled_dose(link.product, (link.area,)) if is_on_our_list("product", link.product) else None
    limits = (labeled.units_low, labeled.units_high) if labeled else None
    parameters = {"family": link.family, "area": link.area, "product": link.product}
    charts.draw_chart(dose_curve.draw(effect.bands, unit, effect.line, limits), "dose", lambda _: parameters)
    compared = links[(links.family == weakness.GENERALIZED) == (link.family == weakness.GENERALIZED)]
    if link.verdict != TOO_FEW:
        tested = int(compared.chance.notna().sum())
        prose.draw_text(comparison_sentences.describe_dose_comparison(tested), "caption")
    st.caption(f"{comparison_sentences.DOSE_CAUTION} {weakness_sentences.LEFT_OUT}")


def _name_cell(family: str, area: str) -> tuple[str, str]:
    return label("family", family), formatting.lower_first(plain_label("area", area))


main()
