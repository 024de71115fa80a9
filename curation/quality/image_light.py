"""How a picture is lit and coloured: darkness, over-exposure, information, colour."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from catalog.checks import Example
from curation.pictures import PictureView

VERSION = 1
MODALITY = "image"
REPORTS = {
    "image_bright_end": "Grey level (0 to 1) that 99 % of the pixels stay under; low for a dark picture.",
    "image_dark_end": "Grey level (0 to 1) that 95 % of the pixels are over; high for a washed-out picture.",
    "image_overexposed": "Share of pixels at full white.",
    "image_entropy": "Bits of information in the grey levels, 0 to 8; low for blank or flat pictures.",
    "image_colour": "How far a pixel's channels lie apart, 95th percentile (0 to 1); about 0 in a grey picture.",
}
WHITE = 250


def _black() -> bytes:
    return _png(Image.new("RGB", (32, 32), (5, 5, 5)))


def _red() -> bytes:
    return _png(Image.new("RGB", (32, 32), (255, 0, 0)))


def _grey_ramp() -> bytes:
    return _png(Image.linear_gradient("L"))


def _png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


EXAMPLES = (
    Example(_black, ("image_bright_end=0.0196", "image_entropy=0", "image_colour=0", "image_overexposed=0")),
    Example(_red, ("image_colour=1", "image_overexposed=0")),
    Example(_grey_ramp, ("image_colour=0", "image_entropy=8", "image_overexposed=0.0234", "image_dark_end=0.0471")),
    Example(lambda: b"not a picture", ("image_entropy=None", "image_bright_end=None")),
)


def signals(view: PictureView) -> dict[str, float | None]:
    greys, colours = view.greys, view.colours
    if greys is None or colours is None:
        return dict.fromkeys(REPORTS)
    levels = np.bincount(greys.ravel(), minlength=256)
    shares = levels[levels > 0] / greys.size
    apart = np.bincount(np.ptp(colours, axis=2).ravel(), minlength=256)
    return {
        "image_bright_end": _percentile(levels, 0.99),
        "image_dark_end": _percentile(levels, 0.05),
        "image_overexposed": float(levels[WHITE:].sum() / greys.size),
        "image_entropy": abs(float(-(shares * np.log2(shares)).sum())),
        "image_colour": _percentile(apart, 0.95),
    }


def _percentile(levels: np.ndarray[tuple[int], np.dtype[np.intp]], share: float) -> float:
    return int(np.searchsorted(np.cumsum(levels), share * levels.sum())) / 255
