"""Picture classification: a small convolutional network with tanh, as in Papernot et al.
(arXiv:2007.14191), with group normalisation."""

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
    """Bounded activations keep gradients short, so less of them is clipped away.

    `mean` and `spread` are public constants of normalisation, never measured on the members.
    """

    kind: ClassVar[str] = "image-cnn"

    size: int = 28
    channels: int = 1
    width: int = 16
    norm: bool = True
    mean: float = 0.5
    spread: float = 0.5

    def encode(self, examples: Sequence[Example]) -> Tensor:
        return pictures.as_bytes(examples, self.size, self.channels)

    def model(self) -> nn.Module:
        narrow, wide = self.width, 2 * self.width
        side = _after(_after(_after(_after(self.size + 4, 8, 2), 2, 1), 4, 2), 2, 1)
        layers: list[nn.Module] = [Normal(self.mean, self.spread)]
        layers += [nn.Conv2d(self.channels, narrow, 8, stride=2, padding=2), *self._norm(narrow), nn.Tanh()]
        layers += [nn.MaxPool2d(2, 1)]
        layers += [nn.Conv2d(narrow, wide, 4, stride=2), *self._norm(wide), nn.Tanh(), nn.MaxPool2d(2, 1)]
        layers += [nn.Flatten(), nn.Linear(wide * side * side, 32), nn.Tanh(), nn.Linear(32, len(self.classes))]
        return nn.Sequential(*layers)

    def canary(self, draw: Random) -> Example:
        return pictures.noise(draw, self.size, self.channels, draw.choice(self.classes))

    def _norm(self, width: int) -> list[nn.Module]:
        return [nn.GroupNorm(4, width, affine=False)] if self.norm else []


class Normal(nn.Module):
    """Bytes to floats around zero."""

    def __init__(self, mean: float, spread: float) -> None:
        super().__init__()
        self.mean, self.spread = mean, spread

    def forward(self, rows: Tensor) -> Tensor:
        return (rows.float() / 255 - self.mean) / self.spread


def _after(size: int, kernel: int, stride: int) -> int:
    return (size - kernel) // stride + 1
