"""Picture classification: two convolutions and a linear layer, with group normalisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from torch import Tensor, nn

from training import pictures
from training.data import Example
from training.tasks import Task


@dataclass(frozen=True, slots=True)
class SmallCnn(Task):
    """What the linear layer reads is normalised last, within each picture, and no narrow layer stands before
    it: under noise both were worth more than any activation (figures in tests/evals/training/measure.py).

    `mean` and `spread` are public constants of normalisation, never measured on the members.
    """

    kind: ClassVar[str] = "image-cnn"

    size: int = 28
    channels: int = 1
    width: int = 16
    mean: float = 0.5
    spread: float = 0.5

    def encode(self, examples: Sequence[Example]) -> Tensor:
        return pictures.as_bytes(examples, self.size, self.channels)

    def model(self) -> nn.Module:
        narrow, wide = self.width, 2 * self.width
        side = _after(_after(self.size + 4, 5, 2) + 2, 4, 2)
        return nn.Sequential(
            Normal(self.mean, self.spread),
            *(nn.Conv2d(self.channels, narrow, 5, stride=2, padding=2), _norm(narrow), nn.ReLU()),
            *(nn.Conv2d(narrow, wide, 4, stride=2, padding=1), nn.ReLU(), _norm(wide)),
            *(nn.Flatten(), nn.Linear(wide * side * side, len(self.classes))),
        )

    def canary(self, draw: Random) -> Example:
        return pictures.noise(draw, self.size, self.channels, draw.choice(self.classes))


class Normal(nn.Module):
    """Bytes to floats around zero."""

    def __init__(self, mean: float, spread: float) -> None:
        super().__init__()
        self.mean, self.spread = mean, spread

    def forward(self, rows: Tensor) -> Tensor:
        return (rows.float() / 255 - self.mean) / self.spread


def _norm(width: int) -> nn.Module:
    return nn.GroupNorm(4, width, affine=False)


def _after(size: int, kernel: int, stride: int) -> int:
    return (size - kernel) // stride + 1
