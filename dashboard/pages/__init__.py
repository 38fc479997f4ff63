"""One page per file, run by Streamlit."""
