"""After how many treatments was any side effect known?"""

from datetime import date

from models import codelist
from models.measure import Measure

MEASURE = Measure(
    code="any_side_effect",
    title="Any side effect",
    why="The widest question, and the least telling: most of what is counted happens after placebo too.",
    kind="rate",
    unit="treatment",
    families=tuple(codelist.families()),
    by=("area", "product"),
    direction="lower",
    source="JAAD Int 2023;14:4-18, Table IV: any adverse event in 1443 of 3431 on toxin, 486 of 1359 on placebo",
    reviewed_on=date(2026, 11, 22),
)
