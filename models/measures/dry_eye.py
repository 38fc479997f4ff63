"""After how many treatments around the eye was an eye dry?"""

from datetime import date

from models import codelist
from models.measure import Measure

MEASURE = Measure(
    code="dry_eye",
    title="Dry eye",
    why="A dry eye that stays needs an ophthalmologist; lids that close badly are a cause that can be seen.",
    kind="rate",
    unit="treatment",
    side_effects=("dry_eye",),
    areas=codelist.side_effects()["dry_eye"].areas,
    by=("area", "product"),
    direction="lower",
    source=(
        "JEUVEAU label 5.9 (copy): refer if eye symptoms persist; XEOMIN safety information (copy): corneal exposure"
    ),
    reviewed_on=date(2026, 11, 22),
)
