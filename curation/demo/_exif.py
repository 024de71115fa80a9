"""An EXIF block as cameras write it, thumbnail included (Pillow writes none)."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence

from PIL import Image

_ASCII, _SHORT, _LONG, _RATIONAL = 2, 3, 4, 5
_SIZES = {_ASCII: 1, _SHORT: 2, _LONG: 4, _RATIONAL: 8}

Tag = tuple[int, int, bytes]


def block(image: Image.Image, hidden: Sequence[str], name: str) -> bytes:
    """EXIF with camera and date, and what is asked for of "gps", "serial" and "thumbnail"."""
    number = zlib.crc32(name.encode())
    main = [_text(0x010F, "Harbour Optics"), _text(0x0110, "Pinhole II"), _text(0x0132, "2025:07:14 09:30:00")]
    camera = [_text(0xA431, f"HX{number % 10_000_000:07}")] if "serial" in hidden else []
    place = _place(number) if "gps" in hidden else []
    thumbnail = _thumbnail(image) if "thumbnail" in hidden else b""
    return b"Exif\0\0" + _tiff(main, camera, place, thumbnail)


def _place(number: int) -> list[Tag]:
    """Somewhere in the middle of the North Sea, where nobody lives."""
    north, east = _degrees(55, number % 60), _degrees(3, number // 60 % 60)
    return [(1, _ASCII, b"N\0"), (2, _RATIONAL, north), (3, _ASCII, b"E\0"), (4, _RATIONAL, east)]


def _degrees(degrees: int, minutes: int) -> bytes:
    return struct.pack("<6I", degrees, 1, minutes, 1, 0, 1)


def _thumbnail(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.resize((120, 90)).save(out, "JPEG", quality=70)
    return out.getvalue()


def _text(tag: int, value: str) -> Tag:
    return tag, _ASCII, value.encode() + b"\0"


def _number(tag: int, value: int) -> Tag:
    return tag, _LONG, struct.pack("<I", value)


def _tiff(main: list[Tag], camera: list[Tag], place: list[Tag], thumbnail: bytes) -> bytes:
    """Directories one after the other. Offsets are known once the sizes are."""
    pointers = [(0x8769, camera), (0x8825, place)]
    main = [*main, *(_number(tag, 0) for tag, tags in pointers if tags)]
    second = [(0x0103, _SHORT, struct.pack("<H", 6)), _number(0x0201, 0), _number(0x0202, len(thumbnail))]
    at = 8 + _length(main)
    for tag, tags in pointers:
        if tags:
            main = [_number(tag, at) if entry[0] == tag else entry for entry in main]
            at += _length(tags)
    after = at if thumbnail else 0
    second[1] = _number(0x0201, at + _length(second))
    out, offset = b"II*\0" + struct.pack("<I", 8), 8
    for tags, next_one in ((main, after), (camera, 0), (place, 0), *(((second, 0),) if thumbnail else ())):
        if tags:
            out += _directory(tags, offset, next_one)
            offset = len(out)
    return out + thumbnail


def _length(tags: list[Tag]) -> int:
    return 6 + 12 * len(tags) + sum(len(value) + len(value) % 2 for _, _, value in tags if len(value) > 4)


def _directory(tags: list[Tag], offset: int, next_one: int) -> bytes:
    data_at = offset + 6 + 12 * len(tags)
    entries, data = struct.pack("<H", len(tags)), b""
    for tag, kind, value in sorted(tags):
        count = len(value) // _SIZES[kind]
        if len(value) <= 4:
            field = value.ljust(4, b"\0")
        else:
            field = struct.pack("<I", data_at + len(data))
            data += value + b"\0" * (len(value) % 2)
        entries += struct.pack("<HHI", tag, kind, count) + field
    return entries + struct.pack("<I", next_one) + data
