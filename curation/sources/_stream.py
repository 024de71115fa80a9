"""A buffered view of an archive that decompresses, knows where in the file it stands, and
finds its way again after damage."""

from __future__ import annotations

import io
import zlib
from bisect import bisect_right
from typing import BinaryIO, Protocol, cast

from curation.sources._unpack import DAMAGE, Zstd

_CHUNK = 256 * 1024
_LINE = 64 * 1024
_FAR = 1 << 62
_GZIP = b"\x1f\x8b\x08"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ARCHIVE_STARTS = (b"WARC/", b"filedesc:", b"http://", b"https://", b"dns:", b"ftp://")


class Damaged(Exception):
    """Compressed data that does not decompress. `str()` says what zlib found."""


class Pieces(Protocol):
    """Decompressed bytes, piece by piece."""

    marks: list[tuple[int, int]]  # (decompressed offset, offset in the file) of each restart point

    def piece(self) -> bytes: ...
    def restart(self, position: int) -> bool: ...


class Stream:
    """Lines and blocks of `Pieces`, with a step back within the current entry."""

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces
        self._buffer = b""
        self._head = 0  # what lies before it in the buffer is used up
        self._at = 0  # decompressed offset of the head
        self._last = -1

    @property
    def position(self) -> int:
        """Offset in the file: of the compressed member, plus the offset within it."""
        marks = self._pieces.marks
        index = bisect_right(marks, (self._at, _FAR)) - 1
        return marks[index][1] + self._at - marks[index][0] if index >= 0 else 0

    def begin(self) -> None:
        """An entry starts here: no step back goes further."""
        marks = self._pieces.marks
        del marks[: max(bisect_right(marks, (self._at, _FAR)) - 1, 0)]

    def skip_blank(self) -> bool:
        """Pass line ends and spaces; is there anything after them?"""
        while self._held or self._more():
            rest = self._buffer[self._head :].lstrip(b"\r\n ")
            self.drop(self._held - len(rest))
            if rest:
                return True
        return False

    def peek_line(self) -> bytes:
        """The next line with its end, or what there is of one that is very long; empty at the end."""
        while (found := self._buffer.find(b"\n", self._head, self._head + _LINE)) < 0 and self._held < _LINE:
            if not self._more():
                break
        end = found + 1 if found >= 0 else self._head + _LINE
        return self._buffer[self._head : end]

    def drop(self, count: int) -> None:
        self._head += count
        self._at += count

    def read(self, count: int) -> bytes:
        """So many bytes; fewer only at the end of the file."""
        parts: list[bytes] = []
        while count > 0 and (self._held or self._more()):
            parts.append(self._buffer[self._head : self._head + count])
            self.drop(len(parts[-1]))
            count -= len(parts[-1])
        return b"".join(parts)

    def skip(self, count: int) -> int:
        """Pass so many bytes without keeping them; how many there were."""
        left = count
        while left > 0 and (self._held or self._more()):
            step = min(left, self._held)
            self.drop(step)
            left -= step
        return count - left

    def unread(self, data: bytes) -> None:
        self._buffer = data + self._buffer[self._head :]
        self._head = 0
        self._at -= len(data)

    def at_entry_end(self) -> bool:
        """Does an empty line, an entry's head or the end of what can be read come next?"""
        try:
            line = self.peek_line()
        except Damaged:  # what is damaged comes after this entry
            return True
        return not line.strip(b"\r\n") or line.startswith(b"WARC/")

    def recover(self) -> bool:
        """Go on at the next place that looks like the beginning of an entry."""
        return self.reread(self._pieces.marks[-1][1] if self._pieces.marks else 0)

    def reread(self, position: int) -> bool:
        """Read again from just behind a position, if the file allows it."""
        if position <= self._last or not self._pieces.restart(position + 1):
            return False
        self._last = position
        self._buffer, self._head = b"", 0
        self._at = self._pieces.marks[-1][0]
        return True

    @property
    def _held(self) -> int:
        return len(self._buffer) - self._head

    def _more(self) -> bool:
        piece = self._pieces.piece()
        self._buffer, self._head = self._buffer[self._head :] + piece, 0
        return bool(piece)


