"""What a plan is charged: the row for the ledger, and what each contributor is charged by it."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from catalog.ledger import ORDERS, Charge, Contribution
from training import accounting

if TYPE_CHECKING:
    from training.data import Split, Version
    from training.plan import Plan


def charge(run: str, plan: Plan, version: Version, fingerprint: str, parts: Split) -> tuple[Charge, list[Contribution]]:
    """The charge of a run and of the contributors in it, before its first step."""
    dataset, _, number = version.name.partition("@")
    contributions = _contributions(plan, parts)
    curve = accounting.rdp_curve(plan.sampling_rate, plan.noise_multiplier, plan.steps, ORDERS)
    # A contributor with a single record is covered by a record's guarantee. With more of them,
    # or unknown ones, a run whose unit is the record promises nothing the filter could count.
    single = all(one.records == 1 for one in contributions) and all(example.owners for example in parts.train)
    covered = plan.unit == "contributor" or single
    renyi = {"record": curve, "contributor": curve if covered else tuple(math.inf for _ in ORDERS)}
    return (
        Charge(
            run=run,
            dataset=dataset,
            number=int(number),
            version=version.hash,
            unit=plan.unit,
            purpose=plan.purpose,
            event=accounting.describe(plan),
            epsilon=accounting.cost(plan).pld,
            delta=plan.delta,
            audience=version.audience,
            fingerprint=fingerprint,
            renyi=renyi,
        ),
        contributions,
    )


def _contributions(plan: Plan, parts: Split) -> list[Contribution]:
    counts = Counter(owner for example in parts.train for owner in set(example.owners))
    epsilon = {count: _epsilon(plan, count) for count in set(counts.values())}
    return [Contribution(owner, count, epsilon[count], plan.delta) for owner, count in sorted(counts.items())]


def _epsilon(plan: Plan, records: int) -> float:
    if plan.unit == "contributor":
        return accounting.cost(plan).pld
    return accounting.group(plan.sampling_rate, plan.noise_multiplier, plan.steps, plan.delta, records)
