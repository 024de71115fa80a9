"""Copies of pictures at other sizes."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw, ImageStat

from privacy.pictures.sizes import fitted, scaled


@pytest.mark.parametrize(
    ("size", "side", "expected"),
    [
        ((1024, 768), 704, (704, 528)),
        ((768, 1024), 320, (240, 320)),
        ((1025, 7), 100, (100, 1)),
        ((704, 9), 704, (704, 9)),
        ((30, 20), 704, (30, 20)),
    ],
)
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_copy_fits_and_is_never_larger(
    size: tuple[int, int], side: int, expected: tuple[int, int], mode: str
) -> None:
    small = fitted(Image.new(mode, size), side)

    assert (small.size, small.mode) == (expected, mode)


def test_a_picture_can_be_made_larger_too() -> None:
    assert scaled(Image.new("RGB", (30, 20)), 3.0).size == (90, 60)


@pytest.mark.parametrize("factor", [0.9, 0.45, 0.24, 0.11])
def test_no_pixel_goes_unseen_however_small_the_copy(factor: float) -> None:
    lines = Image.new("L", (1200, 900), 0)
    for x in range(0, 1200, 10):
        ImageDraw.Draw(lines).line((x, 0, x, 900), fill=255)

    assert ImageStat.Stat(scaled(lines, factor)).mean[0] == pytest.approx(25.5, rel=0.1)
