"""How sharp a picture is where it is sharpest: a blurred background is no fault."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageFilter

from catalog.checks import Example
from curation.pictures import PictureView

VERSION = 1
MODALITY = "image"
REPORTS = {"image_sharpness": "Variance of the Laplacian in tiles of 64 pixels, 90th percentile; low when blurred."}
TILE = 64


def _board(blur: float) -> bytes:
    dots = np.indices((128, 128)).sum(axis=0) // 4 % 2 * 255
    image = Image.fromarray(dots.astype(np.uint8)).filter(ImageFilter.GaussianBlur(blur))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


EXAMPLES = (
    Example(lambda: _board(0), ("image_sharpness=130097.3516",)),
    Example(lambda: _board(8), ("image_sharpness=1.4258",)),
    Example(lambda: b"not a picture", ("image_sharpness=None",)),
)


def signals(view: PictureView) -> dict[str, float | None]:
    if view.greys is None or min(view.greys.shape) < 3:
        return {"image_sharpness": None}
    grey = view.greys.astype(np.float32)
    edges = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * grey[1:-1, 1:-1]
    rows, columns = (range(0, size, TILE) for size in edges.shape)
    # A sliver at the border says little; where the picture is smaller than a tile it is all there is.
    tiles = [edges[row : row + TILE, column : column + TILE] for row in rows for column in columns]
    full = [tile for tile in tiles if tile.size >= TILE * TILE // 4] or [edges]
    return {"image_sharpness": float(np.percentile([tile.var() for tile in full], 90))}
