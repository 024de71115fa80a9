"""What has been spent on each dataset and on each contributor: the ledger, read and composed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

from catalog.ledger import UNITS, Budget, Contribution, Ledger, Row
from catalog.workspace import Workspace
from training import accounting


@dataclass(frozen=True, slots=True)
class Spending:
    """One dataset over all its versions, every run charged whatever became of it."""

    dataset: str
    runs: tuple[Row, ...]
    # All runs together by PLD at the smallest delta, as if they had been fixed in advance. The
    # budgets are kept by the ledger's filter, which holds for runs chosen after seeing others.
    epsilon: float
    delta: float
    budgets: tuple[Budget, ...]  # none: nothing is ever refused
    elsewhere: str  # what the owner stated about spending outside this ledger


@dataclass(frozen=True, slots=True)
class Person:
    """One contributor over all runs; infinite where a run promises nothing for that many records."""

    contributor: str = field(repr=False)
    runs: int
    records: int
    epsilon: float  # the runs' epsilons added up, which holds for runs chosen in any way
    delta: float


def budget(workspace: Workspace | Path | str, dataset: str | None = None) -> list[Spending]:
    """Spending by dataset, of one or of all that were ever trained on or given a budget."""
    ledger = _ledger(workspace)
    names = {row.dataset for row in ledger.rows()} | set(ledger.budgeted())
    return [_spending(ledger, name) for name in sorted(names) if dataset in (None, name)]


def people(workspace: Workspace | Path | str, contributor: str | None = None) -> list[Person]:
    """Spending by contributor pseudonym, the most exposed first."""
    charged: dict[str, list[Contribution]] = {}
    for _, one in _ledger(workspace).contributions(contributor):
        charged.setdefault(one.contributor, []).append(one)
    found = [
        Person(who, len(ones), sum(c.records for c in ones), sum(c.epsilon for c in ones), sum(c.delta for c in ones))
        for who, ones in charged.items()
    ]
    return sorted(found, key=lambda person: (-person.epsilon, person.contributor))


def _spending(ledger: Ledger, dataset: str) -> Spending:
    rows = tuple(ledger.rows(dataset))
    delta = min((row.delta for row in rows), default=math.nan)
    return Spending(
        dataset=dataset,
        runs=rows,
        epsilon=accounting.composed([row.event for row in rows], delta) if rows else 0.0,
        delta=delta,
        budgets=tuple(found for unit in UNITS if (found := ledger.budget(dataset, unit))),
        elsewhere=ledger.elsewhere(dataset),
    )


def _ledger(workspace: Workspace | Path | str) -> Ledger:
    house = workspace if isinstance(workspace, Workspace) else Workspace.open(workspace)
    return Ledger(house.ledger)
