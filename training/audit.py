"""A one-run audit: canaries join by secret coins, and the released gradients are asked who was in.

After Steinke, Nasr and Jagielski (arXiv:2305.08846): synthetic records, each in with
probability one half; whoever reads all noisy gradients guesses the most and least likely
ones; the number of right guesses bounds epsilon from below. The bound is loose (30 to 50 %
of the proven epsilon at best), so that it stays below the claim proves nothing. A bound
above the claim is an alarm: the code does not do what the plan says.
"""

from __future__ import annotations

import math
import random
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from catalog.errors import UsageError
from training.data import Units
from training.loop import Inputs
from training.streams import Streams
from training.tasks import Task

CONFIDENCE = 0.95
GUESSED = 8  # one in so many canaries is guessed to be in, and as many to be out; fixed in advance
FEWEST = 80


@dataclass(frozen=True, slots=True)
class Bound:
    """What an audit found: epsilon is at least `epsilon`, with 95 % confidence."""

    epsilon: float
    claim: float
    canaries: int
    guesses: int
    right: int

    @property
    def alarm(self) -> bool:
        """The run leaked more than it claims."""
        return self.epsilon > self.claim


@dataclass(frozen=True, slots=True)
class Canaries:
    """Synthetic records, and which of them are in the run."""

    inputs: Tensor
    targets: Tensor
    included: tuple[bool, ...] = field(repr=False)

    def joined(self, data: Inputs) -> Inputs:
        """The run's rows with the included canaries behind them, each a unit of its own."""
        chosen = torch.tensor(self.included)
        rows = np.arange(len(data.inputs), len(data.inputs) + int(chosen.sum()))
        units = data.units
        names = tuple(f"canary-{number:05d}" for number, there in enumerate(self.included) if there)
        offsets = units.offsets[-1] + 1 + np.arange(len(rows))
        joined = Units(units.ids + names, np.concatenate([units.offsets, offsets]), np.concatenate([units.rows, rows]))
        return Inputs(
            torch.cat([data.inputs, self.inputs[chosen]]), torch.cat([data.targets, self.targets[chosen]]), joined
        )

    def scores(self, task: Task, model: nn.Module, noisy: Sequence[Tensor]) -> Tensor:
        """How much each canary's gradient points along a step's noisy one: one forward-mode pass."""
        device = next(model.parameters()).device
        inputs, targets = self.inputs.to(device), self.targets.to(device)
        names = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
        weights = {name: parameter.detach() for name, parameter in model.named_parameters() if parameter.requires_grad}

        def losses(values: dict[str, Tensor]) -> Tensor:
            def forward(rows: Tensor) -> Tensor:
                result: Tensor = torch.func.functional_call(model, values, (rows,))
                return result

            return task.losses(forward, inputs, targets)

        with warnings.catch_warnings(), sdpa_kernel(SDPBackend.MATH):  # the fast kernels have no forward mode
            warnings.simplefilter("ignore", DeprecationWarning)  # torch's own rules are compiled by torch.jit
            found: Tensor = torch.func.jvp(losses, (weights,), (dict(zip(names, noisy, strict=True)),))[1]
        moved: Tensor = found.detach().cpu().double()
        return moved


def make(task: Task, count: int, randomness: Streams) -> Canaries:
    """Canaries that anybody can make again; only who of them is in comes from the run's secret."""
    if count < FEWEST:
        raise UsageError(f"expected at least {FEWEST} canaries, found {count}", place="audit, canaries")
    draw = random.Random("cleartitle canaries")  # noqa: S311 - public on purpose
    examples = [task.canary(draw) for _ in range(count)]
    included = tuple(bool(coin) for coin in randomness.uniform("canaries", 0, count) < 0.5)
    return Canaries(task.encode(examples), task.targets(examples), included)


def bound(scores: Sequence[float], included: Sequence[bool], claim: float, delta: float) -> Bound:
    """The lower bound on epsilon from guessing the ends of the ranking."""
    ranked = [there for _, there in sorted(zip(scores, included, strict=True), key=lambda pair: pair[0])]
    each = len(ranked) // GUESSED
    right = sum(ranked[-each:]) + sum(not there for there in ranked[:each])
    found = _lower(len(ranked), 2 * each, right, delta)
    return Bound(found, claim, len(ranked), 2 * each, right)


def _lower(canaries: int, guesses: int, right: int, delta: float) -> float:
    """The largest epsilon that so many right guesses refute (0 where they refute none)."""
    low, high = 0.0, 1.0
    while _chance(canaries, guesses, right, high, delta) < 1 - CONFIDENCE:
        high += 1
    for _ in range(30):
        middle = (low + high) / 2
        refuted = _chance(canaries, guesses, right, middle, delta) < 1 - CONFIDENCE
        low, high = (middle, high) if refuted else (low, middle)
    return low


def _chance(canaries: int, guesses: int, right: int, epsilon: float, delta: float) -> float:
    """How probable that many right guesses are at most, were the run (epsilon, delta) private."""
    truth = 1 / (1 + math.exp(-epsilon))
    exactly = [math.comb(guesses, k) * truth**k * (1 - truth) ** (guesses - k) for k in range(guesses + 1)]
    slack = below = 0.0
    for step in range(1, right + 1):
        below += exactly[right - step]
        slack = max(slack, below / step)
    return min(1.0, sum(exactly[right:]) + 2 * canaries * delta * slack)
