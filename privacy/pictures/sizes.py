"""Copies of a picture at other sizes, for detectors. OpenCV makes them several times as fast as Pillow."""

from __future__ import annotations

from PIL import Image

from privacy.pictures.extra import opencv


def fitted(image: Image.Image, side: int) -> Image.Image:
    """A copy whose longer side is `side`; a picture that is no larger stays as it is."""
    longest = max(image.size)
    return image if longest <= side else scaled(image, side / longest)


def scaled(image: Image.Image, factor: float) -> Image.Image:
    """A copy so many times as large. What is made much smaller is halved first, so that no pixel goes unseen."""
    import numpy as np

    cv2 = opencv()
    width, height = (max(1, round(length * factor)) for length in image.size)
    if (width, height) == image.size:
        return image
    pixels = np.asarray(image)
    while pixels.shape[1] >= 2 * width and pixels.shape[0] >= 2 * height:
        pixels = cv2.resize(pixels, (pixels.shape[1] // 2, pixels.shape[0] // 2), interpolation=cv2.INTER_AREA)
    way = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_LINEAR
    return Image.fromarray(cv2.resize(pixels, (width, height), interpolation=way))
