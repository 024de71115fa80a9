"""The true similarity of two records, from what the facts hold of them: shingles, or picture hashes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import IO, Protocol

import duckdb
import numpy as np
import numpy.typing as npt

PICTURE_DISTANCE = 4  # bits of the short dHash that may differ
CHECK_DISTANCE = 24  # bits of 256 that may differ in a copy of a picture: measured, copies that were scaled,
# brightened or compressed again differ in up to 20, two forms filled in on one paper in 30 and more
_CHECK_BITS = 256
_ROWS = 2048


class Similarity(Protocol):
    """What two records, by number, have in common: 0 to 1. `enough` is what makes them one."""

    @property
    def enough(self) -> float: ...

    def __call__(self, one: int, other: int) -> float: ...


@dataclass(frozen=True, slots=True)
class TextSimilarity:
    """Jaccard similarity over all shingles of both texts."""

    shingles: IO[bytes]  # 32-bit, of all texts, one after the other; read, not mapped: mapped pages count as memory
    starts: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]
    enough: float

    def __call__(self, one: int, other: int) -> float:
        if min(self.sizes[one], self.sizes[other]) < self.enough * max(self.sizes[one], self.sizes[other]):
            return 0.0  # the sizes alone say that it is less than enough
        both = np.concatenate((self._of(one), self._of(other)))
        both.sort(kind="stable")  # merges what is sorted already, in a quarter of the time
        common = int(np.count_nonzero(both[1:] == both[:-1]))
        return common / (len(both) - common)

    def _of(self, number: int) -> npt.NDArray[np.uint32]:
        start, size = int(self.starts[number]), int(self.sizes[number])
        return np.frombuffer(os.pread(self.shingles.fileno(), 4 * size, 4 * start), dtype=np.uint32)


@dataclass(frozen=True, slots=True)
class PictureSimilarity:
    """Share of equal bits in the long dHashes of both pictures."""

    hashes: dict[int, tuple[int, int]]  # the short one and the long one
    enough: float = 1 - CHECK_DISTANCE / _CHECK_BITS

    def __call__(self, one: int, other: int) -> float:
        if one not in self.hashes or other not in self.hashes:
            return 0.0
        (short, long), (other_short, other_long) = self.hashes[one], self.hashes[other]
        if (short ^ other_short).bit_count() > PICTURE_DISTANCE:
            return 0.0
        return 1 - (long ^ other_long).bit_count() / _CHECK_BITS


def of_texts(connection: duckdb.DuckDBPyConnection, records: int, threshold: float, file: IO[bytes]) -> TextSimilarity:
    """Lay the shingles of the candidates (table `shared`) out in a file, to be read in any order."""
    starts, sizes = np.zeros(records, dtype=np.int64), np.zeros(records, dtype=np.int64)
    end = 0
    found = connection.sql("""
        SELECT number, shingles FROM signatures
        SEMI JOIN (SELECT better AS number FROM shared UNION SELECT worse FROM shared) USING (number)
    """)
    file.seek(0)
    file.truncate()
    for batch in found.to_arrow_reader(_ROWS):
        numbers, lists = batch.column(0).to_numpy(), batch.column(1)
        lengths = np.diff(lists.offsets.to_numpy())
        starts[numbers] = end + np.cumsum(lengths) - lengths
        sizes[numbers] = lengths
        end += int(lengths.sum())
        file.write(lists.flatten().to_numpy().tobytes())
    file.flush()
    return TextSimilarity(file, starts, sizes, threshold)


def of_pictures(connection: duckdb.DuckDBPyConnection) -> PictureSimilarity:
    """The long hashes of the candidates (table `shared`)."""
    rows = connection.execute("""
        SELECT number, picture_hash, picture_check FROM records
        SEMI JOIN (SELECT better AS number FROM shared UNION SELECT worse FROM shared) USING (number)
        WHERE picture_check IS NOT NULL
    """).fetchall()
    return PictureSimilarity({number: (short, _joined(parts)) for number, short, parts in rows})


def _joined(parts: list[int]) -> int:
    return sum(part << (64 * place) for place, part in enumerate(parts))
