"""QR codes and barcodes, with zxing-cpp; what they say is never read out."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw

from catalog.checks import Example
from catalog.values import Region
from privacy.pictures.cover import grown
from privacy.pictures.extra import needs

VERSION = 1
REPORTS = {
    "QR_CODE": "Two-dimensional codes: QR, Aztec, DataMatrix, PDF417, MaxiCode.",
    "BARCODE": "One-dimensional codes, as on parcels, tickets and packages.",
}
MARGIN = 0.12
_FLAT = ("EAN", "UPC", "Code", "ITF", "Codabar", "DataBar", "DXFilm")


def regions(images: Sequence[Image.Image]) -> list[list[Region]]:
    """Every code, readable or only located."""
    with needs("zxing-cpp"):
        import zxingcpp
    found = []
    for image in images:
        codes = zxingcpp.read_barcodes(image.convert("L"), return_errors=True)
        found.append([_region(code, image.size) for code in codes])
    return found


def _region(code: object, size: tuple[int, int]) -> Region:
    place = code.position  # type: ignore[attr-defined]
    corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    kind = "BARCODE" if str(code.format).removeprefix("BarcodeFormat.").startswith(_FLAT) else "QR_CODE"  # type: ignore[attr-defined]
    score = 1.0 if code.valid else 0.5  # type: ignore[attr-defined]
    return Region(kind, grown([(p.x, p.y) for p in corners], size, MARGIN, 6.0), score, "codes")


def _barcode() -> Image.Image:
    """EAN-13 of 4006381333931, drawn bar by bar."""
    modules = (
        "101" "0001101" "0100111" "0101111" "0111101" "0001001" "0110011"
        "01010" "1000010" "1000010" "1000010" "1110100" "1000010" "1100110" "101"
    )  # fmt: skip
    return _bars(modules)


def _stripes() -> Image.Image:
    return _bars("10" * 40)


def _bars(modules: str) -> Image.Image:
    image = Image.new("RGB", (420, 200), "white")
    pen = ImageDraw.Draw(image)
    for number, module in enumerate(modules):
        if module == "1":
            pen.rectangle((40 + 3 * number, 40, 42 + 3 * number, 160), fill="black")
    return image


EXAMPLES = (Example(_barcode, ("BARCODE",)), Example(_stripes))
