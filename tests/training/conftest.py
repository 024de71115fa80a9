"""Versions and plans that tests train on: made up, and small."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest

from catalog.ledger import Ledger
from catalog.workspace import Workspace
from training.data import Example, Owner
from training.plan import Optimizer, Plan

HARBOUR = ["boat", "mast", "anchor", "quay", "tide", "sail", "rope", "gull", "buoy", "keel"]
KITCHEN = ["oven", "bread", "spoon", "flour", "plate", "salt", "basil", "stove", "onion", "bowl"]


@dataclass(frozen=True)
class Made:
    """A version in memory, whose gate opens."""

    examples: tuple[Example, ...] = field(repr=False)
    name: str = "made@1"
    hash: str = "0" * 64
    audience: str = "train-only"

    def gate(self) -> None:
        pass

    def rows(self) -> Iterable[Example]:
        return self.examples

    def licences(self) -> dict[str, int]:
        return {"CC-BY-4.0": len(self.examples)}

    def duplicates(self) -> Iterable[tuple[str, str]]:
        return ()

    def withdrawn(self) -> int:
        return 0

    def credits(self) -> int:
        return len(self.examples)


def sentences(count: int, contributors: int = 0) -> tuple[Example, ...]:
    """Sentences about harbours and kitchens, some of them with a contributor each."""
    draw = random.Random(7)
    found = []
    for number in range(count):
        label, words = draw.choice((("harbour", HARBOUR), ("kitchen", KITCHEN)))
        text = " ".join(draw.choice(words) for _ in range(8))
        owners = (Owner(f"person{number % contributors}"),) if contributors else ()
        found.append(Example(f"{number:06d}", label, text, owners=owners))
    return tuple(found)


@pytest.fixture
def plan() -> Plan:
    return Plan(
        dataset="made@1",
        version="0" * 64,
        purpose="tell harbours from kitchens",
        sampling_rate=0.1,
        steps=20,
        noise_multiplier=2.0,
        delta=1e-5,
        divisor=50,
        optimizer=Optimizer(learning_rate=2.0),
    )


@pytest.fixture
def house(tmp_path, monkeypatch) -> Workspace:
    monkeypatch.setenv("CLEARTITLE_KEYS", str(tmp_path / "keys"))
    return Workspace.create(tmp_path / "house")


@pytest.fixture
def made() -> Made:
    return Made(sentences(600))


@pytest.fixture
def people() -> Made:
    """A hundred contributors with six sentences each."""
    return Made(sentences(600, contributors=100))


@pytest.fixture
def ledger(house: Workspace) -> Ledger:
    """The ledger of the house."""
    return Ledger(house.ledger)
