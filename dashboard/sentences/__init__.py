"""The sentences of the pages, each with its number, interval and chance. Plain numbers in, words out.

Every sentence says what was counted before what follows from it; none credits a remedy, and no adjective stands
without the chance behind it. An `interval` is any three of (estimate, low, high), as models/statistics gives them.
Pages say `sentences.NAME`, whichever subject it belongs to.
"""

from dashboard.sentences.calling import a_call, in_which_order, oldest_on_top, to_ask, why_call
from dashboard.sentences.changing import (
    DRIFT_EXPLAINED,
    FLAGS_EXPLAINED,
    GAPS_EXPLAINED,
    NOTHING_NOTICED,
    also_apart,
    beside_expected,
    change,
    compared_with,
    detection_floor,
    no_change,
    none_seen,
    not_noticed,
    nothing_before,
    present_run,
    signal_or_noise,
    trend,
    usual,
    watched,
)
from dashboard.sentences.comparing import (
    DOSE_CAUTION,
    FAR_FROM_USUAL,
    LOT_CAUTION,
    NOT_RANKED,
    OTHER_THINGS_CHANGED,
    UNITS_DO_NOT_CONVERT,
    before_and_after,
    false_alarms,
    latest,
    lots_compared,
    median_beside,
    needs_me,
    no_slope,
    slope,
    touch_ups,
    usual_units,
)
from dashboard.sentences.counted import (
    MATURING_LEFT_OUT,
    asked,
    known_outcomes,
    latest_treatment,
    noted_after,
    recall,
    red_flag,
    trusted,
    unplaced,
    what_is_counted,
)
from dashboard.sentences.courses import (
    REMEDIES_NOT_CREDITED,
    beside,
    course,
    listed,
    one_line_each,
    remedies,
    still_open,
    treated,
    unknown,
)
from dashboard.sentences.lasting import (
    LEAST_ENDED,
    ONSET_CAUTION,
    OPEN_ONES_STAY,
    coming_back,
    effect_lasts,
    ends_between_contacts,
    how_long,
    no_curve,
    no_effect,
    onset,
    over_within,
    too_few_came,
)
from dashboard.sentences.reported import (
    ASKED_DIFFERENTLY,
    MAP_CAUTION,
    MONTHS_DIFFER,
    PLACES_DIFFER,
    RESTRICTED,
    affected,
    by_month,
    effect,
    family,
    most_of_areas,
    most_of_places,
    published,
)
