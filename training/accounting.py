"""What a plan costs: epsilon by privacy loss distributions, RDP beside it, and calibration.

The figure that counts is always PLD's, rounded up. The gdp accountant is not offered: it
is an approximation that can report less than was spent.
"""

from __future__ import annotations

import json
import math
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from catalog.errors import UsageError

if TYPE_CHECKING:
    from training.plan import Plan

# Groups above this many records are charged as infinite: their epsilon means nothing.
LARGEST_GROUP = 4
# Grids of privacy losses. A coarser one is quicker and pessimistic: never less than the truth.
# What is reported comes from the fine one.
_FINE, _COARSE = 1e-4, 1e-3
# Whole orders: the fractional ones converge badly at little noise and win next to nothing.
_ORDERS = (*range(2, 65), 96, 128, 192, 256, 512, 1024)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run costs a unit at its delta. `pld` counts, the others are for comparison."""

    pld: float
    rdp: float
    delta: float


def event(rate: float, noise: float, steps: int) -> Any:
    """The accounting event of a run: `steps` Gaussian sums over Poisson samples."""
    from dp_accounting import dp_event

    step = dp_event.GaussianDpEvent(noise)
    sampled = step if rate >= 1 else dp_event.PoissonSampledDpEvent(rate, step)
    return dp_event.SelfComposedDpEvent(sampled, steps)


def cost(plan: Plan) -> Cost:
    """Epsilon of a whole plan for one unit of it."""
    rate, noise, steps = plan.sampling_rate, plan.noise_multiplier, plan.steps
    return Cost(spent(rate, noise, steps, plan.delta), _rdp(rate, noise, steps, plan.delta), plan.delta)


@cache
def spent(rate: float, noise: float, steps: int, delta: float, grid: float = _FINE) -> float:
    """PLD epsilon after so many steps, rounded up to four places."""
    from dp_accounting import NeighboringRelation
    from dp_accounting.pld import PLDAccountant

    accountant = PLDAccountant(NeighboringRelation.ADD_OR_REMOVE_ONE, grid)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numerical remarks of scipy for extreme noise; the bound stays pessimistic
        found = accountant.compose(event(rate, noise, steps)).get_epsilon(delta)
    return _up(float(found))


def so_far(plan: Plan, step: int) -> float:
    """Epsilon after some steps of a plan, for progress: never less than the truth."""
    if step == plan.steps:
        return cost(plan).pld
    return spent(plan.sampling_rate, plan.noise_multiplier, step, plan.delta, _COARSE)


def rdp_curve(rate: float, noise: float, steps: int, orders: Sequence[float]) -> tuple[float, ...]:
    """Renyi divergence of a run at each order, for the ledger's filter."""
    from dp_accounting.rdp import RdpAccountant

    accountant = RdpAccountant(orders=list(orders))
    accountant.compose(event(rate, noise, steps))
    return tuple(float(value) for value in accountant.rdp)


@cache
def _rdp(rate: float, noise: float, steps: int, delta: float) -> float:
    from dp_accounting.rdp import RdpAccountant

    return _up(float(RdpAccountant(orders=list(_ORDERS)).compose(event(rate, noise, steps)).get_epsilon(delta)))


def prv(rate: float, noise: float, steps: int, delta: float) -> float:
    """Epsilon by Opacus's PRV accountant: a second opinion, within its error of 0.01."""
    from opacus.accountants import PRVAccountant

    accountant = PRVAccountant()
    accountant.history = [(noise, rate, steps)]
    return float(accountant.get_epsilon(delta=delta))


@cache
def group(rate: float, noise: float, steps: int, delta: float, records: int) -> float:
    """PLD epsilon for somebody with `records` records in a run whose unit is the record.

    How many of them a step draws is binomial, so the run is a mixture of Gaussians
    (arXiv:2310.15526): much tighter than multiplying epsilon.
    """
    if records == 1:
        return spent(rate, noise, steps, delta)
    if records > LARGEST_GROUP:
        return math.inf
    from dp_accounting import NeighboringRelation, dp_event
    from dp_accounting.pld import PLDAccountant

    drawn = list(range(records + 1))
    mixture = dp_event.MixtureOfGaussiansDpEvent(
        noise, drawn, [math.comb(records, k) * rate**k * (1 - rate) ** (records - k) for k in drawn]
    )
    accountant = PLDAccountant(NeighboringRelation.REPLACE_SPECIAL, _COARSE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _up(float(accountant.compose(dp_event.SelfComposedDpEvent(mixture, steps)).get_epsilon(delta)))


def calibrate(epsilon: float, delta: float, sampling_rate: float, steps: int) -> float:
    """The smallest noise multiplier (within 0.1 %, rounded up) whose PLD epsilon is within `epsilon`."""
    if not (math.isfinite(epsilon) and epsilon > 0):
        raise UsageError(f"expected an epsilon above 0, found {epsilon!r}", place="calibrate, epsilon")
    # RDP is cheap and never below PLD, so its answer is an upper end to search down from.
    high = _bisect(lambda noise: _rdp(sampling_rate, noise, steps, delta) <= epsilon, 0.05, 2e4)
    if high > 1e4:
        raise UsageError(
            f"no noise below 10000 reaches epsilon {epsilon} at delta {delta} in {steps} steps",
            cure="Ask for fewer steps, a smaller batch or a larger epsilon.",
            place="calibrate",
        )

    def enough(noise: float) -> bool:
        return spent(sampling_rate, noise, steps, delta, _COARSE) <= epsilon

    low = high / 1.2
    while enough(low):
        high, low = low, low / 1.2
    found = _bisect(enough, low, high)
    return math.ceil(found * 1000) / 1000


def _bisect(enough: Callable[[float], bool], low: float, high: float) -> float:
    """The smallest value between, within 0.1 %, that is enough; `high` where none below it is."""
    while high - low > 0.001 * high:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def describe(plan: Plan) -> str:
    """The event as one line of JSON: what the ledger stores, and what composing again needs."""
    known = {"mechanism": "gaussian", "sampler": plan.sampler, "relation": plan.relation}
    numbers = {"rate": plan.sampling_rate, "noise": plan.noise_multiplier, "steps": plan.steps}
    return json.dumps({**known, **numbers}, sort_keys=True)


def composed(events: Sequence[str], delta: float) -> float:
    """PLD epsilon of several runs together, as if all had been fixed in advance."""
    from dp_accounting import NeighboringRelation
    from dp_accounting.pld import PLDAccountant

    if not events:
        return 0.0
    grid = _FINE if len(events) == 1 else _COARSE  # many tuned runs would take minutes on the fine one
    accountant = PLDAccountant(NeighboringRelation.ADD_OR_REMOVE_ONE, grid)
    for line, times in Counter(events).items():
        found = json.loads(line)
        accountant.compose(event(found["rate"], found["noise"], found["steps"]), times)
    return _up(float(accountant.get_epsilon(delta)))


def _up(value: float) -> float:
    return math.ceil(value * 10_000) / 10_000
