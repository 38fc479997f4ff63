"""Rate of bruises and hematomas, which the side effect "Bruising" does not include."""

from models.measure import Measure

MEASURE = Measure(
    code="bruising",
    title="Bruising and hematoma",
    why="It comes from the needle, not from the toxin: technique and site decide.",
    side_effects=("bruising", "haematoma"),
    source=(
        "JAAD Int 2023;14:4-18, Table IV: 106 of 3431 on toxin, 26 of 1359 on placebo; Ophthalmic Plast Reconstr "
        "Surg 2023;39(1):13-25"
    ),
    reviewed_on="2026-11-22",
)
