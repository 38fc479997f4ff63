"""How many treatments needed a touch-up?"""

from datetime import date

from models.measure import Measure

MEASURE = Measure(
    code="touch_ups",
    title="Touch-ups",
    why=(
        "Too little effect is no side effect and is not counted as one: the touch-up shows it. Too few may mean "
        "doses are high."
    ),
    kind="share",
    unit="treatment",
    event="touch_up",
    window_days=None,
    by=("area", "product"),
    direction="neither",
    source="No published rate was found; the review at about two weeks is what consent forms offer",
    reviewed_on=date(2026, 11, 22),
)
