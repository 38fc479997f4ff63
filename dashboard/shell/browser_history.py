"""One press of the browser's back button goes one step back.

Streamlit writes every filter into the address by itself, after a page or a link was followed, and each time leaves an
entry in the browser's history: the way back from a case to its figure would take four presses. Whatever is written
after one click or key counts as one entry. And on the way back it takes every filter out of the address again, though
it shows them by what stood there; the address stays as it was until the next click or key.
"""

import streamlit as st

SCRIPT = """
if (!window.oneEntryPerStep) {
    window.oneEntryPerStep = true;
    let acted = false, wentBack = false;
    for (const event of ["pointerdown", "keydown"]) {
        addEventListener(event, () => { acted = true; wentBack = false; }, true);
    }
    addEventListener("popstate", () => { acted = false; wentBack = true; }, true);
    const push = history.pushState.bind(history);
    const replace = history.replaceState.bind(history);
    history.pushState = (...entry) => {
        if (!wentBack) (acted ? push : replace)(...entry);
        acted = false;
    };
    history.replaceState = (...entry) => { if (!wentBack) replace(...entry); };
}
"""


def install_history_script() -> None:
    """Once per page is enough: the browser keeps it from page to page."""
    st.html(f"<script>{SCRIPT}</script>", unsafe_allow_javascript=True)
