"""Compressed tables as streams of bytes that say when they are cut off."""

from __future__ import annotations

import gzip
import io
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast


class BadData(Exception):
    """Compressed data that does not decompress."""


# What decompressing a damaged file raises, whatever the format. Not OSError, which may say that a disk or a
# line failed: the file may be whole.
DAMAGE: tuple[type[Exception], ...] = (BadData, EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError)

_STEP = 4096  # compressed bytes at a time: what they become cannot be bounded


def passing(error: Exception) -> bool:
    """Did a disk, a line or a permission fail? Libraries raise a bare OSError for broken bytes too."""
    if isinstance(error, TimeoutError | ConnectionError):
        return True
    return isinstance(error, OSError) and error.errno is not None


@contextmanager
def unpacked(path: str) -> Iterator[BinaryIO]:
    """A file's bytes, decompressed as its name says. Damage raises one of DAMAGE."""
    import fsspec

    if path.lower().endswith((".zst", ".zstd")):
        with fsspec.open(path, "rb") as packed:
            yield cast(BinaryIO, io.BufferedReader(Zstd(packed)))
    else:
        with fsspec.open(path, "rb", compression="infer") as file:
            yield file


class Zstd(io.RawIOBase):
    """Frames of zstd one after the other. The package's own reader takes a cut-off file for a whole one."""

    def __init__(self, packed: BinaryIO) -> None:
        self._packed = packed
        self._packed_ahead = b""
        self._frame: Any = None
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready and (self._packed_ahead or self._more()):
            self._ready = memoryview(self._unpack())
        if not self._ready and self._frame is not None:
            raise EOFError
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _more(self) -> bool:
        self._packed_ahead = self._packed.read(_STEP)
        return bool(self._packed_ahead)

    def _unpack(self) -> bytes:
        """What a frame makes of what was read ahead: what is before a damaged frame is kept."""
        import zstandard

        self._frame = self._frame or zstandard.ZstdDecompressor().decompressobj()
        try:
            out: bytes = self._frame.decompress(self._packed_ahead)
        except zstandard.ZstdError:
            raise BadData from None
        self._packed_ahead = self._frame.unused_data if self._frame.eof else b""
        if self._frame.eof:
            self._frame = None
        return out
