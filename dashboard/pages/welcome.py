"""No records yet: look around with a made-up clinic, bring records in, or begin with an empty log."""

import streamlit as st

from dashboard import jobs, links, loading
from data.template_file import template_workbook

SAMPLE_TREATMENTS = 6_000  # about two and a half years of a clinic with three sites


def main() -> None:
    st.markdown(
        "There are no treatment records here yet. "
        "Everything you bring in stays on this computer, in a database of its own."
    )
    if "sample_job" in st.session_state:
        _wait_for_sample()
    sample, bring, blank = st.columns(3)
    with sample.container(border=True, height="stretch"):
        st.subheader("See it with a sample clinic")
        st.write(f"{SAMPLE_TREATMENTS:,} made-up treatments of a clinic with three sites. No real person is in it.")
        if st.button("Make the sample clinic", type="primary", disabled=jobs.running() is not None):
            st.session_state.sample_job = jobs.start("Making the sample clinic", loading.make_sample, SAMPLE_TREATMENTS)
            st.rerun()
    with bring.container(border=True, height="stretch"):
        st.subheader("Import your records")
        st.write(
            "Spreadsheets or exports of your practice software. Nothing is stored before you have seen what would be."
        )
        links.link("import_records", "Go to import", icon=":material/upload_file:")
    with blank.container(border=True, height="stretch"):
        st.subheader("Start blank")
        st.write("Begin with the empty template: one sheet for treatments, one for follow-ups, one for side effects.")
        st.download_button(
            "Download the template",
            template_workbook,
            file_name="sequela-template.xlsx",
            on_click="ignore",
            icon=":material/download:",
        )


@st.fragment(run_every=1)
def _wait_for_sample() -> None:
    job = jobs.job(st.session_state.sample_job)
    if job is not None and job.running:
        st.progress(0.5, text=f"{job.title} …")
        return
    del st.session_state.sample_job
    if job is not None and (error := job.work.exception()):
        st.error(str(error))
        return
    st.rerun()


main()
