"""The sentences as the screens print them, and their edges: nobody, one, no outcome known, not reached."""

import inspect
from datetime import date

from dashboard import sentences


def test_what_is_being_counted_stands_under_the_filters():
    assert sentences.what_is_counted(
        412, 305, "April–June 2026", "all sites", 318, maturing=39, since=date(2026, 6, 10)
    ) == (
        "412 treatments of 305 clients, April–June 2026, all sites. Outcome known for 318 (77 %). "
        "39 treated after 10 June 2026 are still maturing."
    )
    assert sentences.what_is_counted(1, 1, "June 2026", "North", 0, 1, date(2026, 6, 10)) == (
        "1 treatment of 1 client, June 2026, North. Outcome known for 0 (0 %). "
        "1 treated after 10 June 2026 is still maturing."
    )
    assert sentences.what_is_counted(0, 0, "June 2026", "all sites", 0) == "No treatments, June 2026, all sites."


def test_a_red_flag_says_when_it_was_noticed():
    said = sentences.red_flag(1, "swallowing difficulty", date(2026, 6, 3))
    assert said == "1 swallowing difficulty, first noticed 3 June 2026, not yet reviewed."
    assert "the latest first noticed 3 June 2026" in sentences.red_flag(2, "swallowing difficulties", date(2026, 6, 3))
    assert sentences.red_flag(1, "dysphagia", None) == "1 dysphagia, day not told, not yet reviewed."


def test_the_headline_gives_the_interval_and_what_the_unknown_outcomes_allow():
    assert sentences.affected(36, 318, 412, (36 / 318, 0.0829, 0.1527), (36 / 412, 130 / 412)) == (
        "In 318 treatments with known outcome 36 had a side effect: 11.3 % (8.3–15.3). "
        "Among all 412 it lies between 8.7 % and 31.6 %."
    )


def test_the_headline_without_unknown_outcomes_needs_no_bounds():
    said = sentences.affected(2, 40, 40, (0.05, 0.0138, 0.165), (0.05, 0.05))
    assert said == "In 40 treatments with known outcome 2 had a side effect: 5.0 % (1.4–16.5)."


def test_the_headline_for_nobody_is_an_upper_limit():
    said = sentences.affected(0, 40, 40, (0.0, 0.0, 0.0876), (0.0, 0.0), unit="client")
    assert said == "In 40 clients with known outcome nobody had a side effect: at most 8.8 %."


def test_without_a_known_outcome_no_rate_is_said():
    assert sentences.affected(0, 0, 1, (0, 0, 1), (0, 1)) == "No outcome is known yet for 1 treatment."


def test_an_effect_names_what_is_inside_it():
    parts = [(4, "eyelid", "eyelids"), (3, "smile", "smiles"), (0, "brow", "brows")]
    assert sentences.effect("nearby-muscle weakness", 7, 318, (7 / 318, 0.0107, 0.0447), parts) == (
        "Nearby-muscle weakness: 7 of 318, 2.2 % (1.1–4.5): four eyelids, three smiles."
    )
    assert sentences.effect("bruising", 1, 10, (0.1, 0.018, 0.404)) == "Bruising: 1 of 10, 10.0 % (1.8–40.4)."


def test_an_effect_nobody_reported_is_at_most_so_frequent():
    said = sentences.effect("generalised weakness", 0, 318, (0.0, 0.0, 0.0094))
    assert said == "Nobody reported generalised weakness (0 of 318: at most 0.9 %)."


def test_durations_count_the_open_ones():
    assert sentences.how_long(41, 35, (9, 7, 12), 120, [(14, 0.22), (42, 0.08), (91, 0.02)]) == (
        "Of 41 side effects, 35 are over. Half were over within 9 days (7–12); "
        "22 % lasted beyond 2 weeks, 8 % beyond 6 weeks, 2 % beyond 13 weeks."
    )


def test_durations_whose_median_is_not_reached_say_so():
    assert sentences.how_long(4, 1, (None, None, None), 42, [(14, 0.75)]) == (
        "Of 4 side effects, 1 is over. The time until half are over is not reached (> 42 days); "
        "75 % lasted beyond 2 weeks."
    )
    assert sentences.how_long(0, 0, (None, None, None), 0, []) == "No side effects, so no durations."


def test_the_overview_says_how_many_are_still_there():
    assert sentences.over_within((9, 7, 12), 120, 42, 0.08) == (
        "Half of the side effects were over within 9 days (7–12); after 6 weeks 8 % were still there."
    )


def test_ends_seen_between_two_contacts_are_said_beside_it():
    assert sentences.ends_between_contacts(30, 35, 10, 120) == (
        "30 of 35 ends lie between two contacts. From those spans, half were over within 10 days."
    )
    assert "not reached (> 120 days)" in sentences.ends_between_contacts(30, 35, None, 120)


def test_what_changed_carries_both_counts_and_the_chance_of_one_such_among_all_comparisons():
    assert sentences.change("bruising", (66, 690), (30, 655), 15, 1 / 120) == (
        "Bruising: 66 of 690 (9.6 %) against 30 of 655 (4.6 %) before. "
        "With 15 comparisons, one so far apart comes by chance about 1 time in 120."
    )


