"""The container of the old Office formats (XLS): the names of its streams, and the bytes of one.

Source: [MS-CFB] Compound File Binary File Format, sections 2.2 to 2.6.
"""

import struct
from collections.abc import Iterable, Iterator

from data.tabular.table import COMPOUND_START

END_OF_CHAIN = 0xFFFFFFFE
FIRST_SPECIAL = 0xFFFFFFFA  # numbers from here on are markers, not sectors
HEADER_BYTES = 512
ENTRY_BYTES = 128
FAT_SECTORS_IN_HEADER = 109


class CompoundFile:
    """`entries`: name of a stream or folder, in lower case -> its first sector and its size, the root entry first.

    Raises ValueError if the container contradicts itself.
    """

    def __init__(self, content: bytes):
        if len(content) < HEADER_BYTES or not content.startswith(COMPOUND_START):
            raise ValueError("no header")
        self.content = content
        sector_shift, mini_shift = struct.unpack_from("<HH", content, 30)
        if sector_shift not in (9, 12) or mini_shift != 6:
            raise ValueError("sector size")
        self.sector_bytes, self.mini_bytes = 1 << sector_shift, 1 << mini_shift
        directory, self.mini_cutoff, mini_fat = struct.unpack_from("<I4xII", content, 48)
        self.fat = self._numbers(self._fat_sectors())
        self.mini_fat = self._numbers(self._chain(mini_fat, self.fat))
        self.entries: dict[str, tuple[int, int]] = {}
        directory_bytes = b"".join(map(self._sector, self._chain(directory, self.fat)))
        for at in range(0, len(directory_bytes) - ENTRY_BYTES + 1, ENTRY_BYTES):
            entry = directory_bytes[at : at + ENTRY_BYTES]
            name_bytes = struct.unpack_from("<H", entry, 64)[0]
            if 2 <= name_bytes <= 64:
                name = entry[: name_bytes - 2].decode("utf-16-le", errors="replace").lower()
                self.entries.setdefault(name, struct.unpack_from("<II", entry, 116))
        root_start, root_size = next(iter(self.entries.values()), (END_OF_CHAIN, 0))
        self.mini_stream = b"".join(map(self._sector, self._chain(root_start, self.fat)))[:root_size]

    def read(self, name: str) -> bytes:
        """The bytes of a stream. Raises KeyError or ValueError."""
        start, size = self.entries[name]
        if size >= self.mini_cutoff:
            stream = b"".join(map(self._sector, self._chain(start, self.fat)))
        else:
            width = self.mini_bytes
            chain = self._chain(start, self.mini_fat)
            stream = b"".join(self.mini_stream[at * width : (at + 1) * width] for at in chain)
        if len(stream) < size:
            raise ValueError("cut off")
        return stream[:size]

    def _sector(self, number: int) -> bytes:
        at = (number + 1) * self.sector_bytes
        if at >= len(self.content):
            raise ValueError("cut off")
        return self.content[at : at + self.sector_bytes]

    def _chain(self, sector: int, table: list[int]) -> Iterator[int]:
        for _ in range(len(table)):
            if sector >= len(table):
                return
            yield sector
            sector = table[sector]
        raise ValueError("a chain that runs in a circle")

    def _fat_sectors(self) -> Iterator[int]:
        numbers = struct.unpack_from(f"<{FAT_SECTORS_IN_HEADER}I", self.content, 76)
        next_sector, steps = struct.unpack_from("<II", self.content, 68)
        yield from (number for number in numbers if number < FIRST_SPECIAL)
        for _ in range(min(steps, len(self.content) // self.sector_bytes)):
            *numbers, next_sector = self._numbers([next_sector])
            yield from (number for number in numbers if number < FIRST_SPECIAL)

    def _numbers(self, sectors: Iterable[int]) -> list[int]:
        joined = b"".join(map(self._sector, sectors))
        return [number for (number,) in struct.iter_unpack("<I", joined[: len(joined) // 4 * 4])]
