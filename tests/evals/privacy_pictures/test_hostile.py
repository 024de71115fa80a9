"""Broken and hostile pictures, made from sound ones: none may crash the run or let a byte through.

Run it as a script for the whole 2,000: python tests/evals/privacy_pictures/test_hostile.py [number]
"""

from __future__ import annotations

import io
import random
import struct
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterator

from PIL import Image

from privacy.pictures.metadata import read_metadata
from privacy.pictures.redact import redact_image
from privacy.pictures.values import ImageLimits, ImageOptions

SECRET = b"Ada-Berg-secret-55"
LIMITS = ImageLimits(pixels=4_000_000, frame_pixels=8_000_000, frames=20, seconds=60.0, memory=2 * 2**30)
Change = Callable[[bytes, random.Random], bytes]


def seeds() -> list[bytes]:
    """Sound pictures of every format, each with a secret in its metadata."""
    noise = Image.effect_noise((96, 64), 60).convert("RGB")
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    made = []
    for format in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF"):
        buffer = io.BytesIO()
        noise.save(buffer, format, exif=exif)
        made.append(buffer.getvalue())
    for format in ("GIF", "WEBP", "PNG"):
        buffer = io.BytesIO()
        frames = [noise.rotate(turn) for turn in (90, 180)]
        noise.save(buffer, format, save_all=True, append_images=frames, duration=50)
        made.append(buffer.getvalue())
    return made


def cut(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(len(data))]


def flip(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.choice((1, 4, 32))):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def flip_head(data: bytes, dice: random.Random) -> bytes:
    return flip(data[:200], dice) + data[200:]


def repeat(data: bytes, dice: random.Random) -> bytes:
    start = dice.randrange(len(data))
    piece = data[start : start + dice.randrange(1, 400)]
    return data[:start] + piece * dice.randrange(2, 200) + data[start:]


def drop(data: bytes, dice: random.Random) -> bytes:
    start = dice.randrange(len(data))
    return data[:start] + data[start + dice.randrange(1, 200) :]


def sizes(data: bytes, dice: random.Random) -> bytes:
    """Lengths and dimensions that are far too large, or loop back to the start."""
    changed = bytearray(data)
    for _ in range(3):
        place = dice.randrange(min(len(data), 600) - 4)
        value = dice.choice((0, 1, 0xFFFFFFFF, 0x7FFFFFFF, 0xFFFF, 8))
        changed[place : place + 4] = struct.pack(dice.choice(("<I", ">I")), value)
    return bytes(changed)


def polyglot(data: bytes, dice: random.Random) -> bytes:
    tail = dice.choice((b"PK\x03\x04", b"%PDF-1.7\n", b"<script>", b"\xff\xd8\xff\xe1", b"ftypmp42"))
    return data + tail + SECRET * dice.randrange(1, 50)


def joined(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(len(data))] + dice.choice(seeds())[dice.randrange(60) :]


def bomb(_data: bytes, dice: random.Random) -> bytes:
    """A PNG whose header promises more than its few bytes should be trusted with."""
    side = dice.choice((1_500, 3_000, 12_000, 60_000, 2**31 - 1))

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", side, side, 8, dice.choice((0, 2, 6)), 0, 0, 0)
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"A" * dice.choice((10, 10**6, 10**8 // 4)), 9))
    body = zlib.compress(b"\0" * min(side * (side + 1), 3_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + text + chunk(b"IDAT", body) + chunk(b"IEND", b"")


CHANGES: tuple[Change, ...] = (cut, flip, flip_head, repeat, drop, sizes, polyglot, joined, bomb)


def hostile(number: int) -> Iterator[bytes]:
    """So many broken files; the same ones each time."""
    dice = random.Random(6)
    whole = seeds()
    for turn in range(number):
        yield CHANGES[turn % len(CHANGES)](dice.choice(whole), dice)


def outcome(data: bytes) -> str:
    """What became of one file; whatever was written is opened and searched."""
    done = redact_image(data, "metadata", options=ImageOptions(limits=LIMITS))
    if done.data is None:
        return f"held: {done.held}"
    written = read_metadata(done.data)
    assert SECRET not in done.data
    assert written.personal == ()
    assert written.width * written.height <= LIMITS.pixels
    assert written.frames <= LIMITS.frames
    return "written"


def test_broken_and_hostile_pictures_are_rebuilt_or_held_and_crash_nothing() -> None:
    results = Counter(map(outcome, hostile(135)))

    assert set(results) == {"written", "held: unreadable-image", "held: image-too-large"}
    assert min(results.values()) >= 5


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    for result, count in Counter(map(outcome, hostile(wanted))).most_common():
        print(f"{count:6} {result}")
