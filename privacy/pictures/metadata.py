"""Reading what a picture file says of itself: XMP, IPTC, EXIF and comments. No pixels are decoded."""

from __future__ import annotations

import re
import struct
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from PIL import Image
from PIL.ExifTags import GPSTAGS, IFD, TAGS

from privacy.pictures import xmp
from privacy.pictures.fields import TECHNICAL, is_caption, is_returned
from privacy.pictures.opening import opened
from privacy.pictures.values import ImageLimits, PictureMetadata

_SIDEWAYS = (5, 6, 7, 8)  # EXIF orientations that exchange width and height
_IPTC = {
    5: "ObjectName",
    25: "Keywords",
    40: "SpecialInstructions",
    80: "By-line",
    85: "By-lineTitle",
    90: "City",
    92: "Sub-location",
    95: "Province-State",
    101: "Country-PrimaryLocationName",
    105: "Headline",
    110: "Credit",
    115: "Source",
    116: "CopyrightNotice",
    118: "Contact",
    120: "Caption-Abstract",
    122: "Writer-Editor",
}
_PNG_TEXT = {"Copyright", "Author", "Title", "Description", "Comment", "Artist", "Software", "Creation Time", "Source"}


def read_metadata(data: bytes, limits: ImageLimits | None = None) -> PictureMetadata:
    """Read a picture's metadata; raises UnreadableInput for what is not a picture we read."""
    with opened(data, limits) as image:
        found = _Found()
        orientation = _exif(image, found)
        _iptc(_iptc_blocks(image), found)
        for packet in _packets(image, data):
            read = xmp.read(packet)
            found.fields += read.fields
            found.personal.update(read.personal)
        _comments(image, found)
        width, height = image.size
        if orientation in _SIDEWAYS and image.format != "TIFF":  # Pillow turns TIFF by itself
            width, height = height, width
        return PictureMetadata(
            format="JPEG" if image.format == "MPO" else str(image.format),
            width=width,
            height=height,
            frames=getattr(image, "n_frames", 1),
            fields=tuple(dict.fromkeys(found.fields)),
            personal=tuple(sorted(found.personal.items())),
        )


class _Found:
    """What has been read so far."""

    def __init__(self) -> None:
        self.fields: list[tuple[str, str]] = []
        self.personal: Counter[str] = Counter()

    def take(self, name: str, value: object) -> None:
        text = _text(value)
        if is_returned(name) and text:
            self.fields.append((name, text[: xmp.MAX_VALUE]))
        if is_caption(name) or not is_returned(name):
            self.personal[name] += 1


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return "; ".join(filter(None, map(_text, value)))
    if isinstance(value, bytes):
        text = _utf8(value)
    elif isinstance(value, str):  # Pillow reads EXIF text as Latin-1; most of it is UTF-8
        text = _utf8(value.encode("latin-1")) if max(value, default="") <= "\xff" else value
    else:
        text = str(value)
    return " ".join(text.replace("\0", " ").split())


def _utf8(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _exif(image: Image.Image, found: _Found) -> int:
    exif = image.getexif()
    for tag, value in exif.items():
        if tag not in (IFD.Exif, IFD.GPSInfo):
            _exif_tag(tag, value, found)
    for tag, value in exif.get_ifd(IFD.Exif).items():
        _exif_tag(tag, value, found)
    gps = [GPSTAGS.get(tag, "") for tag in exif.get_ifd(IFD.GPSInfo)]
    if gps:
        found.personal["EXIF:GPS"] += len(gps)
    if image.format in ("JPEG", "MPO") and exif.get_ifd(IFD.IFD1):
        found.personal["EXIF:Thumbnail"] += 1
    orientation = exif.get(0x0112)
    return orientation if isinstance(orientation, int) else 1


def _exif_tag(tag: int, value: object, found: _Found) -> None:
    name = TAGS.get(tag, "unknown")
    if name == "XPComment" or name.startswith("XP"):
        value = value.decode("utf-16-le", "ignore") if isinstance(value, bytes) else value
        found.take(f"EXIF:{name}", value)
    elif name == "UserComment" and isinstance(value, bytes):
        found.take(f"EXIF:{name}", value[8:])  # eight bytes name the character set
    elif name not in TECHNICAL:
        found.take(f"EXIF:{name}", value)


def _packets(image: Image.Image, data: bytes) -> Iterator[bytes]:
    packet = image.info.get("xmp")
    if isinstance(packet, str):
        packet = packet.encode()
    if packet:
        yield packet
    elif image.format in ("GIF", "PNG"):  # Pillow reads none in GIF, and in PNG none behind the pixels
        found = xmp.first_packet(data)
        if found:
            yield found


def _iptc_blocks(image: Image.Image) -> Iterator[bytes]:
    resources = image.info.get("photoshop")
    if isinstance(resources, Mapping) and isinstance(resources.get(0x0404), bytes):
        yield resources[0x0404]
    if image.format == "TIFF":
        value = getattr(image, "tag_v2", {}).get(33723)
        if isinstance(value, tuple) and all(isinstance(word, int) for word in value):
            yield struct.pack(f"<{len(value)}I", *value)  # declared as LONG by most writers
        elif isinstance(value, bytes):
            yield value
    raw = image.info.get("Raw profile type iptc")  # as ImageMagick and exiftool put it in a PNG
    if isinstance(raw, str):
        digits = "".join(raw.split()[2:])
        block = bytes.fromhex(digits) if re.fullmatch(r"(?:[0-9a-fA-F]{2})+", digits) else b""
        yield block[block.find(b"\x1c") :] if b"\x1c" in block else b""


def _iptc(blocks: Iterator[bytes], found: _Found) -> None:
    for block in blocks:
        place = 0
        while place + 5 <= len(block) and block[place] == 0x1C:
            record, dataset, size = struct.unpack_from(">BBH", block, place + 1)
            value = block[place + 5 : place + 5 + size]
            place += 5 + size
            if record == 2 and dataset != 0:
                found.take(f"IPTC:{_IPTC.get(dataset, 'other')}", value)


def _comments(image: Image.Image, found: _Found) -> None:
    info: dict[Any, Any] = image.info
    if info.get("comment"):
        found.take("File:Comment", info["comment"])
    if image.format == "PNG":
        for key, value in getattr(image, "text", {}).items():
            if key.startswith(("XML:com.adobe.xmp", "Raw profile type")):
                continue
            found.take(f"PNG:{key if key in _PNG_TEXT else 'text'}", str(value))
    if image.format == "MPO":
        found.personal["MPF:SecondPicture"] += 1
    if info.get("icc_profile"):
        found.personal["ICC:Profile"] += 1
