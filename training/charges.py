"""What a plan is charged: the row for the ledger, and what each contributor is charged by it."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from catalog.ledger import ORDERS, Charge, Contribution
from training import accounting
from training.plan import ROLES

if TYPE_CHECKING:
    from training.data import Split
    from training.plan import Plan
    from training.version import Version


def charge(run: str, plan: Plan, version: Version, fingerprint: str, parts: Split) -> tuple[Charge, list[Contribution]]:
    """The charge of a run and of the people in it, before its first step."""
    dataset, _, number = version.name.partition("@")
    touched = _touched(parts)
    contributions = _contributions(plan, parts, touched)
    curve = accounting.rdp_curve(plan.sampling_rate, plan.noise_multiplier, plan.steps, ORDERS)
    renyi_of_people = curve if _covered(plan, parts, touched) else tuple(math.inf for _ in ORDERS)
    renyi = {"record": curve, "contributor": renyi_of_people}
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


def _covered(plan: Plan, parts: Split, touched: dict[str, int]) -> bool:
    """Does a unit's guarantee hold for each person: has everybody a part in one unit alone?

    With people in several of them, or unknown authors, the run promises nothing the filter could count.
    Under unit contributor annotators are left out, as the card says, unless they are the units.
    """
    authors = [example.of(("author",)) for example in parts.train]
    counted = touched if plan.unit == "record" else {who for found in authors for who in found}
    return all(authors) and all(touched[who] == 1 for who in counted)


def _touched(parts: Split) -> dict[str, int]:
    """How many units each person has a part in, in any role: an author has one under unit
    contributor, an annotator as many as they labelled records of different people."""
    units = parts.units
    pairs = {
        (owner, unit) for unit in range(len(units)) for row in units.of(unit) for owner in parts.train[row].of(ROLES)
    }
    return dict(Counter(owner for owner, _ in pairs))


def _contributions(plan: Plan, parts: Split, touched: dict[str, int]) -> list[Contribution]:
    records = Counter(owner for example in parts.train for owner in example.of(ROLES))
    epsilon = {
        units: accounting.group(plan.sampling_rate, plan.noise_multiplier, plan.steps, plan.delta, units)
        for units in set(touched.values())
    }
    return [Contribution(who, count, epsilon[touched[who]], plan.delta) for who, count in sorted(records.items())]
