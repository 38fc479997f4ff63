"""Rate of generalized weakness and other red flags."""

from models import codelist
from models.measure import Measure

MEASURE = Measure(
    code="generalised_weakness_and_red_flags",
    title="Generalized weakness and other red flags",
    why="Each one is a case to review at once. The count shows how rare they must stay.",
    side_effects=tuple(codelist.red_flags()),
    families=("generalised_weakness",),
    source="Boxed warning and label 5.1 (LETYBO label copy, RxReasoner); CDC HAN 00507, 23 April 2024",
    reviewed_on="2026-11-22",
)
