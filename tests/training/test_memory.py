"""The estimate of memory, and the batch that is chosen by it."""

from __future__ import annotations

import pytest
import torch

from catalog.errors import Unavailable
from training import memory, runs, tasks
from training.gradients import Clipper
from training.tasks.transformer import SmallTransformer

MIB = 1 << 20
TASK = tasks.named("text", classes=("harbour", "kitchen"), buckets=64, tokens=8)


@pytest.mark.parametrize(
    ("task", "rows"),
    [
        (tasks.named("image-cnn", classes=("a", "b")), torch.zeros(1, 1, 28, 28, dtype=torch.uint8)),
        (SmallTransformer(("a", "b"), buckets=500, tokens=16, width=32), torch.zeros(1, 16, dtype=torch.int32)),
        (tasks.named("image-scattering", classes=("a", "b"), size=8), torch.zeros(1, 324, dtype=torch.float16)),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_the_estimate_is_what_a_larger_batch_then_takes(task, rows):
    found = memory.footprint(task, rows, slots=1)
    taken = memory._peak(Clipper(task.model(), task.losses, 1.0), rows, 24)
    noise = sum(parameter.numel() for parameter in task.model().parameters()) * 56
    assert found.of(24) - noise == pytest.approx(taken, rel=0.15)


def test_a_contributors_records_and_views_count_as_one_unit():
    rows = torch.zeros(1, 16, dtype=torch.int32)
    one, four = (memory.footprint(TASK, rows, slots) for slots in (1, 4))
    assert 3 * one.per_unit < four.per_unit < 5 * one.per_unit


@pytest.mark.parametrize(
    ("per_unit", "free", "slots", "expected"),
    [
        (MIB, 1000 * MIB, 1, 32),  # the expected draw is 50: more would be padding
        (MIB, 42 * MIB, 1, 16),  # half of 42, less the fixed part, as a power of two
        (MIB, 42 * MIB, 4, 64),  # rows: four to a unit
        (MIB, 4 * MIB, 8, 8),  # one unit fits
    ],
)
def test_the_batch_is_a_power_of_two_units_within_memory_and_draw(plan, monkeypatch, per_unit, free, slots, expected):
    monkeypatch.setattr(memory, "available", lambda device: free)
    found = memory.physical_batch(memory.Footprint(MIB, per_unit), plan, slots, torch.device("cpu"))
    assert found == expected


def test_a_unit_that_cannot_fit_is_refused_before_anything_is_charged(plan, made, house, monkeypatch):
    monkeypatch.setattr(memory, "available", lambda device: 1000)
    with pytest.raises(Unavailable, match="MiB for a single unit"):
        runs.fit_version(plan, TASK, made, house)
    assert not house.ledger.exists() or runs.Ledger(house.ledger).rows() == []


@pytest.mark.parametrize(("limit", "left"), [("1000", [600]), ("max", [2**62]), ("300", [0])])
def test_a_containers_limit_counts(tmp_path, limit, left):
    (tmp_path / "memory.max").write_text(f"{limit}\n")
    (tmp_path / "memory.current").write_text("400\n")
    assert memory._container(tmp_path) == left
    assert memory._container(tmp_path / "elsewhere") == [2**62]
