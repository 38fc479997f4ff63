"""Checks that the XML inside a workbook is well-formed and plain before anything searches or parses it.

The workbook parser is forgiving: a sheet that breaks off can keep it busy forever, or pass for a shorter one.
"""

import re
from xml.parsers import expat

from data.tabular.table import DAMAGED_MESSAGE, UnreadableFileError

UNCHECKED_PARTS = ("customXml/", "docProps/", "Thumbnails/")
UTF_16 = re.compile(rb"\xff\xfe|\xfe\xff|.?\x00")


def refuse_unsound_xml(file: str, parts: dict[str, bytes]) -> None:
    """Refuses XML that is not well-formed, and entities and UTF-16, which would hide parts from a search."""
    for name, part in parts.items():
        if part and name.endswith((".xml", ".rels")) and not name.startswith(UNCHECKED_PARTS):
            _refuse_part(file, part)


def _refuse_part(file: str, part: bytes) -> None:
    strange = f"{file}: the workbook holds XML that no office program writes. Save it again as .xlsx."
    if UTF_16.match(part):
        raise UnreadableFileError(strange)
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_document_type
    try:
        parser.Parse(part, True)
    except _DocumentTypeError as error:
        raise UnreadableFileError(strange) from error
    except (expat.ExpatError, LookupError, ValueError) as error:  # the last two: an unknown encoding
        raise UnreadableFileError(f"{file}: {DAMAGED_MESSAGE}") from error


class _DocumentTypeError(Exception):
    pass


def _refuse_document_type(*_: object) -> None:
    raise _DocumentTypeError