class Plain:
    """An archive that is not compressed, or is decompressed by something else."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self.marks = [(0, 0)]

    def piece(self) -> bytes:
        return self._raw.read(_CHUNK)

    def restart(self, position: int) -> bool:
        if not self._raw.seekable():
            return False
        self._raw.seek(position)
        self._raw.readline(_LINE)  # the rest of the line that was not an entry
        self.marks = [(self._raw.tell(), self._raw.tell())]
        return True


class _Unpacked(Plain):
    """An archive that something else decompresses and that may be cut off or damaged."""

    def piece(self) -> bytes:
        try:
            return super().piece()
        except EOFError:
            raise Damaged("the file ends inside a compressed frame") from None
        except DAMAGE:
            raise Damaged("damaged compressed data") from None


class Gzip:
    """A gzip file of one member or many; a member is where reading can start again."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._start(0, 0, b"")
        self.marks: list[tuple[int, int]] = []

    def _start(self, read: int, made: int, rest: bytes) -> None:
        self._inflate: zlib._Decompress | None = None
        self._rest = rest  # compressed, read but not consumed
        self._read = read  # bytes taken from the file so far
        self._made = made  # bytes decompressed so far
        self._damage = ""

    def piece(self) -> bytes:
        while True:
            if self._damage:  # said again until reading starts somewhere else
                raise Damaged(self._damage)
            if not self._rest:
                self._rest = self._raw.read(_CHUNK)
                self._read += len(self._rest)
                if not self._rest:
                    return self._end()
            if self._inflate is None:
                self._rest = self._rest.lstrip(b"\0")  # padding between members is allowed
                if not self._rest:
                    continue
                self.marks.append((self._made, self._read - len(self._rest)))
                self._inflate = zlib.decompressobj(31)
            out = self._decompress(self._inflate)
            if out:
                return out

    def _decompress(self, inflate: zlib._Decompress) -> bytes:
        try:
            out = inflate.decompress(self._rest, _CHUNK)
        except zlib.error as error:
            self._damage = _plainly(error)
            raise Damaged(self._damage) from None
        self._rest = inflate.unconsumed_tail
        if inflate.eof:
            self._rest, self._inflate = inflate.unused_data, None
        self._made += len(out)
        return out

    def _end(self) -> bytes:
        if self._inflate is not None:
            self._damage = "the file ends inside a compressed member"
            raise Damaged(self._damage)
        return b""

    def restart(self, position: int) -> bool:
        """Find the next member at or after a position that begins like an archive entry."""
        if not self._raw.seekable():
            return False
        self._raw.seek(position)
        window = b""
        while chunk := self._raw.read(_CHUNK):
            window += chunk
            searched = 0
            while (found := window.find(_GZIP, searched)) >= 0:
                if _begins_entry(window[found : found + 4096]):
                    return self._restart_at(position + found)
                searched = found + 1
            keep = window[-4096:]  # a member's beginning may lie across two chunks
            position += len(window) - len(keep)
            window = keep
        return False

    def _restart_at(self, position: int) -> bool:
        self._raw.seek(position)
        self._start(position, self._made + 1, b"")
        self.marks = [(self._made, position)]
        return True


def _begins_entry(data: bytes) -> bool:
    try:
        return zlib.decompressobj(31).decompress(data, 64).startswith(_ARCHIVE_STARTS)
    except zlib.error:
        return False


def _plainly(error: zlib.error) -> str:
    detail = str(error).rpartition(": ")[2]
    return f"damaged compressed data ({detail})"


def open_stream(raw: BinaryIO) -> Stream:
    """A stream over a plain, gzip or zstd archive: told by its first bytes, not by its name."""
    start = raw.read(4)
    rest = raw
    if raw.seekable():
        raw.seek(0)
    else:
        rest = cast(BinaryIO, _Joined(start, raw))
    if start.startswith(_GZIP):
        return Stream(Gzip(rest))
    if start == _ZSTD:
        return Stream(_Unpacked(cast(BinaryIO, Zstd(rest))))
    return Stream(Plain(rest))


class _Joined(io.RawIOBase):
    """A stream that cannot seek, with the first bytes put back."""

    def __init__(self, start: bytes, raw: BinaryIO) -> None:
        self._start, self._rest = start, raw

    def read(self, size: int = -1) -> bytes:
        start, self._start = self._start, b""
        return start + self._rest.read(size - len(start) if size >= 0 else -1)
