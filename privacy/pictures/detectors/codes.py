"""QR codes and barcodes, with zxing-cpp and OpenCV; what they say is never read out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from PIL import Image, ImageDraw

from catalog.checks import Example
from catalog.values import Region
from privacy.pictures.cover import grown
from privacy.pictures.extra import needs, opencv
from privacy.pictures.sizes import fitted

VERSION = 3
REPORTS = {
    "QR_CODE": "Two-dimensional codes: QR, Aztec, DataMatrix, PDF417, MaxiCode.",
    "BARCODE": "One-dimensional codes, as on parcels, tickets and packages.",
}
MARGIN = 0.12
SIDE = 2000
TURNED_SIDE = 1024
# The stacked bars of PDF417 are only read when nearly level.
STACKED_SIDE = 800
STACKED_TURNS = (15, 30, 60, 75)
LOCATED_SIDE = 1280
_FLAT = ("EAN", "UPC", "Code", "ITF", "Codabar", "DataBar", "DXFilm")
# What OpenCV locates is a barcode if its columns are alike from row to row, and many.
_ALIKE = 0.5
_CHANGES = 16
# Grey levels: what zxing-cpp takes for a code and cannot read is one only if it is dark on light, not noise on a wall.
_CONTRAST = 6.0

Corners = list[tuple[float, float]]
Code = tuple[str, Corners, float]  # kind, place, score


def regions(images: Sequence[Image.Image]) -> list[list[Region]]:
    """Every code, readable or only located."""
    found = []
    for image in images:
        grey = image.convert("L")
        stacked = fitted(grey, STACKED_SIDE)
        read = [*_read(fitted(grey, SIDE), grey.size), *_read(fitted(grey, TURNED_SIDE), grey.size, 45)]
        read += [code for turn in STACKED_TURNS for code in _read(stacked, grey.size, turn, stacked=True)]
        codes = _apart([*_located(grey), *read])
        found.append(
            [Region(kind, grown(corners, image.size, MARGIN, 6.0), score, "codes") for kind, corners, score in codes]
        )
    return found


def again(images: Sequence[Image.Image]) -> list[list[Region]]:
    """The second look: whatever can still be read in a smaller copy."""
    return [
        [
            Region(kind, grown(corners, image.size, MARGIN, 6.0), score, "codes")
            for kind, corners, score in _read(fitted(image.convert("L"), TURNED_SIDE), image.size)
        ]
        for image in images
    ]


def _apart(codes: Sequence[Code]) -> list[Code]:
    """Without those whose middle lies in a larger one: of a code zxing-cpp may know one row only."""
    kept: list[Code] = []
    for code in sorted(codes, key=_area, reverse=True):
        x, y = (sum(values) / 4 for values in zip(*code[1], strict=True))
        if not any(_box(other)[0] <= x <= _box(other)[2] and _box(other)[1] <= y <= _box(other)[3] for other in kept):
            kept.append(code)
    return kept


def _area(code: Code) -> float:
    corners = code[1]
    return abs(sum(x * v - u * y for (x, y), (u, v) in zip(corners, corners[1:] + corners[:1], strict=True))) / 2


def _box(code: Code) -> tuple[float, float, float, float]:
    xs, ys = zip(*code[1], strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _read(small: Image.Image, size: tuple[int, int], degrees: int = 0, stacked: bool = False) -> Iterator[Code]:
    """What zxing-cpp reads in a copy of a picture of this size; between quarter turns it needs it turned."""
    with needs("zxing-cpp"):
        import zxingcpp
    turned = _turned(small, degrees) if degrees else small
    formats = zxingcpp.BarcodeFormat.PDF417 if stacked else zxingcpp.BarcodeFormat.All
    for code in zxingcpp.read_barcodes(
        turned, formats, try_invert=not degrees, try_downscale=not stacked, return_errors=True
    ):
        place = code.position
        corners = [(p.x, p.y) for p in (place.top_left, place.top_right, place.bottom_right, place.bottom_left)]
        if not code.valid and _inside(turned, corners).std() < _CONTRAST:
            continue
        back = [_turn_back(point, turned.size, small.size, math.radians(degrees)) for point in corners]
        kind = "BARCODE" if str(code.format).removeprefix("BarcodeFormat.").startswith(_FLAT) else "QR_CODE"
        yield kind, _scaled(back, size, small.size), 1.0 if code.valid else 0.5


def _turned(image: Image.Image, degrees: int) -> Image.Image:
    """Counter-clockwise, whole, on grey. OpenCV turns ten times as fast as Pillow."""
    import numpy as np

    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    width = math.ceil(image.width * abs(cos) + image.height * abs(sin))
    height = math.ceil(image.width * abs(sin) + image.height * abs(cos))
    matrix: Any = np.array([[cos, sin, 0.0], [-sin, cos, 0.0]])
    matrix[:, 2] = np.array([width / 2, height / 2]) - matrix[:, :2] @ np.array([image.width / 2, image.height / 2])
    return Image.fromarray(opencv().warpAffine(np.asarray(image), matrix, (width, height), borderValue=128))


def _turn_back(
    point: tuple[float, float], turned: tuple[int, int], size: tuple[int, int], angle: float
) -> tuple[float, float]:
    x, y = point[0] - turned[0] / 2, point[1] - turned[1] / 2
    return (
        x * math.cos(angle) - y * math.sin(angle) + size[0] / 2,
        x * math.sin(angle) + y * math.cos(angle) + size[1] / 2,
    )


def _located(image: Image.Image) -> Iterator[Code]:
    """What OpenCV sees as bars, at any angle, whether or not it can be read."""
    import numpy as np

    small = fitted(image, LOCATED_SIDE)
    there, places = opencv().barcode.BarcodeDetector().detect(np.asarray(small))
    for place in np.asarray(places).reshape(-1, 4, 2) if there else ():
        corners = [(float(x), float(y)) for x, y in place]
        if _is_striped(small, corners):
            yield "BARCODE", _scaled(corners, image.size, small.size), 0.5


def _inside(image: Image.Image, corners: Corners) -> Any:
    """Grey levels of what lies within, put straight, without the rim."""
    import numpy as np

    (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners
    patch = image.transform((160, 160), Image.Transform.QUAD, (ax, ay, dx, dy, cx, cy, bx, by))
    return np.asarray(patch, dtype=float)[30:130, 10:150]


def _is_striped(image: Image.Image, corners: Corners) -> bool:
    import numpy as np

    inner = _inside(image, corners)
    for axis in (0, 1):
        profile = inner.mean(axis=axis)
        changes = int(np.count_nonzero(np.diff((profile > profile.mean()).astype(int))))
        if profile.var() >= _ALIKE * inner.var() and changes >= _CHANGES:
            return True
    return False


def _scaled(corners: Corners, size: tuple[int, int], small: tuple[int, int]) -> Corners:
    return [(x * size[0] / small[0], y * size[1] / small[1]) for x, y in corners]


def _barcode() -> Image.Image:
    """EAN-13 of 4006381333931, drawn bar by bar."""
    modules = (
        "101" "0001101" "0100111" "0101111" "0111101" "0001001" "0110011"
        "01010" "1000010" "1000010" "1000010" "1110100" "1000010" "1100110" "101"
    )  # fmt: skip
    return _bars(modules)


def _stripes() -> Image.Image:
    return _bars("111000" * 7)


def _bars(modules: str) -> Image.Image:
    image = Image.new("RGB", (420, 200), "white")
    pen = ImageDraw.Draw(image)
    for number, module in enumerate(modules):
        if module == "1":
            pen.rectangle((40 + 3 * number, 40, 42 + 3 * number, 160), fill="black")
    return image


EXAMPLES = (Example(_barcode, ("BARCODE",)), Example(_stripes))
