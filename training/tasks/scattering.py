"""Picture classification: a scattering transform, then one linear layer. The best that is
known for small pictures and a tight budget, and cheap enough for a laptop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import ClassVar

import torch
from torch import Tensor, nn

from training import pictures, scattering
from training.data import Example
from training.tasks import Task

_AT_ONCE = 32  # stays in the cache


@dataclass(frozen=True, slots=True)
class ScatteringLinear(Task):
    """`groups` of feature maps are normalised together, within each picture."""

    kind: ClassVar[str] = "image-scattering"

    size: int = 28
    channels: int = 1
    groups: int = 27

    def encode(self, examples: Sequence[Example]) -> Tensor:
        rows = torch.empty(len(examples), self._features(), dtype=torch.float16)  # half the memory of float
        for start in range(0, len(examples), _AT_ONCE):
            part = pictures.as_bytes(examples[start : start + _AT_ONCE], self.size, self.channels)
            maps = scattering.transform(part.float() / 255)
            rows[start : start + len(part)] = nn.functional.group_norm(maps, self.groups * self.channels).flatten(1)
        return rows

    def model(self) -> nn.Module:
        return nn.Sequential(Whole(), nn.Linear(self._features(), len(self.classes)))

    def canary(self, draw: Random) -> Example:
        return pictures.noise(draw, self.size, self.channels, draw.choice(self.classes))

    def _features(self) -> int:
        return self.channels * scattering.MAPS * (self.size // 4) ** 2


class Whole(nn.Module):
    """Half-precision rows as the floats that the next layer wants."""

    def forward(self, rows: Tensor) -> Tensor:
        return rows.float()
