"""Whether the XML inside a workbook is what an office program writes, before anything is looked for in it.

The parser of workbooks is forgiving: a sheet that breaks off can keep it busy for ever, or pass for a shorter one.
"""

import re
from xml.parsers import expat

from data.tabular.table import DAMAGED_MESSAGE, UnreadableFileError

UNCHECKED_PARTS = ("customXml/", "docProps/", "Thumbnails/")
UTF_16 = re.compile(rb"\xff\xfe|\xfe\xff|.?\x00")


def refuse_unsound_xml(file: str, parts: dict[str, bytes]) -> None:
    """Raises Unreadable: not well-formed; or with entities or in UTF-16, which would hide what is looked for."""
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
    except (expat.ExpatError, LookupError, ValueError) as error:  # the last two: an encoding that there is not
        raise UnreadableFileError(f"{file}: {DAMAGED_MESSAGE}") from error


class _DocumentTypeError(Exception):
    pass


def _refuse_document_type(*_: object) -> None:
    raise _DocumentTypeError
