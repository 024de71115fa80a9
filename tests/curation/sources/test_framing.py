"""Damaged archives: every readable entry is kept, and every stretch that is not has a name and a place."""

from __future__ import annotations

import gzip
import io
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from curation.sources import Problem
from curation.sources._framing import Entry, entries


def cut(data: bytes, limit: int = 1 << 20) -> list[str]:
    """What an archive is cut into: the last letter of each address, or the problem."""
    found = []
    for one in entries(io.BytesIO(data), limit):
        if isinstance(one, Problem):
            found.append(one.message)
        else:
            found.append(one.get("WARC-Target-URI").rpartition("/")[2] or one.kind)
    return found


def broken(data: bytes) -> bytes:
    """The same with a byte in the middle turned round."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :]


def page(warc: Any, number: int) -> bytes:
    """A whole entry, told by its number."""
    made = warc.entry(warc.page(), url=f"https://pier.example/{number}")
    assert isinstance(made, bytes)
    return made


def said(warc: Any, old: bytes, new: bytes) -> bytes:
    """The first entry with something else in its head."""
    return page(warc, 1).replace(old, new, 1)


LENGTH = b"Content-Length: "
ARC = b"https://pier.example/a b 192.0.2.1 20260301080000 text/plain 5\nhello\n"

CASES: dict[str, tuple[Callable[[Any, bytes, bytes, bytes], bytes], list[str]]] = {
    "plain": (lambda w, a, b, c: a + b + c, ["1", "2", "3"]),
    "a gzip member each": (lambda w, a, b, c: w.members(a, b, c), ["1", "2", "3"]),
    "one gzip member for all": (lambda w, a, b, c: gzip.compress(a + b), ["1", "2"]),
    "empty members in between": (lambda w, a, b, c: w.members(a, b"", b), ["1", "2"]),
    "padding after the last member": (lambda w, a, b, c: w.members(a) + b"\0" * 512, ["1"]),
    "nothing": (lambda w, a, b, c: b"", []),
    "something else": (lambda w, a, b, c: b"Dear sirs,\nthe box was empty.\n", ["no-entry"]),
    "rubbish before": (lambda w, a, b, c: b"rubbish\n" + a, ["no-entry", "1"]),
    "rubbish between": (lambda w, a, b, c: a + b"rubbish\r\n" + b, ["1", "no-entry", "2"]),
    "a length too great": (lambda w, a, b, c: said(w, LENGTH, LENGTH + b"1") + b, ["1", "wrong-length", "2"]),
    "a length too small": (lambda w, a, b, c: said(w, LENGTH + b"8", LENGTH + b"7") + b, ["1", "no-entry", "2"]),
    "a negative length": (lambda w, a, b, c: said(w, LENGTH, LENGTH + b"-") + b, ["no-length", "2"]),
    "no length": (lambda w, a, b, c: said(w, LENGTH, b"Size: ") + b, ["no-length", "2"]),
    "an absurd length": (
        lambda w, a, b, c: said(w, LENGTH, LENGTH + b"99999") + b + c,
        ["1", "wrong-length", "no-entry", "2", "3"],
    ),
    "a damaged member": (
        lambda w, a, b, c: w.members(a) + broken(w.members(b)) + w.members(c),
        ["1", "damaged-archive", "3"],
    ),
    "the first member damaged": (lambda w, a, b, c: broken(w.members(a)) + w.members(b), ["damaged-archive", "2"]),
    "cut off inside a member": (lambda w, a, b, c: w.members(a, b)[:-40], ["1", "damaged-archive"]),
    "too large": (lambda w, a, b, c: a + w.entry(b"x" * (1 << 21), url="x:/big") + c, ["1", "big", "3"]),
    "arc": (lambda w, a, b, c: ARC + ARC, ["a b", "a b"]),
}


@pytest.mark.parametrize("case", CASES)
def test_every_readable_entry_is_kept_and_the_rest_is_named(case: str, warc: Any) -> None:
    make, expected = CASES[case]
    assert cut(make(warc, *(page(warc, number) for number in (1, 2, 3)))) == expected


def test_positions_are_byte_offsets_of_the_file(warc: Any) -> None:
    data = warc.members(*(page(warc, number) for number in (1, 2, 3)))
    for found in entries(io.BytesIO(data)):
        again = next(entries(io.BytesIO(data[found.position :])))
        assert isinstance(found, Entry)
        assert isinstance(again, Entry)
        assert again.headers == found.headers


def test_a_stream_that_cannot_seek_is_read_to_its_end(warc: Any) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    found = list(entries(Pipe(warc.members(page(warc, 1), page(warc, 2)))))
    assert [one.get("WARC-Target-URI")[-1] for one in found if isinstance(one, Entry)] == ["1", "2"]


def test_a_zstd_archive_is_told_by_its_first_bytes(warc: Any) -> None:
    import zstandard

    pack = zstandard.ZstdCompressor().compress
    assert cut(pack(page(warc, 1)) + pack(page(warc, 2))) == ["1", "2"]


def test_a_zstd_archive_that_is_cut_off_or_damaged_is_told(warc: Any) -> None:
    import zstandard

    pack = zstandard.ZstdCompressor(write_checksum=True).compress
    both = pack(page(warc, 1)) + pack(page(warc, 2))
    assert cut(both[:-40]) == ["1", "damaged-archive"]
    assert cut(pack(page(warc, 1)) + broken(pack(page(warc, 2)))) == ["1", "damaged-archive"]


def test_memory_stays_flat_however_large_an_entry_is(warc: Any) -> None:
    size = 64 << 20
    video = warc.entry(b"", url="https://pier.example/film", length=str(size)).removesuffix(b"\r\n\r\n")

    class Tape(io.RawIOBase):
        """64 MB of film between two pages, made while they are read."""

        def __init__(self) -> None:
            self._parts = [video, *[b"\0" * 262144] * (size // 262144), b"\r\n\r\n" + page(warc, 2)]

        def read(self, count: int = -1) -> bytes:
            part = self._parts.pop(0) if self._parts else b""
            if len(part) > count >= 0:
                self._parts.insert(0, part[count:])
                part = part[:count]
            return part

    tracemalloc.start()
    found = [one.get("WARC-Target-URI")[-4:] for one in entries(Tape(), 1 << 20) if isinstance(one, Entry)]  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == ["film", "le/2"]
    assert peak < 8 << 20


def test_no_single_broken_byte_costs_more_than_its_own_entry(warc: Any) -> None:
    before, hit, after = (warc.members(page(warc, number)) for number in (1, 2, 3))
    for place in range(len(hit)):
        data = before + hit[:place] + bytes([hit[place] ^ 0xFF]) + hit[place + 1 :] + after
        found = cut(data)
        assert (found[0], found[-1]) == ("1", "3"), place
        assert len(found) <= 4, place


def test_cut_off_anywhere_an_archive_gives_all_that_was_whole(warc: Any) -> None:
    first, second = page(warc, 1), page(warc, 2)
    for data, whole in ((warc.members(first, second), len(warc.members(first))), (first + second, len(first))):
        for end in range(whole, len(data) - 5):
            assert cut(data[:end])[0] == "1", end
