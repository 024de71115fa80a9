"""The same model without privacy, for comparison: on data that everybody can read, and on no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from catalog.errors import GateRefused
from training import evaluate, streams

if TYPE_CHECKING:
    from training.data import Split
    from training.loop import Inputs
    from training.plan import Plan
    from training.tasks import Task
    from training.version import Version

# Adam's, from which the best is taken: what suits clipped gradients does not suit plain ones.
LEARNING_RATES = (0.001, 0.01, 0.1)


def refuse_private(version: Version) -> None:
    """A model without noise would show what it was trained on."""
    if version.audience != "public":
        raise GateRefused(
            f"a twin without privacy is for public versions, and this one is {version.audience}",
            cure="Leave the twin out.",
            place=version.name,
        )


def accuracy(
    plan: Plan, task: Task, version: Version, inputs: Inputs, parts: Split, device: torch.device
) -> evaluate.Accuracy | None:
    """Plain training for as many steps of as many records, measured on the same held-out units."""
    refuse_private(version)
    measured = [
        evaluate.accuracy(task, _trained(plan, task, inputs, rate, device), parts.evaluation, device)
        for rate in (LEARNING_RATES if parts.evaluation else ())
    ]
    return max((found for found in measured if found), key=lambda found: found.right, default=None)


def _trained(plan: Plan, task: Task, inputs: Inputs, rate: float, device: torch.device) -> torch.nn.Module:
    draws = streams.Streams.fixed(plan.initialisation)  # nothing is hidden here
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(plan.initialisation)
        model = task.model().to(device)
        optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=rate)
        for step in range(plan.steps):
            index = torch.from_numpy(draws.coins(step, len(inputs.inputs), plan.sampling_rate))
            if len(index):
                optimizer.zero_grad(set_to_none=True)
                rows = task.augment(inputs.inputs[index].to(device), torch.Generator().manual_seed(step))
                loss = task.losses(model, rows, inputs.targets[index].to(device)).mean()
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
    return model
