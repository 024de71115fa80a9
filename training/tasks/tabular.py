"""Classification of tables: numbers between public bounds, a small network with tanh."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import ClassVar

import torch
from torch import Tensor, nn

from catalog.errors import UsageError
from training.data import Example
from training.tasks import Task


@dataclass(frozen=True, slots=True)
class Table(Task):
    """`low` and `high` are the public bounds of each column: values are cut to them and scaled
    to -1 .. 1. A value that is missing or no number counts as the middle.

    A record's values come with it, or are its text: numbers between commas.
    """

    kind: ClassVar[str] = "table"

    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    hidden: int = 32

    def __post_init__(self) -> None:
        if (
            not self.low
            or len(self.low) != len(self.high)
            or any(a >= b for a, b in zip(self.low, self.high, strict=True))
        ):
            raise UsageError(
                f"expected as many lower as higher bounds, each one below; found {len(self.low)} and {len(self.high)}",
                cure="Give each column its public bounds.",
                place="task table",
            )

    def encode(self, examples: Sequence[Example]) -> Tensor:
        return torch.tensor([self._scaled(example) for example in examples], dtype=torch.float32)

    def model(self) -> nn.Module:
        return nn.Sequential(
            nn.Linear(len(self.low), self.hidden), nn.Tanh(), nn.Linear(self.hidden, len(self.classes))
        )

    def canary(self, draw: Random) -> Example:
        values = tuple(draw.uniform(low, high) for low, high in zip(self.low, self.high, strict=True))
        return Example("canary", draw.choice(self.classes), values=values)

    def _scaled(self, example: Example) -> list[float]:
        values = example.values or tuple(_number(part) for part in example.text.split(","))
        padded = (*values, *[math.nan] * len(self.low))[: len(self.low)]
        return [_between(value, low, high) for value, low, high in zip(padded, self.low, self.high, strict=True)]


def _between(value: float, low: float, high: float) -> float:
    return 0.0 if math.isnan(value) else 2 * (min(max(value, low), high) - low) / (high - low) - 1


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
