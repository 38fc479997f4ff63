"""One press of the browser's back button goes one step back.

Streamlit writes each filter into the address separately and adds an entry to the browser's history each time: going
back from a case to its figure would take four presses. Here everything written after one click or key is one entry.
When going back, Streamlit removes the filters from the address although it still applies them; here the address stays
until the next click or key.
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
    """Once per browser tab is enough, because the script stays when the page changes."""
    st.html(f"<script>{SCRIPT}</script>", unsafe_allow_javascript=True)
