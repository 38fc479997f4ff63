"""What a page says, as a reader meets it."""

from streamlit.testing.v1 import AppTest

TEXT_ELEMENTS = ("title", "header", "subheader", "markdown", "caption", "warning", "info")


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


def words_before_chart(app: AppTest) -> list[str]:
    """The words between the top of the page and its first chart, those of links and metrics included."""
    texts: list[str] = []
    for node in app.main:
        if node.type == "plotly_chart":
            break
        if node.type == "page_link":
            texts.append(node.proto.label)
        elif node.type == "metric":
            texts += [node.label, node.value, node.delta]
        elif isinstance(getattr(node, "value", None), str) and node.type in TEXT_ELEMENTS:
            texts.append(node.value)
    return as_read(" ".join(texts)).split()
