"""For how many treatments is the outcome known?"""

from datetime import date

from models.measure import Measure

FOLLOW_UP_DAYS = 21  # the usual check is at two weeks (BOTOX ONE, strabismus: 7 to 14 days), and a week to reach people

MEASURE = Measure(
    code="follow_up_completeness",
    title="Follow-up completeness",
    why="Every other rate is only as good as this one: what is not known bounds what can be said.",
    kind="share",
    unit="treatment",
    event="known_outcome",
    window_days=FOLLOW_UP_DAYS,
    direction="higher",
    source=(
        "Hull series, J Headache Pain 2014;15:54 against COMPEL, J Headache Pain 2018;19:13: asking everyone found "
        "ptosis in 28 of 254 against 18 of 716"
    ),
    reviewed_on=date(2026, 11, 22),
)
