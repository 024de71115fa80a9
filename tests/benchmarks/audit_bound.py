"""What the one-run audit finds beside the epsilon that is proven, and what it finds where nothing leaks.

    OMP_NUM_THREADS=1 PYTHONPATH=. python tests/benchmarks/audit_bound.py

Records are made up, draws are fixed by seeds; nothing is charged or asserted here. `null` is the
bound of an auditor whose gradients are noise alone: above 0 for one seed in twenty at most.
"""

from __future__ import annotations

import argparse
import random

import numpy as np
import torch

from training import accounting, audit, loop, streams, tasks
from training.data import Units
from training.plan import Optimizer, Plan
from training.tasks import Task

CANARIES, MEMBERS, STEPS, RATE, DELTA = 2000, 2000, 40, 0.5, 1e-5
CLASSES = ("a", "b")
TASKS = (tasks.named("text", classes=CLASSES, buckets=1024), tasks.named("image-cnn", classes=CLASSES, size=12))


def members(task: Task) -> loop.Inputs:
    """Made-up records of the task."""
    draw = random.Random("members")
    examples = [task.canary(draw) for _ in range(MEMBERS)]
    places = np.arange(MEMBERS + 1)
    units = Units(tuple(map(str, range(MEMBERS))), places, places[:-1])
    return loop.Inputs(task.encode(examples), task.targets(examples), units)


def bounds(task: Task, epsilon: float, seed: int) -> tuple[audit.Bound, audit.Bound]:
    """The bound of one run, and of an auditor who looks at noise."""
    plan = Plan(
        dataset="made@1",
        version="0" * 64,
        purpose="measure the audit",
        sampling_rate=RATE,
        steps=STEPS,
        noise_multiplier=accounting.calibrate(epsilon, DELTA, RATE, STEPS),
        delta=DELTA,
        divisor=RATE * MEMBERS,
        optimizer=Optimizer(learning_rate=0.1, momentum=0.0),
    )
    randomness = streams.Streams.fixed(seed)
    canaries = audit.make(task, CANARIES, randomness)
    machine = loop.Machine(torch.device("cpu"), 500)
    state = loop.train(plan, task, canaries.joined(members(task)), randomness, machine, observe=canaries.scores)
    assert state.scores is not None
    claim = accounting.cost(plan).pld
    unrelated = streams.Streams.fixed(-seed).normal(0, CANARIES).tolist()
    return tuple(audit.bound(one, canaries.included, claim, DELTA) for one in (state.scores.tolist(), unrelated))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epsilons", type=float, nargs="+", default=[4.0, 8.0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    given = parser.parse_args()
    torch.set_num_threads(1)
    print(f"{CANARIES} canaries, {STEPS} steps at rate {RATE}, delta {DELTA}; bounds for seeds {given.seeds}")
    for task in TASKS:
        for epsilon in given.epsilons:
            found = [bounds(task, epsilon, seed) for seed in given.seeds]
            told, null = ([f"{pair[place].epsilon:.2f}" for pair in found] for place in (0, 1))
            print(f"{task.kind:12} proven {found[0][0].claim:.2f}: at least {', '.join(told)}; null {', '.join(null)}")


if __name__ == "__main__":
    main()
