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

    def refuse(*_: object) -> None:
        raise UnreadableFileError(
            f"{file}: the workbook holds XML that no office program writes. Save it again as .xlsx."
        )

    for name, part in parts.items():
        if not part or not name.lower().endswith((".xml", ".rels")) or name.startswith(UNCHECKED_PARTS):
            continue
        if UTF_16.match(part):
            refuse()
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = refuse
        try:
            parser.Parse(part, True)
        except (expat.ExpatError, LookupError, ValueError) as error:  # the last two: an unknown encoding
            raise UnreadableFileError(f"{file}: {DAMAGED_MESSAGE}") from error
