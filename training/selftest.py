"""Before a run is charged: the clipped sum is right on a few rows, and every weight moves."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from catalog.errors import UsageError
from training.gradients import Clipper, Losses
from training.tasks import Task

UNITS = 3


def check(task: Task, rows: Tensor, device: torch.device, slots: int = 1) -> str:
    """Compare with a loop of plain autograd, on rows made up in the shape of `rows`; no member is
    touched, so the answer tells nothing about one. Returns the method chosen for the model."""
    count = UNITS * slots
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = task.model().to(device).eval()  # dropout would differ between the two ways
        inputs = made_up(rows, count).to(device)
        # One label to a unit: rows that cancel each other leave a gradient of rounding errors to compare.
        targets = torch.randint(len(task.classes), (UNITS,)).repeat_interleave(slots).to(device)
    norms = [_norm(gradient) for gradient in _unit_gradients(model, task.losses, inputs, targets, slots)]
    for clip in (1e6, 0.5 * min(norms) + 1e-9):  # far above every norm, and below them all
        clipper = Clipper(model, task.losses, clip, slots)
        found = clipper(inputs, targets, torch.ones(count, dtype=torch.bool, device=device))
        expected = _expected(model, task.losses, inputs, targets, slots, clip)
        if not all(_agree(one, other) for one, other in zip(found, expected, strict=True)):
            raise UsageError(
                "the model's gradients by record are not what plain differentiation gives",
                cure="Its layers mix the records of a batch, or change tensors in place: avoid that.",
                place=f"task {task.kind}, model",
            )
    _refuse_idle(task, model, inputs, targets)
    return clipper.method


def made_up(rows: Tensor, count: int) -> Tensor:
    """Random rows of the shape and kind of `rows`."""
    shape = (count, *rows.shape[1:])
    return torch.randn(shape).to(rows.dtype) if rows.is_floating_point() else torch.randint(2, shape).to(rows.dtype)


def _agree(one: Tensor, other: Tensor) -> bool:
    return float((one - other).norm()) <= 1e-3 * float(other.norm()) + 1e-6


def _refuse_idle(task: Task, model: nn.Module, inputs: Tensor, targets: Tensor) -> None:
    """A weight that no row can move would look private and learn nothing. Told by the graph, so
    that a gradient which starts at zero (LoRA's) does not count as idle."""
    named = [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
    loss = task.losses(model, inputs, targets).sum()
    reached = torch.autograd.grad(loss, [parameter for _, parameter in named], allow_unused=True)
    idle = [name for (name, _), gradient in zip(named, reached, strict=True) if gradient is None]
    if idle:
        raise UsageError(
            f"these weights never move: {', '.join(idle)}",
            cure="Use them in the forward pass, or set requires_grad to False.",
            place=f"task {task.kind}, model",
        )


def _expected(
    model: nn.Module, losses: Losses, inputs: Tensor, targets: Tensor, slots: int, clip: float
) -> list[Tensor]:
    total: list[Tensor] = []
    for gradient in _unit_gradients(model, losses, inputs, targets, slots):
        factor = min(1.0, clip / (_norm(gradient) + 1e-6))
        scaled = [part * factor for part in gradient]
        total = [a + b for a, b in zip(total, scaled, strict=True)] if total else scaled
    return total


def _unit_gradients(
    model: nn.Module, losses: Losses, inputs: Tensor, targets: Tensor, slots: int
) -> list[list[Tensor]]:
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    found = []
    for start in range(0, len(inputs), slots):
        part = slice(start, start + slots)
        # One row at a time: a model that mixes rows would agree with itself otherwise.
        each = [losses(model, inputs[i : i + 1], targets[i : i + 1]).sum() for i in range(part.start, part.stop)]
        gradients = torch.autograd.grad(torch.stack(each).mean(), parameters, allow_unused=True)
        found.append([torch.zeros_like(p) if g is None else g for p, g in zip(parameters, gradients, strict=True)])
    return found


def _norm(gradient: list[Tensor]) -> float:
    return float(torch.stack([part.square().sum() for part in gradient]).sum().sqrt())
