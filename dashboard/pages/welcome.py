"""The page without records: explore sample data, import records, or start an empty log."""

import streamlit as st

from dashboard.components import downloads
from dashboard.shell import background_jobs, error_reporting, navigation, prose, query_cache
from dashboard.text import case_sentences, formatting, rate_sentences, trend_sentences
from data.schema.workbook_writer import template_workbook
from models.statistics import detection, proportion

SAMPLE_TREATMENTS = 6_000  # about two and a half years of a clinic with three sites
CARD = {"border": True, "height": "stretch", "vertical_alignment": "distribute"}
POLL_SECONDS = 0.5  # between two checks whether the sample clinic is ready


def main() -> None:
    st.markdown(
        "Sequela shows which side effects your clients had after botulinum toxin, how often, with what certainty, how "
        "long they lasted, and what is changing. It is for the clinic's own quality review.  \n"
        "**There are no treatment records yet.** Imported records stay on this computer, in their own database."
    )
    if "sample_job" in st.session_state:
        _wait_for_sample()
    sample, imports, log = st.columns(3)
    with sample, st.container(**CARD):
        _draw_words(
            "Explore sample data",
            f"{SAMPLE_TREATMENTS:,} invented treatments of a clinic with three sites. A worse lot, a rising month and "
            "an emergency are hidden in them.",
        )
        busy = background_jobs.is_busy()
        if st.button("Create sample data", type="primary", disabled=busy, icon=":material/science:"):
            job = st.session_state.sample_job = background_jobs.Job("Creating sample data")
            job.start(query_cache.create_sample, SAMPLE_TREATMENTS)
            st.rerun()
    with imports, st.container(**CARD):
        _draw_words(
            "Import your records",
            "Spreadsheets, or exports of your practice software. Each row is checked, and you see a preview before "
            "anything is stored.",
        )
        navigation.draw_link("import_records", "Import records", icon=":material/upload_file:")
    with log, st.container(**CARD):
        _draw_words(
            "Start a log",
            "Enter one record at a time, or fill in a workbook. It has a sheet each for treatments, follow-ups and "
            "side effects, with lists to choose from.",
        )
        navigation.draw_link("new_record", "Enter a treatment", icon=":material/add_notes:")
        downloads.button("Download the template", template_workbook, downloads.file_name("template", "xlsx"))
    st.header("What results look like", anchor=False)
    interval, bounds = proportion.wilson(2, 26), proportion.bounds(2, 26, 40)
    prose.draw_text(rate_sentences.describe_overall_rate(2, 26, 40, interval, bounds))
    st.caption("26 of 40 clients were followed up. The missing ones limit what can be concluded.")
    prose.draw_text(case_sentences.describe_open_cases(4, 4, 0, 51, "eyelid ptosis, case 12"))
    st.caption("Open cases are counted up to the last time the client was seen with the side effect.")
    power = detection.power(150, 0.02, 2)
    prose.draw_text(trend_sentences.describe_detection_power("150 treatments", "eyelid ptosis", power, 0.02, True))
    st.caption("Without a signal, Sequela states how likely a change would have shown up.")


def _draw_words(title: formatting.Markdown, text: formatting.Markdown) -> None:
    with st.container():
        st.header(title, anchor=False)
        st.markdown(text)


@st.fragment(run_every=POLL_SECONDS)
def _wait_for_sample() -> None:
    job = st.session_state.sample_job
    if job.running:
        st.status(formatting.escape_markdown(f"{job.title} …"), state="running")
        return
    del st.session_state.sample_job
    if error := job.work.exception():
        st.error(formatting.escape_markdown(error_reporting.describe(error)), icon=":material/error:")
        return
    st.rerun()


main()
