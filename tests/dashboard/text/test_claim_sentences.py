"""Verdicts on what clients are told, in at most ten words."""

from dashboard.text.claim_sentences import describe_claim_verdict, describe_records
from data.reference.claims import shipped_claims
from data.summaries.client_claims import FAILS, HOLDS, UNDECIDED, ClaimResult, Finding
from models.statistics.interval import Interval

CLAIMS = {claim.code: claim for claim in shipped_claims()}


def common(*verdicts: str) -> ClaimResult:
    areas = CLAIMS["common_areas"].areas
    findings = [Finding(verdict=v, codes=(area,), events=1, total=9) for v, area in zip(verdicts, areas, strict=False)]
    return ClaimResult(claim=CLAIMS["common_areas"], findings=tuple(findings), more_treatments=900)


def test_a_verdict_has_at_most_ten_words_and_names_a_single_area():
    verdicts = [common(HOLDS, HOLDS, FAILS, UNDECIDED), common(UNDECIDED, UNDECIDED), common(HOLDS, HOLDS)]
    texts = [describe_claim_verdict(result) for result in verdicts]
    assert texts == [
        "Holds for 2 areas; not for lateral canthal lines",
        "Cannot tell yet: about 900 more treatments needed",
        "Holds for 2 areas",
    ]
    assert all(len(text.split()) <= 10 for text in texts)


def test_the_records_behind_a_verdict_are_counts_with_their_interval():
    half, share = Interval(28, 26, 30), Interval(0.04, 0.02, 0.07)
    found = Finding(verdict=HOLDS, events=90, total=100, estimate=share, median=half)
    assert describe_records(ClaimResult(claim=CLAIMS["within_months"], findings=(found,))) == (
        "100 cases: half had ended within 28 days (26–30). Still present after 13 weeks: 4.0% (2.0–7.0)."
    )
