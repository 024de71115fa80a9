"""The private training loop: draw, clip, add noise, step. It knows a plan and numbers, no people."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from catalog.errors import Unavailable
from training import accounting, checkpoints, streams
from training.data import Units
from training.gradients import Clipper
from training.plan import Optimizer, Plan
from training.tasks import Task

MARKS = 10  # how often public progress is written down


@dataclass(frozen=True, slots=True)
class Progress:
    """Public quantities of a run: nothing here depends on the data."""

    step: int
    steps: int
    epsilon: float | None  # so far; None between marks
    seconds: float


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a run trains on: encoded rows, their targets and the units that own them."""

    inputs: Tensor = field(repr=False)
    targets: Tensor = field(repr=False)
    units: Units


# An audit's view of a step: the model before it and the noisy gradient, which are both released.
Observe = Callable[[Task, nn.Module, list[Tensor]], Tensor]


@dataclass(frozen=True, slots=True)
class Machine:
    """Where and how a run computes; epsilon does not depend on any of it."""

    device: torch.device
    physical_batch: int  # rows computed at once; halved when memory runs out
    checkpoint: Path | None = None
    checkpoint_every: int = 50
    mixed_precision: bool = False
    at_most: int | None = None  # rows at once that were asked for by hand: they bind a resumed run too


@dataclass(slots=True)
class State:
    """Everything that a step changes."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    average: list[Tensor] | None
    step: int
    physical: int
    scores: Tensor | None = None  # of an audit's canaries, added up over the steps
    seconds: float = 0.0  # computed so far, before and after interruptions


def train(
    plan: Plan,
    task: Task,
    data: Inputs,
    randomness: streams.Streams,
    machine: Machine,
    progress: Callable[[Progress], None] | None = None,
    observe: Observe | None = None,
) -> State:
    """Run the plan to its last step, from its checkpoint where there is one."""
    state = _resumed(plan, task, machine)
    slots = plan.records_per_unit * task.views
    clipper = Clipper(state.model, task.losses, plan.clip, slots, machine.mixed_precision)
    began = time.perf_counter() - state.seconds
    marks = {round(plan.steps * mark / MARKS) for mark in range(1, MARKS + 1)}
    while state.step < plan.steps:
        chosen = randomness.coins(state.step, len(data.units), plan.sampling_rate)
        total = _logical_batch(plan, task, data, randomness, machine, state, clipper, chosen)
        noisy = _noisy(plan, randomness, state.step, total)
        if observe:
            seen = observe(task, state.model, noisy)
            state.scores = seen if state.scores is None else state.scores + seen
        _apply(plan, state, clipper, noisy)
        state.step += 1
        state.seconds = time.perf_counter() - began
        if machine.checkpoint and (state.step % machine.checkpoint_every == 0 or state.step == plan.steps):
            checkpoints.save(machine.checkpoint, state)
        if progress:
            epsilon = accounting.so_far(plan, state.step) if state.step in marks else None
            progress(Progress(state.step, plan.steps, epsilon, state.seconds))
    return state


def _resumed(plan: Plan, task: Task, machine: Machine) -> State:
    """The state of the checkpoint. The first one is written before the first step: a run that is killed
    early replays with the batch size it had, and so to the same last bit."""
    state = start(plan, task, machine)
    if machine.checkpoint and not checkpoints.load(machine.checkpoint, state):
        checkpoints.save(machine.checkpoint, state)
    state.physical = min(state.physical, machine.at_most or state.physical)
    return state


def start(plan: Plan, task: Task, machine: Machine) -> State:
    """A fresh model and optimizer; the initial weights come from the plan's public seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(plan.initialisation)
        model = task.model().to(machine.device)
    average = [p.detach().clone() for p in model.parameters()] if plan.optimizer.average else None
    return State(model, _optimizer(model, plan.optimizer), average, 0, machine.physical_batch)


def _optimizer(model: nn.Module, settings: Optimizer) -> torch.optim.Optimizer:
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if settings.name == "adam":
        return torch.optim.Adam(parameters, lr=settings.learning_rate, weight_decay=settings.weight_decay)
    return torch.optim.SGD(
        parameters, lr=settings.learning_rate, momentum=settings.momentum, weight_decay=settings.weight_decay
    )


