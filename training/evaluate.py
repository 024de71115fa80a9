"""How well a model does on units it was not trained on. Epsilon does not cover these."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from training.data import Example
    from training.loop import State
    from training.tasks import Task

BATCH = 1024


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Share of right answers, with its 95 % interval (Wilson)."""

    right: int
    of: int

    @property
    def share(self) -> float:
        """Right answers out of all."""
        return self.right / self.of

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % Wilson score interval."""
        z, n, p = 1.959964, self.of, self.share
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, middle - half), min(1.0, middle + half)


def final(state: State) -> nn.Module:
    """The model a run releases: the averaged weights where the plan keeps an average."""
    if state.average is None:
        return state.model
    model = copy.deepcopy(state.model)
    with torch.no_grad():
        for parameter, averaged in zip(model.parameters(), state.average, strict=True):
            parameter.copy_(averaged)
    return model


def accuracy(task: Task, model: nn.Module, examples: Sequence[Example], device: torch.device) -> Accuracy | None:
    """Accuracy on held-out examples; None where there are none."""
    if not examples:
        return None
    answers = torch.cat([scores(task, model, part, device).argmax(1) for part in _parts(examples)])
    return Accuracy(int((answers == task.targets(examples)).sum()), len(examples))


def scores(task: Task, model: nn.Module, examples: Sequence[Example], device: torch.device) -> Tensor:
    """The model's raw outputs for examples."""
    training = model.training
    model.eval()
    with torch.no_grad():
        found: Tensor = model(task.encode(examples).to(device)).float().cpu()
    model.train(training)
    return found


def _parts(examples: Sequence[Example]) -> list[Sequence[Example]]:
    return [examples[start : start + BATCH] for start in range(0, len(examples), BATCH)]
