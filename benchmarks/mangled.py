"""Damaged files: real ones, mangled by byte, by container part and by XML tag."""

import io
import random
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

FIXTURES = Path(__file__).parents[1] / "tests" / "fixtures"

TEXTS = (
    'client,date,area,units,note\r\nC1,2026-06-03,glabella,20,fine\r\nC2,03/04/2026,masseter,"1,234","heavy\nlid"\r\n',
    "Report;;;\n\n;visit;;dose\nclient;date;site;units\nC1;3 June 2026;A;2,5\nC2;45000;B;3,5\nTotal;;;6,0\n",
    "sep=|\nclient|mobile|e-mail|Guest Name\n007|07700 900123|ann@example.org|Ann Lee\n123456789012||-|Bo Li\n",
    'a\tb\tb\t\n1\t2\t3\t4\n\t\t\t\n1\t"2\t3\n' + "\t\t\t\n" * 300,
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252", "mac_roman")
TOKENS = (
    b'"', b'""', b",", b";", b"\t", b"|", b"\r", b"\n", b"\r\n", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1a",
    b"=1+1", b"#REF!", b"########", b"1.23457E+11", b"31/02/2026", b"99999", b"-1", b"4294967295", b"1e400", b"NaN",
    b"\xc2\xa0", b"\xf0\x9f\x98\x80", b"\xed\xa0\x80", b"</c>", b"<c>", b"<f>", b't="e"', b's="3"',
    b'r="XFD1048576"', b"&#0;", b"&amp;", b"<![CDATA[", b"-->", b"]]>", b'number-columns-repeated="16384"',
    b'number-rows-repeated="1048576"', b"1904-01-01", b"null", b"[[[[", b"{}", b'"resourceType":', b"\\ud800",
)  # fmt: skip
VALUE = re.compile(rb"[\">]([^<>\"]+)[\"<]")
VALUES = tuple(b"0 1 9 - . e # A XFD s str inlineStr b d n % true".split())
LENGTHS = (1, 4, 64, 4_096)
COUNTS = (0, 1, 255, 65_535, 2**31 - 1, 2**32 - 1)  # in place of stored lengths and counts

TEXT_SHARE = 0.4
CONTAINER_SHARE = 0.85  # of workbooks are mangled inside the container; bytes mostly break the container itself


def mangled_files(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Endless names and contents."""
    texts = [("text.csv", text.encode(encoding)) for text in TEXTS for encoding in ENCODINGS]
    texts += [(file.name, file.read_bytes()) for file in sorted(FIXTURES.glob("*/*.json"))]
    books = [
        (file.name, file.read_bytes()) for file in sorted(FIXTURES.glob("*/*.*")) if file.suffix[:3] in (".xl", ".od")
    ]
    while True:
        name, content = rng.choice(texts if rng.random() < TEXT_SHARE else books)
        for _ in range(rng.choice((1, 1, 1, 2, 5))):
            if content.startswith(b"PK") and rng.random() < CONTAINER_SHARE:
                content = _mangle_container(rng, content)
            else:
                content = _mangle_bytes(rng, content, rng.choice(texts + books)[1])
        yield name, content


def _mangle_bytes(rng: random.Random, content: bytes, other: bytes) -> bytes:
    at = rng.randrange(len(content) + 1)
    end = at + rng.choice(LENGTHS)
    before, inside, after = content[:at], content[at:end], content[end:]
    match rng.randrange(8):
        case 0:
            return before
        case 1:
            return before + after
        case 2:
            return before + inside * rng.choice((2, 3, 50)) + after
        case 3:
            return before + rng.choice(TOKENS) * rng.choice((1, 1, 2, 300)) + inside + after
        case 4:
            return before + rng.randbytes(len(inside)) + after
        case 5:
            return before + other[at:end] + after
        case 6:
            return before + rng.choice(COUNTS).to_bytes(4, "little") + content[at + 4 :]
        case _:
            return before + bytes(byte ^ 1 << rng.randrange(8) for byte in inside[:1]) + inside[1:] + after


def _mangle_container(rng: random.Random, content: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    except Exception:  # broken by an earlier round
        return content
    if not parts:
        return content
    likelier = [name for name in parts if "sheet" in name or "content" in name or "shared" in name]
    name = rng.choice([*parts, *likelier * 5])
    match rng.randrange(12):
        case 0:
            del parts[name]
        case 1:
            parts[rng.choice(list(parts))] = parts.pop(name)
        case 2:
            parts[name] = b""
        case 3 | 4 | 5:
            parts[name] = _mangle_bytes(rng, parts[name], parts[name][::-1])
        case 6 | 7:
            parts[name] = _mangle_tags(rng, parts[name])
        case _:
            parts[name] = _mangle_values(rng, parts[name])
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
        for part, inside in parts.items():
            archive.writestr(part, inside)
    return result.getvalue()


def _mangle_values(rng: random.Random, xml: bytes) -> bytes:
    """Replace attributes and texts; the XML stays well-formed, so that it is read to its end."""
    values = [match.span(1) for match in VALUE.finditer(xml)]
    for _ in range(rng.choice((1, 3, 20)) if values else 0):
        begin, end = rng.choice(values)
        other_begin, other_end = rng.choice(values)
        value = rng.choice((xml[other_begin:other_end], rng.choice(VALUES), rng.choice(VALUES)))
        if len(value) == end - begin:
            xml = xml[:begin] + value + xml[end:]
        elif begin < end:  # in place, so that the other spans stay valid
            xml = xml[:begin] + (value * (end - begin))[: end - begin].replace(b"&", b"+") + xml[end:]
    return xml


def _mangle_tags(rng: random.Random, xml: bytes) -> bytes:
    """Drop, double, swap or replace whole tags and values."""
    pieces = xml.replace(b"<", b"\0<").replace(b">", b">\0").replace(b'"', b'\0"').split(b"\0")
    for _ in range(rng.choice((1, 3, 20))):
        at, other = rng.randrange(len(pieces)), rng.randrange(len(pieces))
        match rng.randrange(5):
            case 0:
                pieces[at] = b""
            case 1:
                pieces[at] *= 2
            case 2:
                pieces[at], pieces[other] = pieces[other], pieces[at]
            case 3:
                pieces[at] = pieces[other]
            case _:
                opening = pieces[at][:1] if pieces[at].startswith((b'"', b"<")) else b""
                pieces[at] = opening + rng.choice(TOKENS)
    return b"".join(pieces)
