"""How much weakness, where, at what dose, for how long: each kind of weakness in each treated area."""

from dataclasses import dataclass, replace

import pandas

from data.analysis import counts, estimates
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from data.summaries import dose_response
from data.summaries.dose_response import TOO_FEW

GENERALIZED = "generalised_weakness"
LOCAL_WEAKNESS = ("injected_weakness", "nearby_weakness")  # of the treated muscle, or of one next to it; also measures
WEAKNESS_FAMILIES = (*LOCAL_WEAKNESS, GENERALIZED)
CELL = ["area", "family"]
LEAST_MODERATE = 2  # the grade
NO_DURATION = "none with a known duration"


@dataclass(frozen=True)
class WeaknessByArea:
    """`cells`: one row per treated area and kind of weakness, areas treated most often first.

    Columns: area, family, those of `estimates.rates` (of treated areas), median (float64, days, as of
    `estimates.durations`; NaN: not reached, or refused), no_median (str: why it is refused; None), graded,
    moderate_or_severe (int64: of the events, those with a grade and those whose worst grade is at least 2), product
    (str: with the clearest link, else with the most events; None), chance (float64: the lowest of the products),
    verdict (str: `HIGHER` if that of any product is, `NO_LINK` if any was tested, else `TOO_FEW`).

    `links`: as of `dose_response.dose_links`, with family (str) for measure. `unplaced`: as of
    `counts.unplaced_effects`, the weakness that counts in no area.
    """

    cells: pandas.DataFrame
    links: pandas.DataFrame
    unplaced: pandas.DataFrame

    @property
    def most_notable(self) -> pandas.DataFrame:
        """The cells, those whose link with dose is least likely by chance first, then those with most events."""
        order = {"chance": True, "events": False}
        return self.cells.sort_values(list(order), ascending=list(order.values()), kind="stable")


def weakness_by_area(tables: AnalysisTables, scope: Scope, selection: Selection) -> WeaknessByArea:
    """The kinds of weakness by treated area, whatever side effects are selected."""
    chosen = replace(selection, unit="area", side_effects=(), families=WEAKNESS_FAMILIES)
    links = _dose_links(tables, scope, chosen)
    cells = _rates(tables, scope, chosen)
    lasting = estimates.durations(tables, scope, chosen, CELL).rename(columns={"refused": "no_median"})
    for columns in (lasting[[*CELL, "median", "no_median"]], _grades(tables, scope, chosen), _verdicts(links)):
        cells = cells.merge(columns, "left", CELL)
    has_duration = cells.set_index(CELL).index.isin(lasting.set_index(CELL).index)
    cells["no_median"] = cells.no_median.mask(~has_duration, NO_DURATION)
    cells = cells.fillna({"graded": 0, "moderate_or_severe": 0, "verdict": TOO_FEW})
    cells = cells.astype({"graded": "int64", "moderate_or_severe": "int64"})
    cells["family"] = pandas.Categorical(cells.family, WEAKNESS_FAMILIES)
    cells = cells.sort_values(["treated", "area", "family"], ascending=[False, True, True], ignore_index=True)
    unplaced = counts.unplaced_effects(tables, scope, chosen)
    return WeaknessByArea(cells.astype({"family": "object"}), links, unplaced)


def dose_effect_of(
    tables: AnalysisTables, scope: Scope, selection: Selection, family: str, product: str, area: str
) -> dose_response.DoseEffect:
    """One kind of weakness in one area by the units of one product, as its row of `links` counts it."""
    chosen = replace(selection, side_effects=(), families=(family,))
    return dose_response.dose_effect(tables, scope, chosen, product, area)


def _rates(tables: AnalysisTables, scope: Scope, selection: Selection) -> pandas.DataFrame:
    """The rate of every cell; a kind of weakness that nobody had is 0 of those asked about it."""
    found = estimates.rates(tables, scope, selection, CELL)
    missing = [family for family in WEAKNESS_FAMILIES if family not in set(found.family)]
    none = [
        estimates.rates(tables, scope, replace(selection, families=(family,)), ("area",)).assign(family=family)
        for family in missing
    ]
    return pandas.concat([found, *none], ignore_index=True)


def _grades(tables: AnalysisTables, scope: Scope, selection: Selection) -> pandas.DataFrame:
    counted = counts.counts(tables, scope, selection, (*CELL, "grade"))
    grade = counted.grade.astype("Int64")
    columns = counted[CELL].assign(
        graded=counted.events.where(grade.notna(), 0),
        moderate_or_severe=counted.events.where((grade >= LEAST_MODERATE).fillna(False), 0),
    )
    return columns.groupby(CELL, as_index=False).sum()


def _dose_links(tables: AnalysisTables, scope: Scope, selection: Selection) -> pandas.DataFrame:
    """The two measures are compared at once, as under "Needs your attention"; generalized weakness on its own, because
    its measure counts other red flags too."""
    plain = replace(selection, families=())
    generalized = replace(selection, families=(GENERALIZED,))
    links = pandas.concat(
        [
            dose_response.dose_links(tables, scope, plain, LOCAL_WEAKNESS),
            dose_response.dose_links(tables, scope, generalized).assign(measure=GENERALIZED),
        ],
        ignore_index=True,
    )
    return links.rename(columns={"measure": "family"})


def _verdicts(links: pandas.DataFrame) -> pandas.DataFrame:
    """Of each cell, the product with the clearest link, and the verdict over all of its products."""
    first = links.sort_values(["chance", "events", "followed_up"], ascending=[True, False, False], kind="stable")
    return first.drop_duplicates(CELL)[[*CELL, "product", "chance", "verdict"]]
