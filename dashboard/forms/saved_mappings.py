"""The mappings that a person confirmed: listed, edited as text, and deleted."""

import streamlit as st

from dashboard.text import formatting
from data.mapping import store
from data.problems import ImportRefusedError


def draw_saved_mappings() -> None:
    """The list, with the text of the chosen mapping. Nothing is drawn if none is saved."""
    mappings = store.saved_mappings()
    if not mappings:
        return
    with st.expander(f"Saved mappings ({len(mappings)})"):
        st.caption("To answer the questions about a file again, check the file and choose Change the mapping.")
        label = {name: f"{name}: {len(spec.header)} columns, source {spec.source}" for name, spec in mappings.items()}
        name = st.selectbox("Mapping to look at", list(mappings), format_func=label.__getitem__, key="saved_mapping")
        text = st.text_area("Its text", store.mapping_to_toml(mappings[name]), height=300, key=f"mapping text {name}")
        with st.container(horizontal=True, gap="small"):
            if st.button("Save the text"):
                _save(name, text)
            if st.button("Delete this mapping", help="The records that it brought in stay."):
                store.delete_mapping(name)
                st.rerun()


def _save(name: str, text: str) -> None:
    try:
        store.replace_mapping(name, text)
    except ImportRefusedError as refused:
        st.error("\n\n".join(formatting.escape_markdown(str(problem)) for problem in refused.problems))
    else:
        st.success("Saved.", icon=":material/check:")
