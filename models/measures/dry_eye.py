"""Rate of dry eyes after treatments around the eye."""

from models import codelist
from models.measure import Measure

MEASURE = Measure(
    code="dry_eye",
    title="Dry eye",
    why="A dry eye that persists needs an ophthalmologist. Lids that close poorly are a visible cause.",
    side_effects=("dry_eye",),
    areas=codelist.side_effects()["dry_eye"].areas,
    source=(
        "JEUVEAU label 5.9 (copy): refer if eye symptoms persist; XEOMIN safety information (copy): corneal exposure"
    ),
    reviewed_on="2026-11-22",
)