def test_without_a_change_the_furthest_comparison_is_still_said():
    assert sentences.no_change("bruising", (66, 690), (51, 655), 15, 0.4) == (
        "15 comparisons, none further apart than chance explains. The furthest: bruising, 66 of 690 (9.6 %) against "
        "51 of 655 (7.8 %) before; one so far apart comes by chance about 4 times in 10."
    )
    assert "maturing" in sentences.nothing_before(maturing=True)
    assert sentences.nothing_before().startswith("Nothing to compare with")
    assert sentences.compared_with("May 2026") == "Against May 2026, maturing treatments left out."


def test_what_is_open_names_the_longest():
    assert sentences.still_open(4, 51, "eyelid ptosis, case 12") == (
        "4 side effects are not known to be over, the longest after 51 days at the last contact "
        "(eyelid ptosis, case 12)."
    )
    assert sentences.still_open(1, 51, "eyelid ptosis, case 12") == (
        "1 side effect is not known to be over, after 51 days at the last contact (eyelid ptosis, case 12)."
    )
    assert sentences.still_open(0, None, "") == "No side effect is open."
    assert sentences.still_open(2, None, "") == "2 side effects are not known to be over."


def test_what_is_unknown_names_the_calls_worth_making():
    assert sentences.unknown(94, 40) == (
        "94 outcomes are unknown; 40 of these clients can still be called, which would narrow the range most."
    )
    assert sentences.unknown(1, 0) == "1 outcome is unknown, none of them recent enough for a call to tell."


def test_a_family_names_its_most_frequent_side_effects():
    named = [("eyelid ptosis", 4), ("brow ptosis", 3)]
    assert sentences.family("nearby-muscle weakness", 7, 318, (7 / 318, 0.0107, 0.0447), named) == (
        "Nearby-muscle weakness: 7 of 318, 2.2 % (1.1–4.5); eyelid ptosis after 4, brow ptosis after 3."
    )
    none = sentences.family("weakness", 0, 318, (0, 0, 0.012), [])
    assert none == "Nobody reported weakness (0 of 318: at most 1.2 %)."


def test_a_listing_says_how_many_and_how_many_are_open():
    assert sentences.listed(12, 4, 11, 2000) == "12 side effects after 11 treatments, 4 of them not known to be over."
    assert sentences.listed(4, 4, 4, 2000) == "4 side effects after 4 treatments, none of them known to be over."
    assert sentences.listed(5, 0, 4, 2000) == "5 side effects after 4 treatments, all of them over."
    assert sentences.listed(1, 0, 1, 2000) == "1 side effect after 1 treatment, which is over."
    assert sentences.listed(1, 1, 1, 2000) == "1 side effect after 1 treatment, not known to be over."
    assert sentences.listed(3781, 9, 3300, 2000).endswith("The latest 2,000 are listed; the download holds all.")
    assert sentences.listed(0, 0, 0, 2000) == "No side effects here."


def test_the_course_of_a_case_is_told_to_its_last_contact():
    noticed = (date(2026, 6, 8), 5, "Glabella, left", 51)
    assert sentences.course(*noticed, False, False, date(2026, 7, 28)) == (
        "First noticed on day 5 (8 June 2026), Glabella, left. "
        "Still there at the last contact on 28 July 2026, after 51 days."
    )
    assert sentences.course(*noticed, True, False, date(2026, 7, 28)).endswith(
        "Found gone after 51 days, on 28 July 2026."
    )
    assert sentences.course(*noticed, True, True, date(2026, 7, 28)).endswith(" Gone after 51 days, on 28 July 2026.")
    assert sentences.course(None, None, "Not told", None, False, False, None).startswith("When it was first noticed")


def test_a_remedy_is_named_and_never_credited():
    assert sentences.remedies(["massage", "water"], ["water"]) == (
        "Advised: massage and water. Used: water. A remedy is never credited with the course."
    )
    assert "Used" not in sentences.remedies(["massage"], [])


def test_signal_or_noise_ends_with_what_would_have_been_noticed():
    assert sentences.signal_or_noise(6, 150, (0.04, 0.01845, 0.08453), 0.02, 1 / 12, "", 0.08) == (
        "6 of 150 (4.0 %, 1.8–8.5 %). The usual rate is 2 %; 6 or more would happen by chance about 1 time in 12: "
        "not unusual. With 150 treatments a doubled rate would be noticed 8 % of the time."
    )


def test_none_at_all_is_held_against_the_chance_of_none():
    assert sentences.signal_or_noise(0, 50, (0.0, 0.0, 0.0713), 0.02, 1.0, "", None) == (
        "0 of 50 (0 %, 0–7.1 %). The usual rate is 2 %; none would happen by chance about 4 times in 10."
    )  # .98 ** 50 is .364


def test_a_practitioner_reads_who_needs_them():
    assert sentences.needs_me(1, 4, 12) == (
        "1 red flag not yet reviewed; 4 side effects not known to be over; 12 follow-ups due. Of all dates."
    )
    assert sentences.needs_me(0, 0, 0).startswith("Nobody")


