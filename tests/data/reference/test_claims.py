"""The eleven claims of the clinic's text, each with a source that other reference files have too."""

from data.reference import claims
from data.reference.loader import FOLDER
from models import codelist


def test_eleven_claims_are_shipped_and_each_names_its_source():
    shipped = claims.shipped_claims()
    assert len(shipped) == len({claim.code for claim in shipped}) == 11
    assert all(claim.published and claim.source and claim.how_asked for claim in shipped)


def test_every_published_statement_has_a_source_of_the_other_lists():
    listed = "".join((FOLDER / f"{name}.csv").read_text("utf-8") for name in ("rates", "durations", "doses"))
    remedies = {row.source: row.evidence for row in codelist.remedies().values()}
    for claim in claims.shipped_claims():
        assert claim.source in listed or claim.source in remedies, claim.code


def test_a_claim_about_a_remedy_has_no_threshold_because_no_number_decides_it():
    assert {claim.limit for claim in claims.shipped_claims() if claim.kind == "remedy"} == {None}
