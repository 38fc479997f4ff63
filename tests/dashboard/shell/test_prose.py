"""Words from the records are drawn as they are, whatever element draws them."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.text.formatting import escape_markdown

NAME = "*Lot* [7](https://evil.example)"


@pytest.mark.parametrize("kind", ["header", "subheader", "markdown", "caption"])
def test_a_name_is_no_markdown_in_any_element(kind):
    def script(text, kind):
        from dashboard.shell import prose

        prose.draw_text(text, kind)

    app = AppTest.from_function(script, args=(NAME, kind)).run()
    assert not app.exception
    assert [element.value for element in app.get(kind)] == [escape_markdown(NAME)]
