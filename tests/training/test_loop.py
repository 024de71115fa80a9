from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from catalog.errors import FormatError, Unavailable
from training import data, gradients, loop, streams, tasks
from training.plan import Optimizer

TASK = tasks.named("text", classes=("harbour", "kitchen"), buckets=64, hidden=4, tokens=8)


@pytest.fixture
def inputs(made, plan):
    parts = data.split(made.rows(), plan, TASK.classes)
    return loop.Inputs(TASK.encode(parts.train), TASK.targets(parts.train), parts.units)


def machine(path=None, physical=16, every=3):
    return loop.Machine(torch.device("cpu"), physical, path, every)


def weights(state):
    return torch.cat([parameter.detach().flatten() for parameter in state.model.parameters()])


def run(plan, inputs, where, seed=1, progress=None):
    return loop.train(plan, TASK, inputs, streams.Streams.fixed(seed), where, progress)


def test_the_same_secret_gives_the_same_weights_and_another_gives_others(plan, inputs):
    one, again, other = (weights(run(plan, inputs, machine(), seed)) for seed in (1, 1, 2))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


@pytest.mark.parametrize(
    ("optimizer", "kills"),
    [(Optimizer(), range(1, 21)), (Optimizer("adam", 0.01), (5, 9)), (Optimizer(decay=0.8, average=0.9), (5, 9))],
)
def test_killed_at_any_step_and_resumed_the_weights_are_bit_identical(plan, inputs, tmp_path, optimizer, kills):
    plan = replace(plan, optimizer=optimizer)
    whole = run(plan, inputs, machine(physical=64))
    for killed_at in kills:
        path = tmp_path / f"{killed_at}.pt"

        def kill(now, killed_at=killed_at):
            if now.step == killed_at:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            run(plan, inputs, machine(path, 64), progress=kill)
        resumed = run(plan, inputs, machine(path, 64))
        assert torch.equal(weights(resumed), weights(whole))
        if whole.average is not None:
            assert all(torch.equal(a, b) for a, b in zip(resumed.average, whole.average, strict=True))


def test_a_checkpoint_of_another_format_is_refused(plan, inputs, tmp_path):
    torch.save({"format": 99}, tmp_path / "c.pt")
    with pytest.raises(FormatError, match="expected a checkpoint of format 2, found 99"):
        run(plan, inputs, machine(tmp_path / "c.pt"))


def test_the_physical_batch_changes_nothing_but_rounding(plan, inputs):
    torch.testing.assert_close(
        weights(run(plan, inputs, machine(physical=7))), weights(run(plan, inputs, machine(physical=512)))
    )


@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError("full"), RuntimeError("DefaultCPUAllocator: can't allocate memory")]
)
def test_out_of_memory_halves_the_physical_batch_and_changes_nothing_else(plan, inputs, monkeypatch, error):
    expected = weights(run(plan, inputs, machine(physical=4)))
    sizes = []
    real = gradients.Clipper.__call__

    def limited(self, given, targets, present):
        sizes.append(len(given))
        if len(given) > 4:
            raise error
        return real(self, given, targets, present)

    monkeypatch.setattr(gradients.Clipper, "__call__", limited)
    state = run(plan, inputs, machine(physical=16))
    assert torch.equal(weights(state), expected)
    assert (sizes[:3], state.physical) == ([16, 8, 4], 4)


def test_when_one_unit_does_not_fit_the_cure_is_said(plan, inputs, monkeypatch):
    def full(self, *given):
        raise torch.OutOfMemoryError("full")

    monkeypatch.setattr(gradients.Clipper, "__call__", full)
    with pytest.raises(Unavailable, match="a single unit"):
        run(plan, inputs, machine())


def test_other_errors_are_not_taken_for_lack_of_memory(plan, inputs, monkeypatch):
    def broken(self, *given):
        raise RuntimeError("shapes do not match")

    monkeypatch.setattr(gradients.Clipper, "__call__", broken)
    with pytest.raises(RuntimeError, match="shapes do not match"):
        run(plan, inputs, machine())


def test_an_empty_batch_is_an_ordinary_noisy_step(plan, inputs):
    plan = replace(plan, sampling_rate=1e-9, steps=2, optimizer=Optimizer(momentum=0.0, learning_rate=1.0))
    before = weights(loop.start(plan, TASK, machine()))
    noise = sum(streams.Streams.fixed(1).normal(step, len(before)) for step in range(2))
    moved = weights(run(plan, inputs, machine())) - before
    expected = -noise * plan.noise_multiplier * plan.clip / plan.divisor
    np.testing.assert_allclose(moved.numpy(), expected, atol=1e-6)


def test_noise_is_scaled_by_multiplier_and_clip_and_divided_by_the_public_divisor(plan, inputs):
    plan = replace(plan, noise_multiplier=3.0, clip=0.5, divisor=10.0)
    zeros = [torch.zeros(50_000), torch.zeros(100, 100)]
    noisy = torch.cat([part.flatten() for part in loop._noisy(plan, streams.Streams.fixed(1), 0, zeros)])
    assert float(noisy.std()) == pytest.approx(3.0 * 0.5 / 10, rel=0.01)
    assert float(noisy.mean()) == pytest.approx(0, abs=0.003)


def test_a_contributors_records_are_drawn_without_repetition_and_padded(plan, made):
    units = data.Units(("a", "b"), np.array([0, 2, 7]), np.array([10, 11, 20, 21, 22, 23, 24]))
    plan = replace(plan, unit="contributor", records_per_unit=3)
    rows, real = loop._rows(plan, units, np.array([0, 1]), streams.Streams.fixed(1), 4)
    assert (rows[0].tolist(), real.tolist()) == ([10, 11, 0], [[True, True, False], [True, True, True]])
    assert len(set(rows[1])) == 3
    assert set(rows[1]) <= {20, 21, 22, 23, 24}


def test_progress_says_public_quantities_and_ends_at_the_plans_epsilon(plan, inputs):
    from training import accounting

    seen = []
    run(plan, inputs, machine(), progress=seen.append)
    assert [now.step for now in seen] == list(range(1, 21))
    assert [now.step for now in seen if now.epsilon is not None] == list(range(2, 21, 2))
    assert seen[-1].epsilon == accounting.cost(plan).pld
