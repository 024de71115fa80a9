"""Covering regions with one solid colour. Nothing of what was there can be computed back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from PIL import Image, ImageDraw, ImageStat

from catalog.values import Region

Polygon = tuple[tuple[int, int], ...]
_IMAGENET = (124, 116, 104)  # mean colour of ImageNet: for a picture that is covered whole


def grown(points: Sequence[tuple[float, float]], size: tuple[int, int], by: float, least: float = 2.0) -> Polygon:
    """A quadrilateral moved outwards on each side by a share of its shorter side, inside the picture."""
    (ax, ay), (bx, by_), (cx, cy), (dx, dy) = points
    width = math.hypot(bx - ax, by_ - ay)
    height = math.hypot(dx - ax, dy - ay)
    margin = max(least, by * min(width, height))
    ux, uy = ((bx - ax) / width, (by_ - ay) / width) if width else (1.0, 0.0)
    vx, vy = ((dx - ax) / height, (dy - ay) / height) if height else (0.0, 1.0)
    moved = (
        (ax - margin * (ux + vx), ay - margin * (uy + vy)),
        (bx + margin * (ux - vx), by_ + margin * (uy - vy)),
        (cx + margin * (ux + vx), cy + margin * (uy + vy)),
        (dx - margin * (ux - vx), dy - margin * (uy - vy)),
    )
    return tuple((_within(x, size[0]), _within(y, size[1])) for x, y in moved)


def _within(value: float, limit: int) -> int:
    return min(max(round(value), 0), limit - 1)


def mask(regions: Iterable[Region], size: tuple[int, int]) -> Image.Image:
    """White where a region is."""
    drawn = Image.new("L", size, 0)
    pen = ImageDraw.Draw(drawn)
    for region in regions:
        pen.polygon(region.polygon, fill=255, outline=255)
    return drawn


def fill(image: Image.Image, regions: Sequence[Region]) -> Image.Image:
    """The picture with these regions under the mean colour of everything outside them."""
    if not regions:
        return image
    covering = mask(regions, image.size)
    outside = covering.point(lambda value: 255 - value)
    if outside.getbbox():
        means = tuple(round(mean) for mean in ImageStat.Stat(image, outside).mean)
    else:
        means = _IMAGENET if image.mode == "RGB" else (116,) * len(image.getbands())
    if image.mode in ("LA", "RGBA"):
        means = (*means[:-1], 255)
    covered = image.copy()
    covered.paste(means[0] if len(means) == 1 else means, mask=covering)
    return covered


def share(regions: Sequence[Region], size: tuple[int, int]) -> float:
    """How much of the picture the regions cover, 0 to 1."""
    if not regions:
        return 0.0
    covering = mask(regions, size)
    return round(float(ImageStat.Stat(covering).sum[0]) / 255 / (size[0] * size[1]), 4)