def test_a_change_is_told_with_both_sides_counted():
    assert sentences.before_and_after("new needles", date(2026, 6, 3), (3, 70), (5, 60)) == (
        "New needles, 3 June 2026: 3 of 70 (4.3 %) from then on, 5 of 60 (8.3 %) before"
    )
    assert "no outcome known from then on" in sentences.before_and_after("a course", date(2026, 6, 3), (0, 0), (5, 60))


def test_touch_ups_stand_beside_everyones():
    assert sentences.touch_ups(12, 300, (0.04, 0.0230, 0.0686), 80, 2000) == (
        "Touch-ups: 12 of 300 treatments, 4.0 % (2.3–6.9); everyone's: 80 of 2,000 (4.0 %)."
    )


def test_the_end_of_the_effect_is_told_only_where_it_was_scored():
    assert "scores it" in sentences.effect_lasts(122, 183, scored=False)
    assert "first follow-up whose score" in sentences.effect_lasts(122, 183, scored=True)
    assert sentences.no_effect(1) == "1 treated area is left out: no score ever showed an effect there."
    assert sentences.onset(4.5, 412) == (
        "Half of 412 side effects were first noticed by day 4.5 after the injection."
    )


def test_where_few_came_back_no_time_is_told():
    assert sentences.too_few_came("Came back", 7, 90, 12) == (
        "Came back in 7 of 90 treatments of 12 further products and areas: fewer than 5 each, too few for a time."
    )


def test_the_map_names_the_area_with_most():
    assert sentences.most_of_areas("Treatments that included the area", "Glabella", "746 treatments") == (
        "Treatments that included the area: most in Glabella, 746 treatments."
    )


def test_quiet_is_explained():
    assert sentences.not_noticed(318, "eyelid ptosis", 0.21, 0.019, True) == (
        "With 318 treatments where it can happen, a doubling of eyelid ptosis (usually 1.9 %) would be noticed "
        "21 % of the time."
    )
    assert "(1.9 % in this period)" in sentences.not_noticed(318, "eyelid ptosis", 0.21, 0.019, False)
    assert sentences.none_seen(40, "eyelid ptosis", 0.0722) == (
        "Nobody reported eyelid ptosis in 40 treatments where it can happen: "
        "in one clinic of 20, a rate of 7.2 % stays unseen so."
    )
    assert sentences.detection_floor(40, 0.02, 3) == "In 40 treatments, at the usual 2 %, 3 or more would stand out."


def test_a_trend_says_what_was_expected():
    assert sentences.trend("12 eyelids", 640, "January", 0.02, 12.8, 0, 250, 0.5) == (
        "12 eyelids in 640 treatments since January; at the usual 2 %, 12.8 were expected. No signal. "
        "A doubling would be noticed within 250 treatments half of the time."
    )
    assert "Two signals." in sentences.trend("30 eyelids", 640, "January", 0.02, 12.8, 2, 250, 0.5)


def test_the_present_run_carries_its_chance():
    assert sentences.present_run(57, 0.32) == (
        "57 treatments since the last one; a run at least as long comes by chance about 3 times in 10."
    )


def test_people_are_told_how_often_chance_alone_would_flag_one():
    assert sentences.false_alarms(8, 0.337) == (
        "With eight practitioners alike, one would stand outside the inner band by chance in 34 of 100 reviews."
    )
    assert sentences.false_alarms(2, 0.002).endswith("in fewer than 1 of 100 reviews.")
    assert sentences.false_alarms(1, 0.05) == "One practitioner: nobody to compare with."


def test_lots_are_told_how_many_were_compared():
    assert sentences.lots_compared(27) == (
        "27 lots compared: about one in 20 would look this unusual by chance before correction."
    )
    assert sentences.lots_compared(1) == "1 lot: nothing to compare with."


def test_refusals_say_what_is_needed():
    assert sentences.no_curve(3, 5).startswith("No curve: 3 of the 5 ended side effects needed")
    assert sentences.no_slope(7, 10).startswith("No line: 7 of the 10 side effects needed")


def test_trust_is_a_yes_or_a_not_yet_with_reasons():
    assert sentences.trusted([], ["outcome known for 77 %"]) == (
        "Can these figures be trusted this month? Yes: outcome known for 77 %."
    )
    assert sentences.trusted(["12 treatments without a lot", "2 sites sent nothing"]) == (
        "Can these figures be trusted this month? Not yet: 12 treatments without a lot and 2 sites sent nothing."
    )


def test_what_was_asked_and_what_has_no_place_are_counted():
    assert sentences.asked(201, 88, 29) == "What was asked: checklist 201, open question 88, volunteered 29."
    assert sentences.unplaced(1) == "1 side effect could not be placed in an area and is counted aside."


def test_no_sentence_uses_a_word_kept_for_nobody():
    source = inspect.getsource(sentences).lower()
    for word in ("significant", "compliant", "de-identified", "privileged", "detects"):
        assert word not in source