def _logical_batch(
    plan: Plan,
    task: Task,
    data: Inputs,
    randomness: streams.Streams,
    machine: Machine,
    state: State,
    clipper: Clipper,
    chosen: streams.Integers,
) -> list[Tensor]:
    """The clipped sum over the whole draw. Out of memory: forget the partial sum, halve, replay."""
    rows, real = _rows(plan, data.units, chosen, randomness, state.step)
    while True:
        try:
            return _sum_in_parts(task, data, randomness, machine, state, clipper, rows, real)
        except (torch.OutOfMemoryError, RuntimeError) as error:
            if not _is_memory(error):
                raise
            if state.physical <= clipper.slots:
                raise Unavailable(
                    "memory does not suffice for the gradient of a single unit",
                    cure="Take a smaller model, fewer records_per_unit, or a machine with more memory.",
                ) from error
        state.physical //= 2  # outside the handler: the traceback would keep the tensors alive
        if machine.device.type == "cuda":
            torch.cuda.empty_cache()


def _sum_in_parts(
    task: Task,
    data: Inputs,
    randomness: streams.Streams,
    machine: Machine,
    state: State,
    clipper: Clipper,
    rows: streams.Integers,
    real: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
) -> list[Tensor]:
    total = [torch.zeros_like(parameter) for parameter in clipper.parameters]
    per_batch = max(1, state.physical // clipper.slots)
    generator = torch.Generator().manual_seed(randomness.seed("augmentation", state.step))
    with torch.random.fork_rng(devices=[] if machine.device.type == "cpu" else [machine.device]):
        torch.manual_seed(randomness.seed("layers", state.step))
        for positions, present in streams.batches(np.arange(len(rows)), per_batch):
            index = torch.from_numpy(rows[positions].reshape(-1)).to(data.inputs.device)
            given, targets = data.inputs[index].to(machine.device), data.targets[index].to(machine.device)
            mask = torch.from_numpy((real[positions] & present[:, None]).reshape(-1)).to(machine.device)
            if task.views > 1:
                given, targets, mask = (part.repeat_interleave(task.views, 0) for part in (given, targets, mask))
            given = task.augment(given, generator)
            for whole, part in zip(total, clipper(given, targets, mask), strict=True):
                whole += part
    return total


def _rows(
    plan: Plan, units: Units, chosen: streams.Integers, randomness: streams.Streams, step: int
) -> tuple[streams.Integers, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]:
    """The rows of each drawn unit, `records_per_unit` wide, and which of them are real."""
    width = plan.records_per_unit
    if plan.unit == "record":
        return chosen[:, None], np.ones((len(chosen), 1), dtype=bool)
    rows = np.zeros((len(chosen), width), dtype=np.int64)
    real = np.zeros((len(chosen), width), dtype=bool)
    draw = np.random.Generator(np.random.Philox(randomness.seed("records", step)))
    for place, unit in enumerate(chosen):
        owned = units.of(int(unit))
        taken = owned if len(owned) <= width else draw.choice(owned, width, replace=False)
        rows[place, : len(taken)] = taken
        real[place, : len(taken)] = True
    return rows, real


def _noisy(plan: Plan, randomness: streams.Streams, step: int, total: list[Tensor]) -> list[Tensor]:
    """Noise for the whole logical batch, once, then the public divisor."""
    count = sum(part.numel() for part in total)
    noise = torch.from_numpy(randomness.normal(step, count) * (plan.noise_multiplier * plan.clip)).float()
    result = []
    for part in total:
        drawn, noise = noise[: part.numel()], noise[part.numel() :]
        result.append((part + drawn.view(part.shape).to(part.device, part.dtype)) / plan.divisor)
    return result


def _apply(plan: Plan, state: State, clipper: Clipper, gradients: list[Tensor]) -> None:
    for parameter, gradient in zip(clipper.parameters, gradients, strict=True):
        parameter.grad = gradient
    for group in state.optimizer.param_groups:
        group["lr"] = plan.optimizer.rate(state.step, plan.steps)
    state.optimizer.step()
    state.optimizer.zero_grad(set_to_none=True)
    if state.average is not None:
        # Early steps would keep the initial weights in the average for too long.
        decay = min(plan.optimizer.average, (1 + state.step) / (10 + state.step))
        for kept, parameter in zip(state.average, state.model.parameters(), strict=True):
            kept.lerp_(parameter.detach(), 1 - decay)


def _is_memory(error: BaseException) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)
