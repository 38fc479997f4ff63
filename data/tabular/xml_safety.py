"""Whether the XML inside a workbook is what an office program writes, before anything is looked for in it.

The parser of workbooks is forgiving: a sheet that breaks off can keep it busy for ever, or pass for a shorter one.
"""

import re
from xml.parsers import expat

from data.tabular.table import DAMAGED, Unreadable

NOT_LOOKED_AT = ("customXml/", "docProps/", "Thumbnails/")
UTF_16 = re.compile(rb"\xff\xfe|\xfe\xff|.?\x00")


def refuse_unsound_xml(file: str, parts: dict[str, bytes]) -> None:
    """Raises Unreadable: not well-formed; or with entities or in UTF-16, which would hide what is looked for."""
    for name, part in parts.items():
        if part and name.endswith((".xml", ".rels")) and not name.startswith(NOT_LOOKED_AT):
            _refuse(file, part)


def _refuse(file: str, part: bytes) -> None:
    strange = f"{file}: the workbook holds XML that no office program writes. Save it again as .xlsx."
    if UTF_16.match(part):
        raise Unreadable(strange)
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_document_type
    try:
        parser.Parse(part, True)
    except _DocumentType as error:
        raise Unreadable(strange) from error
    except (expat.ExpatError, LookupError, ValueError) as error:  # the last two: an encoding that there is not
        raise Unreadable(f"{file}: {DAMAGED}") from error


class _DocumentType(Exception):  # noqa: N818 (never leaves this file)
    pass


def _refuse_document_type(*_: object) -> None:
    raise _DocumentType
