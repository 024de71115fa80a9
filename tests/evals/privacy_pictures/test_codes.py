"""How many drawn codes are covered, of eight kinds, at any angle, sharp and blurred.

Run it as a script for all 120: python tests/evals/privacy_pictures/test_codes.py
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageStat

from privacy.pictures import cover
from privacy.pictures.detectors import codes

KINDS = {
    "EAN13": "400638133393",
    "Code128": "PARCEL 0142",
    "Code39": "QUAY0142",
    "ITF": "12345678",
    "QRCode": "https://example.org/0142",
    "Aztec": "TICKET 0142 QUAY",
    "DataMatrix": "0142-QUAY-7",
    "PDF417": "BOARDING 0142 QUAY TO PIER",
}
FLAT = ("EAN13", "Code128", "Code39", "ITF")
ANGLES = tuple(range(0, 360, 24))
BLURS = (0.0, 0.7, 1.3)
ENOUGH = 0.7  # share of the code that must be under a fill
SIDE = 640
# Pinned on the few that the test draws. Lowering it takes a reason.
FLOOR = 0.9


def drawn(kind: str, angle: int, blur: float) -> tuple[Image.Image, list[tuple[float, float]]]:
    """A photo-like picture with one code on a white label, turned and blurred; and the code's corners."""
    import zxingcpp

    made = zxingcpp.create_barcode(KINDS[kind], getattr(zxingcpp.BarcodeFormat, kind))
    symbol: Any = Image.fromarray(zxingcpp.write_barcode_to_image(made, scale=3, add_quiet_zones=True))
    wide = 260 / max(symbol.size)
    symbol = symbol.convert("L").resize((round(symbol.width * wide), round(symbol.height * wide)))
    label = Image.new("L", (symbol.width + 40, symbol.height + 40), 235)
    label.paste(symbol, (20, 20))
    turned = label.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=0)
    where = Image.new("L", label.size, 255).rotate(angle, Image.Resampling.NEAREST, expand=True, fillcolor=0)
    picture = Image.radial_gradient("L").resize((SIDE, SIDE)).point(lambda value: 90 + value // 3)
    picture.paste(turned, ((SIDE - turned.width) // 2, (SIDE - turned.height) // 2), where)
    picture = picture.filter(ImageFilter.GaussianBlur(blur)).convert("RGB")
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    half = symbol.width / 2, symbol.height / 2
    corners = [(x * half[0], y * half[1]) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    return picture, [(SIDE / 2 + x * cos + y * sin, SIDE / 2 - x * sin + y * cos) for x, y in corners]


def covered(picture: Image.Image, corners: list[tuple[float, float]]) -> bool:
    """Is enough of the code under what is found?"""
    [found] = codes.regions([picture])
    box = Image.new("L", picture.size, 0)
    ImageDraw.Draw(box).polygon(corners, fill=255)
    return ImageStat.Stat(cover.mask(found, picture.size), box).mean[0] / 255 >= ENOUGH


def all_drawn() -> Iterator[tuple[str, int, float]]:
    """Kind, angle and blur of each."""
    for kind in KINDS:
        for number, angle in enumerate(ANGLES):
            yield kind, angle, BLURS[number % len(BLURS)]


def tally(some: Iterator[tuple[str, int, float]]) -> tuple[Counter[str], Counter[str], list[tuple[str, int, float]]]:
    """Covered and all, by class, and what was missed."""
    hits, totals, missed = Counter[str](), Counter[str](), []
    for one in some:
        name = "barcode, one-dimensional" if one[0] in FLAT else "code, two-dimensional"
        totals[name] += 1
        found = covered(*drawn(*one))
        hits[name] += found
        if not found:
            missed.append(one)
    return hits, totals, missed


@pytest.mark.parametrize("kind", KINDS)
def test_codes_are_covered_at_any_angle(kind: str) -> None:
    few = (one for one in all_drawn() if one[0] == kind and one[1] in (0, 72, 96, 216))
    hits, totals, missed = tally(few)
    assert sum(hits.values()) >= FLOOR * sum(totals.values()), missed


if __name__ == "__main__":
    print(*tally(all_drawn()), sep="\n", file=sys.stdout)
