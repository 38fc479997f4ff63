"""SAS transport files: a study as it is submitted."""

import struct

import pytest

from data.files import UnreadableFileError, read_tables


def ibm(number: float) -> bytes:
    """A number as a mainframe wrote it: base 16, excess 64."""
    if not number:
        return bytes(8)
    exponent, fraction = 64, abs(number)
    while fraction >= 1:
        fraction, exponent = fraction / 16, exponent + 1
    return bytes([exponent | (0x80 if number < 0 else 0)]) + int(fraction * 2**56).to_bytes(7, "big")


def transport(columns: dict[str, int], rows: list[tuple]) -> bytes:
    """A data set: by column the width of its text, or 0 for a number."""

    def record(text: str) -> bytes:
        return text.encode().ljust(80)

    stamp = "01JAN26:00:00:00"
    names, at = b"", 0
    for number, (name, width) in enumerate(columns.items(), start=1):
        length = width or 8
        names += struct.pack(
            ">hhhh8s40s8shhh2s8shhl52s", 1 if not width else 2, 0, length, number, name.encode().ljust(8),
            name.encode().ljust(40), b" " * 8, 0, 0, 0, b"  ", b" " * 8, 0, 0, at, bytes(52),
        )  # fmt: skip
        at += length
    body = b"".join(
        cell.encode().ljust(width) if width else ibm(cell)
        for row in rows
        for (width, cell) in zip(columns.values(), row, strict=True)
    )
    zeros = "0" * 30
    parts = [
        record(f"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!{zeros}"),
        record(f"SAS     SAS     SASLIB  9.4     LINUX   {' ' * 24}{stamp}"),
        record(stamp),
        record("HEADER RECORD*******MEMBER  HEADER RECORD!!!!!!!000000000000000001600000000140"),
        record(f"HEADER RECORD*******DSCRPTR HEADER RECORD!!!!!!!{zeros}"),
        record(f"SAS     DM      SASDATA 9.4     LINUX   {' ' * 24}{stamp}"),
        record(stamp),
        record(f"HEADER RECORD*******NAMESTR HEADER RECORD!!!!!!!000000{len(columns):04}{'0' * 20}"),
        names.ljust(-(-len(names) // 80) * 80),
        record(f"HEADER RECORD*******OBS     HEADER RECORD!!!!!!!{zeros}"),
        body.ljust(-(-len(body) // 80) * 80),
    ]
    return b"".join(parts)


def test_a_data_set_is_a_table_of_text():
    content = transport({"DOMAIN": 2, "USUBJID": 6, "EXDOSE": 0}, [("EX", "S1-01", 20.0), ("EX", "S1-02", 2.5)])
    (table,) = read_tables("ex.xpt", content)
    assert table.columns == ("DOMAIN", "USUBJID", "EXDOSE")
    assert table.rows == (("EX", "S1-01", "20"), ("EX", "S1-02", "2.5"))


def test_a_damaged_file_says_so():
    content = transport({"DOMAIN": 2}, [("EX",)])
    with pytest.raises(UnreadableFileError, match="damaged or cut off"):
        read_tables("ex.xpt", content[:200])
