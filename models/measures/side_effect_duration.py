"""How long does each side effect last?"""

from datetime import date

from models import codelist
from models.measure import Measure

MEASURE = Measure(
    code="side_effect_duration",
    title="Duration of each side effect",
    why="Clients ask how long it will last; the ones still open belong in the answer.",
    kind="duration",
    unit="treatment",
    families=tuple(codelist.families()),
    by=("side_effect", "product"),
    direction="lower",
    source=(
        "King 2016, J Clin Aesthet Dermatol 9(12):E1 (ptosis often settles in 3 to 4 weeks); PMID 39001582 (13 to "
        "667 days after the masseter)"
    ),
    reviewed_on=date(2026, 11, 22),
)
