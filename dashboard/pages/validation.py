"""Every published number that we reproduce, next to ours as calculated now, under the source that printed it."""

import pandas as pd
import streamlit as st

from dashboard.components import downloads
from dashboard.shell import prose
from dashboard.text import formatting
from models import published_checks


def main() -> None:
    table = _cached_table()
    published, own = table[table["Printed by"] == "others"], table[table["Printed by"] != "others"]
    agree, sources = int((published["Agrees"] == "yes").sum()), published["Source"].nunique()
    heading = f"{formatting.n_of_m(agree, len(published))} published numbers are reproduced, from {sources} sources."
    prose.draw_text(heading, "header")
    own_agree = formatting.n_of_m(int((own["Agrees"] == "yes").sum()), len(own))
    note = (
        "A number agrees when it lies within the rounding of the printed one. Our own checks, listed last: "
        f"{own_agree} agree. docs/validation.md names the file of each number. The command: make validate."
    )
    prose.draw_text(note, "caption")
    downloads.draw_csv(table, "validation")
    for source, printed in table.groupby("Source", sort=False):
        prose.draw_text(source, "subheader")
        # A table, not a grid, so that no text is cut off, on a phone either.
        cells = {
            formatting.escape_markdown(title): [formatting.escape_markdown(cell) for cell in printed[title]]
            for title in ("What", "Published", "Ours", "Agrees")
        }
        st.table(cells, border="horizontal", hide_index=True, alt=f"Published numbers and ours: {source}")


@st.cache_resource
def _cached_table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "What": check.what,
            "Published": _format_number(check.published),
            "Ours": _format_number(check.ours),
            "Agrees": "yes" if check.agrees else "NO",
            "Source": check.source,
            "Path": check.path,
            "Printed by": "this project" if check.origin == "own" else "others",
        }
        for check in sorted(published_checks.check_published_numbers(), key=lambda check: check.origin == "own")
    )


def _format_number(value: float | None) -> str:
    return "not reached" if value is None else f"{value:.6g}"


main()
