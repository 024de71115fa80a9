"""Cuts WARC and ARC files into entries, and goes on after damage.

Neither fastwarc nor warcio keeps every readable record of a damaged archive (see
docs/how-to/read-your-data.md for what was measured), and framing is little code: a head,
a length, a block. Decompressing stays in C.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from curation.sources._contract import LIMIT, Problem
from curation.sources._stream import Damaged, Stream, open_stream

Headers = tuple[tuple[str, str], ...]

_HEAD_LIMIT = 64 * 1024  # what is kept of an entry that is too large
_MAX_HEADERS = 1000

_WARC = re.compile(rb"^WARC/\d\.\d\r?\n$")
_NEXT_WARC = re.compile(rb"(?:\r?\n)?(?=WARC/\d\.\d\r?\n[A-Za-z-]+: )")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of an archive as it lies there: head and block, nothing decoded."""

    position: int
    kind: str  # WARC-Type; "arc" and "filedesc" for ARC files
    headers: Headers = field(repr=False)
    block: bytes = field(repr=False)
    length: int  # as declared, unless what follows shows it to be wrong
    whole: bool = True  # False: too large, only the beginning of the block is here

    @property
    def missing(self) -> int:
        """Bytes that the file ended without."""
        return self.length - len(self.block) if self.whole else 0

    def get(self, name: str) -> str:
        """The first header of this name."""
        return find_header(self.headers, name)


def find_header(headers: Headers, name: str) -> str:
    """The first header of a name, whatever its case; empty where there is none."""
    return next((value for key, value in headers if key.lower() == name.lower()), "")


def entries(raw: BinaryIO, limit: int = LIMIT) -> Iterator[Entry | Problem]:
    """Every entry that can be read, and a Problem for each stretch that cannot."""
    stream = open_stream(raw)
    while True:
        start = stream.position
        try:
            if not stream.skip_blank():
                return
            stream.begin()
            start = stream.position
            yield from _entry(stream, start, limit)
        except Damaged as damage:
            yield Problem(start, "damaged-archive", "intact compressed data", str(damage))
            if not stream.recover():
                return


def _entry(stream: Stream, start: int, limit: int) -> Iterator[Entry | Problem]:
    line = stream.peek_line()
    if _WARC.match(line):
        stream.drop(len(line))
        headers = _warc_headers(stream)
        kind = find_header(headers, "warc-type").lower() or "untyped"
        declared = find_header(headers, "content-length")
    elif head := _arc_head(line):
        stream.drop(len(line))
        kind, headers, declared = head
    else:
        passed = _pass_to_next_entry(stream)
        yield Problem(start, "no-entry", "the head of a WARC or ARC entry", f"{passed} bytes of something else")
        return
    if not declared.isdecimal():
        _pass_to_next_entry(stream)
        yield Problem(start, "no-length", "a length in bytes", "none" if not declared else "not a number of bytes")
        return
    yield from _block(stream, start, kind, headers, int(declared), limit)


def _block(
    stream: Stream, start: int, kind: str, headers: Headers, length: int, limit: int
) -> Iterator[Entry | Problem]:
    if length > limit:
        head = stream.read(min(_HEAD_LIMIT, limit))
        passed = len(head) + stream.skip(length - len(head))
        yield Entry(start, kind, headers, head, length, whole=False)
        if passed < length:  # the length was a lie: what it swallowed is looked for again
            yield Problem(start + 1, "wrong-length", f"{length} bytes", f"{passed} before the end of the file")
            stream.reread(start)
        return
    block = stream.read(length)
    if not stream.at_entry_end() or len(block) < length:
        swallowed = _NEXT_WARC.search(block)
        if swallowed is not None:
            stream.unread(block[swallowed.start() :])
            block = block[: swallowed.start()]
            block = block.removesuffix(b"\r\n")
            yield Entry(start, kind, headers, block, len(block))
            yield Problem(start + 1, "wrong-length", f"{length} bytes", f"another entry after {len(block)}")
            return
    yield Entry(start, kind, headers, block, length)


def _warc_headers(stream: Stream) -> Headers:
    found: list[tuple[str, str]] = []
    while (line := stream.peek_line()) and line.strip() and len(found) < _MAX_HEADERS:
        stream.drop(len(line))
        name, colon, value = line.decode("utf-8", "replace").partition(":")
        if line[:1] in b" \t" and found:  # a folded line goes on with the one before
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.decode('utf-8', 'replace').strip()}")
        elif colon:
            found.append((name.strip(), value.strip()))
    stream.drop(len(line))
    return tuple(found)


def _arc_head(line: bytes) -> tuple[str, Headers, str] | None:
    """Kind, headers and length of an ARC entry; None where the line is no head of one.

    The address may hold spaces; what follows it may not.
    """
    parts = line.decode("utf-8", "replace").rsplit(None, 4)
    if len(parts) < 5 or not line.endswith(b"\n"):
        return None
    address, _, date, media_type, length = parts
    if "://" not in address or not (date.isdecimal() and 12 <= len(date) <= 18):
        return None
    headers = (("WARC-Target-URI", address), ("WARC-Date", date), ("Content-Type", media_type))
    return ("filedesc" if address.startswith("filedesc://") else "arc"), headers, length


def _pass_to_next_entry(stream: Stream) -> int:
    passed = 0
    while line := stream.peek_line():
        if passed and (_WARC.match(line) or _arc_head(line)):
            break
        stream.drop(len(line))
        passed += len(line)
    return passed
