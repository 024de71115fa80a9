from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pytest
import torch
from torch import nn

from catalog.errors import UsageError
from training import selftest, tasks
from training.data import Example

CPU = torch.device("cpu")


@dataclass(frozen=True, slots=True)
class Own(tasks.Task):
    """What a user writes: examples to rows, and a model."""

    kind: ClassVar[str] = "own"
    layers: tuple[nn.Module, ...] = ()

    def encode(self, examples):
        return torch.tensor([[float(len(example.text)), 1.0, 2.0, 3.0] for example in examples])

    def model(self):
        return nn.Sequential(*self.layers)


class Mixing(nn.Module):
    """Subtracts the mean of the batch: records see each other."""

    def forward(self, rows):
        return rows - rows.mean(0, keepdim=True)


class Idle(nn.Module):
    def __init__(self):
        super().__init__()
        self.used, self.unused = nn.Linear(4, 2), nn.Linear(4, 2)

    def forward(self, rows):
        return self.used(rows)


class Lora(nn.Module):
    """A frozen layer with a trainable low-rank part that starts at zero."""

    def __init__(self):
        super().__init__()
        self.frozen, self.down, self.up = nn.Linear(4, 2), nn.Linear(4, 1, bias=False), nn.Linear(1, 2, bias=False)
        self.frozen.requires_grad_(False)
        nn.init.zeros_(self.up.weight)

    def forward(self, rows):
        return self.frozen(rows) + self.up(self.down(rows))


def check(*layers, slots=1):
    task = Own(("a", "b"), layers)
    return selftest.check(task, task.encode([Example("1", "a", text="x")] * 5), CPU, slots)


@pytest.mark.parametrize("slots", [1, 4])
def test_a_users_own_task_passes(slots):
    assert check(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2), slots=slots) == "layers"


def test_dropout_and_low_rank_adapters_pass():
    assert check(nn.Linear(4, 8), nn.Dropout(0.5), nn.Linear(8, 2)) == "layers"
    assert check(Lora()) == "layers"


def test_a_model_that_mixes_the_records_of_a_batch_is_refused():
    with pytest.raises(UsageError, match="not what plain differentiation gives"):
        check(Mixing(), nn.Linear(4, 2))


def test_weights_that_never_move_are_named():
    with pytest.raises(UsageError, match=r"these weights never move: 0\.unused\.weight, 0\.unused\.bias"):
        check(Idle())


def test_no_members_row_is_looked_at():
    task = Own(("a", "b"), (nn.Linear(4, 2),))
    rows = torch.full((5, 4), float("nan"))
    assert selftest.check(task, rows, CPU) == "layers"


@pytest.mark.parametrize("slots", [1, 2, 5])
@pytest.mark.parametrize("kind", ["text", "text-transformer"])
def test_a_sound_task_passes_however_many_rows_a_unit_has(kind, slots):
    task = tasks.named(kind, classes=("a", "b"), buckets=64, tokens=8)
    assert selftest.check(task, task.encode([Example("1", "a", text="one boat")]), CPU, slots) == "layers"
