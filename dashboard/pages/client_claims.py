"""What clients are told, next to the clinic's own records and published figures, with a cautious verdict for each."""

import streamlit as st

from dashboard.shell import navigation, prose, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import claim_sentences, formatting
from data.summaries import client_claims
from data.summaries.client_claims import ClaimResult

# Of each kind of claim: the page with the numbers.
LINKS = {
    "occurs": "side_effects",
    "resolves": "durations",
    "dose": "dose",
    "area": "dose",
    "common": "side_effects",
    "results": "durations",
    "remedy": "aftercare",
}
WIDTHS = [6, 8, 8, 5]


def main() -> None:
    shown: PageView = st.session_state.shown
    prose.draw_text(f"{claim_sentences.ALL_DATES} {claim_sentences.WEAKNESS_MEANS}", "caption")
    results = query_cache.cached_query(client_claims.client_claims, shown.scope, shown.selection)
    for result in results:
        _draw_claim(result)


def _draw_claim(result: ClaimResult) -> None:
    claim = result.claim
    with st.container(border=True):
        text, ours, published, link = st.columns(WIDTHS, gap="small")
        verdict = formatting.escape_markdown(claim_sentences.describe_claim_verdict(result))
        text.markdown(f"“{formatting.escape_markdown(claim.text)}”  \n**{verdict}**")
        with ours:
            prose.draw_text("Our records", "caption")
            prose.draw_text(claim_sentences.describe_records(result))
        with published:
            prose.draw_text("Published", "caption")
            prose.draw_text(f"{claim.published}.")
            prose.draw_text(f"{claim.how_asked}. Source: {claim.source}.", "caption")
        with link:
            page = LINKS[claim.kind]
            title = formatting.escape_markdown(navigation.page_title(page))
            navigation.link_to_all_dates(page, title, every_filter=True, key=claim.code)


main()
