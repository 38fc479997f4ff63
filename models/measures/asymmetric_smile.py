"""Rate of an uneven smile after treatments of the lower face."""

from models import codelist
from models.measure import Measure

ASYMMETRY = codelist.side_effects()["facial_asymmetry"]
LOWER_FACE = tuple(
    area.code for area in codelist.areas().values() if area.region == "lower_face" and ASYMMETRY.can_follow(area.code)
)

MEASURE = Measure(
    code="asymmetric_smile",
    title="Asymmetric smile after the lower face",
    why="Small muscles lie close together there. For most of these areas no reliable rate is published.",
    side_effects=(ASYMMETRY.code,),
    areas=LOWER_FACE,
    source=(
        "Masseter phase 2 trial, PMID 39522729 (4 localized impacts on smile, all at the highest dose); J Cosmet "
        "Dermatol 2018;17(1):33 (3 of 2036 masseter sessions)"
    ),
    reviewed_on="2026-11-22",
)
