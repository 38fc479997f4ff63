"""What a page says, as a reader meets it."""

from streamlit.testing.v1 import AppTest


def said(app: AppTest) -> str:
    """Every sentence of the page, one a line, as plain text."""
    elements = [
        *app.title, *app.header, *app.subheader, *app.markdown, *app.caption, *app.warning, *app.info, *app.metric,
    ]  # fmt: skip
    text = "\n".join(str(element.value) for element in elements)
    return as_read(text)


def as_read(markdown: str) -> str:
    """Escaped text as it stands on the page."""
    return markdown.replace("\\", "").replace("\N{WORD JOINER}", "").replace("\N{NO-BREAK SPACE}", " ")


def lead(app: AppTest) -> list[tuple[str, str]]:
    """The links of the page: (what they say, where they lead with which filters)."""
    links = [element.proto for element in app.get("page_link")]
    where = [f"{link.page}?{link.query_string}" if link.query_string else link.page for link in links]
    return [(as_read(link.label), place) for link, place in zip(links, where, strict=True)]
