"""Picture classification: a wide residual network with group normalisation (WRN-16-4), after
De et al. (arXiv:2204.13650). Several augmented views of a record share one clipped gradient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import ClassVar

import torch
from torch import Generator, Tensor, nn

from training import pictures
from training.data import Example
from training.tasks import Task
from training.tasks.cnn import Normal


@dataclass(frozen=True, slots=True)
class WideResNet(Task):
    """`depth` is 6 blocks-per-stage + 4; sixteen views is what the paper trains with."""

    kind: ClassVar[str] = "image-wide-resnet"

    size: int = 32
    channels: int = 3
    depth: int = 16
    width: int = 4
    augmentations: int = 16

    @property
    def views(self) -> int:
        return self.augmentations

    def encode(self, examples: Sequence[Example]) -> Tensor:
        return pictures.as_bytes(examples, self.size, self.channels)

    def model(self) -> nn.Module:
        blocks = (self.depth - 4) // 6
        layers: list[nn.Module] = [Normal(0.5, 0.5), _convolution(self.channels, 16, 3)]
        given = 16
        for stage, wanted in enumerate((16 * self.width, 32 * self.width, 64 * self.width)):
            for block in range(blocks):
                layers.append(_Block(given, wanted, stride=2 if stage and not block else 1))
                given = wanted
        layers += [nn.GroupNorm(16, given), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
        return nn.Sequential(*layers, nn.Linear(given, len(self.classes)))

    def augment(self, inputs: Tensor, generator: Generator) -> Tensor:
        """Mirror at random and shift by up to four pixels, each view by itself."""
        count, size = len(inputs), self.size
        mirrored = torch.rand(count, generator=generator).lt(0.5).to(inputs.device)
        inputs = torch.where(mirrored[:, None, None, None], inputs.flip(3), inputs)
        padded = nn.functional.pad(inputs.float(), (4, 4, 4, 4), mode="reflect").to(inputs.dtype)
        down, right = (torch.randint(9, (count,), generator=generator).to(inputs.device) for _ in range(2))
        places = torch.arange(size, device=inputs.device)
        rows = (down[:, None] + places)[:, None, :, None]
        columns = (right[:, None] + places)[:, None, None, :]
        each = torch.arange(count, device=inputs.device)[:, None, None, None]
        return padded[each, torch.arange(self.channels, device=inputs.device)[None, :, None, None], rows, columns]

    def canary(self, draw: Random) -> Example:
        return pictures.noise(draw, self.size, self.channels, draw.choice(self.classes))


class _Block(nn.Module):
    """Normalise, activate, convolve, twice, beside a shortcut."""

    def __init__(self, given: int, wanted: int, stride: int) -> None:
        super().__init__()
        self.before, self.between = nn.GroupNorm(16, given), nn.GroupNorm(16, wanted)
        self.one, self.two = _convolution(given, wanted, 3, stride), _convolution(wanted, wanted, 3)
        self.shortcut = _convolution(given, wanted, 1, stride) if given != wanted or stride > 1 else None

    def forward(self, rows: Tensor) -> Tensor:
        active = torch.relu(self.before(rows))
        shortcut = self.shortcut(active) if self.shortcut is not None else rows
        found: Tensor = shortcut + self.two(torch.relu(self.between(self.one(active))))
        return found


def _convolution(given: int, wanted: int, kernel: int, stride: int = 1) -> nn.Module:
    return nn.Conv2d(given, wanted, kernel, stride, padding=kernel // 2)
