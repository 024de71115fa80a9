"""Pictures of examples as one tensor of bytes: every picture the same size and mode."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import numpy as np
import torch
from torch import Tensor

from training.data import Example


def as_bytes(examples: Sequence[Example], size: int, channels: int) -> Tensor:
    """(examples, channels, size, size) of 0 to 255; pictures of another size are resampled."""
    rows = np.empty((len(examples), channels, size, size), dtype=np.uint8)
    for row, example in enumerate(examples):
        rows[row] = _one(example.image, size, channels)
    return torch.from_numpy(rows)


def noise(draw: Random, size: int, channels: int, label: str) -> Example:
    """A picture of nothing: a canary."""
    shape = (size, size) if channels == 1 else (size, size, channels)
    pixels = np.frombuffer(draw.randbytes(size * size * channels), np.uint8).reshape(shape)
    return Example("canary", label, image=pixels)


def _one(image: object, size: int, channels: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    from PIL import Image

    picture = image if isinstance(image, Image.Image) else Image.fromarray(np.asarray(image, dtype=np.uint8))
    picture = picture.convert("L" if channels == 1 else "RGB")
    if picture.size != (size, size):
        picture = picture.resize((size, size), Image.Resampling.BILINEAR)
    pixels = np.asarray(picture, dtype=np.uint8)
    return pixels[None] if channels == 1 else np.moveaxis(pixels, 2, 0)
