"""Text classification: a small transformer over hashed words, trained from nothing."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import ClassVar

import torch
from torch import Tensor, nn

from training.data import Example
from training.tasks import Task

_WORD = re.compile(r"\w+|[^\w\s]")
PADDING, KNOWN = 0, 1  # bucket 0 is padding; words start at 1


@dataclass(frozen=True, slots=True)
class SmallTransformer(Task):
    """Words fall into a fixed number of buckets; two layers of attention; the mean is classified."""

    kind: ClassVar[str] = "text-transformer"

    buckets: int = 10_000
    tokens: int = 64
    width: int = 128
    heads: int = 4
    layers: int = 2

    def encode(self, examples: Sequence[Example]) -> Tensor:
        rows = torch.full((len(examples), self.tokens), PADDING, dtype=torch.int32)
        for row, example in enumerate(examples):
            words = _WORD.findall(example.text.lower())[: self.tokens]
            hashed = [KNOWN + zlib.crc32(w.encode("utf-8", "surrogatepass")) % (self.buckets - KNOWN) for w in words]
            rows[row, : len(hashed)] = torch.tensor(hashed, dtype=torch.int32)
        return rows

    def model(self) -> nn.Module:
        return _Transformer(self)

    def canary(self, draw: Random) -> Example:
        words = " ".join(f"{draw.getrandbits(40):x}" for _ in range(8))
        return Example("canary", draw.choice(self.classes), text=words)


class _Transformer(nn.Module):
    def __init__(self, task: SmallTransformer) -> None:
        super().__init__()
        self.words = nn.Embedding(task.buckets, task.width)
        self.places = nn.Embedding(task.tokens, task.width)
        self.blocks = nn.ModuleList(_Block(task.width, task.heads) for _ in range(task.layers))
        self.norm = nn.LayerNorm(task.width)
        self.classify = nn.Linear(task.width, len(task.classes))

    def forward(self, tokens: Tensor) -> Tensor:
        tokens = tokens.long()
        present = tokens != PADDING
        # A place for every row of the batch, not one that is broadcast: gradients are by record.
        places = torch.arange(tokens.shape[1], device=tokens.device).expand_as(tokens)
        rows = self.words(tokens) + self.places(places)
        for block in self.blocks:
            rows = block(rows, present)
        weights = present.to(rows.dtype).unsqueeze(2)
        mean = (self.norm(rows) * weights).sum(1) / weights.sum(1).clamp(min=1)
        found: Tensor = self.classify(mean)
        return found


class _Block(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attend, self.join = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, rows: Tensor, present: Tensor) -> Tensor:
        count, length, width = rows.shape
        split = self.attend(self.before(rows)).view(count, length, 3, self.heads, width // self.heads)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        # The first place always counts as there: a text without words would attend to nothing.
        seen = present.clone()
        seen[:, 0] = True
        mixed = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=seen[:, None, None, :])
        rows = rows + self.join(mixed.transpose(1, 2).reshape(count, length, width))
        found: Tensor = rows + self.narrow(nn.functional.gelu(self.wide(self.between(rows))))
        return found
