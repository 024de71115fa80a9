"""Text classification: words and word pairs hashed into a fixed number of buckets, then a
linear layer or a small network. No vocabulary is ever learned from the texts."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import ClassVar

import torch
from torch import Tensor, nn

from training.data import Example
from training.tasks import Task

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class HashedText(Task):
    """Bags of hashed words and pairs. `hidden` units of tanh between, or none for a linear model."""

    kind: ClassVar[str] = "text"

    buckets: int = 4096
    hidden: int = 0
    tokens: int = 128  # the first so many words of a text are read

    def encode(self, examples: Sequence[Example]) -> Tensor:
        rows = torch.full((len(examples), 2 * self.tokens), -1, dtype=torch.int32)
        for row, example in enumerate(examples):
            hashed = torch.tensor(self._hashed(example.text), dtype=torch.int32)
            rows[row, : len(hashed)] = hashed
        return rows

    def model(self) -> nn.Module:
        outputs = len(self.classes)
        layers = (
            [nn.Linear(self.buckets, self.hidden), nn.Tanh(), nn.Linear(self.hidden, outputs)]
            if self.hidden
            else [nn.Linear(self.buckets, outputs)]
        )
        return nn.Sequential(Bag(self.buckets), *layers)

    def canary(self, draw: Random) -> Example:
        words = " ".join(f"{draw.getrandbits(40):x}" for _ in range(8))
        return Example("canary", draw.choice(self.classes), text=words)

    def _hashed(self, text: str) -> list[int]:
        words = _WORD.findall(text.lower())[: self.tokens]
        pairs = [f"{one} {two}" for one, two in pairwise(words)]
        return [zlib.crc32(token.encode("utf-8", "surrogatepass")) % self.buckets for token in (*words, *pairs)]


class Bag(nn.Module):
    """Bucket numbers (-1: none) to counts of unit length. Nothing in it is trained."""

    def __init__(self, buckets: int) -> None:
        super().__init__()
        self.buckets = buckets

    def forward(self, tokens: Tensor) -> Tensor:
        present = (tokens >= 0).float()
        counts = present.new_zeros(len(tokens), self.buckets).scatter_add(1, tokens.clamp(min=0).long(), present)
        return nn.functional.normalize(counts)
