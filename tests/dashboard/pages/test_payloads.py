"""A clinic's own words are shown as they are: none becomes a link, a picture, a formula or an instruction."""

import re
from collections.abc import Iterator

import pytest
from google.protobuf.message import Message

from dashboard.shell import navigation
from dashboard.text import formatting
from data.database.engine import open_database
from tests.dashboard.forms.test_column_mapping_form import dropped, own_folders, press  # noqa: F401
from tests.dashboard.pages.test_import_records import own_key  # noqa: F401
from tests.payloads import EVERYTHING, PAYLOADS, WORD, make_clinic

PAGES = [name for section in navigation.PAGES.values() for name in section]
READ_AS_MARKDOWN = {"body", "label", "help", "text", "title", "content", "captions", "delta"}
AS_THEY_ARE = {"plotly_chart", "arrow_data_frame", "arrow_table"}  # drawings and grids, looked at by themselves
OURS = re.compile(r"\*\*|:red\[|:orange-badge\[")  # what the pages themselves say in Markdown
ACTIVE = re.compile(
    r"(?<!\\)[\[\]<>$`_~|&#]"  # begins or ends something, unless a backslash stands before it
    r"|(?<!\\)\*"
    r"|:(?=[^\s\N{WORD JOINER}])|@(?=[^\s\N{WORD JOINER}])|www\."  # looked for after the Markdown is read
    r"|\n"
)


@pytest.fixture(scope="module")
def url(tmp_path_factory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('payloads') / 'sequela.db'}"
    engine = open_database(url)
    make_clinic(engine)
    engine.dispose()
    return url


@pytest.mark.parametrize("payload", PAYLOADS)
def test_escaped_text_holds_nothing_that_markdown_acts_on(payload):
    assert not ACTIVE.search(formatting.escape_markdown(payload))


def test_escaped_text_stands_on_one_line_and_reads_as_it_was():
    escaped = formatting.escape_markdown("Lot 7:\n\n    www.evil.example\u2028at 5%")
    assert escaped.replace("\\", "").replace("\N{WORD JOINER}", "") == "Lot 7: www.evil.example at 5%"


@pytest.mark.parametrize("page", PAGES)
def test_no_name_acts_on_a_page(open_page, url, page):
    app = open_page(url, page, period="All dates")
    assert not app.exception
    assert _active(app) == []


@pytest.mark.parametrize("page", PAGES)
def test_no_name_acts_on_the_page_of_a_practitioner_with_that_name(open_page, url, page):
    app = open_page(url, page, period="All dates", **{"as": f"Practitioner: code 3 {EVERYTHING}"})
    assert not app.exception
    assert _active(app) == []


def test_no_name_acts_beside_what_is_chosen(open_page, url):
    app = open_page(url, "cases", period="All dates", case="1")
    assert _active(app) == []


@pytest.mark.parametrize("payload", [payload for payload in PAYLOADS if '"' not in payload and "," not in payload])
def test_no_name_of_a_file_or_of_a_column_acts_on_the_import_page(open_page, tmp_path, payload):
    own_url = f"sqlite:///{tmp_path / 'sequela.db'}"
    open_database(own_url).dispose()
    name = f"{payload.replace('/', '')}.csv"
    foreign = f"Date,Product,Area,Lot {payload},{payload}\n2026-03-03,Botox,glabella,{payload},{payload}\n"
    app = dropped(open_page, own_url, name, foreign.encode())
    assert any(WORD in text.lower() for text in _texts(app._tree))
    assert _active(app) == []
    ours = f"treatment_id,date,site,client,area,product,units,lot,{payload}\n"
    line = f"V1,2026-03-03,{payload},1,glabella,botox_cosmetic,20,{payload},{payload}\n"
    app = dropped(open_page, own_url, name, (ours + line).encode())
    assert _active(app) == []
    if [button for button in app.button if button.label == "Import all rows"]:
        assert _active(press(app, "Import all rows")) == []


def _active(app) -> list[str]:
    """What is read as Markdown on the page and is not as plain as it should be, of texts with a clinic's own words."""
    texts = [text for text in _texts(app._tree) if WORD in text.lower()]
    return [text for text in texts if ACTIVE.search(_without_ours(text))]


def _without_ours(text: str) -> str:
    """Without our own Markdown around a clinic's words."""
    return re.sub(r"(?<!\\)\]$", "", OURS.sub("", text)).replace("  \n", " ").replace("\n\n", " ")


def _texts(node) -> Iterator[str]:
    if node.type == "plotly_chart":
        yield from re.findall(r"<(?:a|img|script)\b[^>]*evil", node.proto.spec)
    elif node.type not in AS_THEY_ARE and isinstance(getattr(node, "proto", None), Message):
        yield from _of(node.proto)
    for child in getattr(node, "children", {}).values():
        yield from _texts(child)


def _of(proto: Message) -> Iterator[str]:
    for field, value in proto.ListFields():
        values = value if field.is_repeated else [value]
        if field.message_type and not field.message_type.GetOptions().map_entry:
            for one in values:
                yield from _of(one)
        elif field.name in READ_AS_MARKDOWN or (field.name == "options" and proto.DESCRIPTOR.name == "Radio"):
            yield from values
