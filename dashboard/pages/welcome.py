"""No records yet: look around with a made-up clinic, bring records in, or begin with an empty log."""

import streamlit as st

from dashboard.components import downloads
from dashboard.shell import background_jobs, error_reporting, navigation, query_cache
from dashboard.text import case_sentences, formatting, rate_sentences, trend_sentences
from data.schema.workbook_writer import template_workbook
from models.statistics import detection, proportion

SAMPLE_TREATMENTS = 6_000  # about two and a half years of a clinic with three sites
POLL_SECONDS = 0.5  # seconds between two looks at whether the sample clinic is there


def main() -> None:
    st.markdown(
        "What happened to your clients after botulinum toxin: which side effects, how often, how sure one can be, how "
        "long they lasted, and what is changing. For the clinic's own quality review.  \n"
        "**There are no treatment records here yet.** What you bring in stays on this computer, in its own database."
    )
    if "sample_job" in st.session_state:
        _wait_for_sample()
    look, bring, begin = st.columns(3)
    with look, _draw_card():
        _draw_words(
            "Look around",
            f"{SAMPLE_TREATMENTS:,} made-up treatments of a clinic with three sites: a worse lot, a rising month and "
            "an emergency are hidden in it. No real person is.",
        )
        busy = background_jobs.running_job() is not None
        if st.button("Make the sample clinic", type="primary", disabled=busy, icon=":material/science:"):
            st.session_state.sample_job = background_jobs.start_job(
                "Making the sample clinic", query_cache.create_sample, SAMPLE_TREATMENTS
            )
            st.rerun()
    with bring, _draw_card():
        _draw_words(
            "Bring your records",
            "Spreadsheets, or exports of your practice software. Each line is checked, and nothing is stored before "
            "you have seen what would be.",
        )
        navigation.draw_link("import_records", "Go to import", icon=":material/upload_file:")
    with begin, _draw_card():
        _draw_words(
            "Begin a log",
            "By hand, one record at a time; or a workbook to fill in, a sheet each for treatments, follow-ups and side "
            "effects, with the words to choose from.",
        )
        navigation.draw_link("new_record", "Enter a treatment", icon=":material/add_notes:")
        downloads.button("Download the template", template_workbook, downloads.file_name("template", "xlsx"))
    _draw_example()


def _draw_example() -> None:
    st.header("How it speaks", anchor=False)
    for said, why in (
        (
            rate_sentences.describe_overall_rate(2, 26, 40, proportion.wilson(2, 26), proportion.bounds(2, 26, 40)),
            "26 of 40 clients were reached; what is not known bounds what can be said.",
        ),
        (
            case_sentences.describe_open_cases(4, 51, "eyelid ptosis, case 12"),
            "A side effect that is not over stays in, up to the last day anybody heard from the client.",
        ),
        (
            trend_sentences.describe_detection_power(
                "150 treatments", "eyelid ptosis", detection.power(150, 0.02, 2), 0.02, True
            ),
            "Where nothing stands out, it says what would have been noticed.",
        ),
    ):
        st.markdown(formatting.escape_markdown(said))
        st.caption(formatting.escape_markdown(why))


def _draw_card():
    return st.container(border=True, height="stretch", vertical_alignment="distribute")


def _draw_words(title: formatting.Markdown, text: formatting.Markdown) -> None:
    with st.container():
        st.header(title, anchor=False)
        st.markdown(text)


@st.fragment(run_every=POLL_SECONDS)
def _wait_for_sample() -> None:
    job = background_jobs.find_job(st.session_state.sample_job)
    if job is not None and job.running:
        st.status(formatting.escape_markdown(f"{job.title} …"), state="running")
        return
    del st.session_state.sample_job
    if job is not None and (error := job.work.exception()):
        st.error(formatting.escape_markdown(error_reporting.describe(error)), icon=":material/error:")
        return
    st.rerun()


main()
