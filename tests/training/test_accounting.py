from __future__ import annotations

import math

import pytest
from dp_accounting import dp_event
from dp_accounting.pld import PLDAccountant
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.errors import UsageError
from catalog.ledger import ORDERS
from training import accounting


@pytest.mark.parametrize(
    ("rate", "noise", "steps", "expected"),
    # Measured with dp-accounting 0.6.0 and, independently, Opacus's PRV (within 0.012 of it).
    [(0.0341, 2.15, 1160, 2.376), (0.0085, 1.23, 4680, 2.361), (0.0819, 3.0, 2000, 5.774)],
)
def test_epsilon_of_published_recipes(rate, noise, steps, expected):
    assert accounting.spent(rate, noise, steps, 1e-5) == pytest.approx(expected, abs=0.02)


def test_epsilon_lies_between_prv_less_its_error_and_rdp():
    pld = accounting.spent(0.05, 1.5, 200, 1e-5)
    assert accounting.prv(0.05, 1.5, 200, 1e-5) - 0.02 <= pld <= accounting._rdp(0.05, 1.5, 200, 1e-5)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(
    rate=st.floats(0.001, 1.0),
    noise=st.floats(1.0, 20.0),
    steps=st.integers(1, 300),
    delta=st.sampled_from([1e-4, 1e-6]),
)
def test_reported_epsilon_is_never_below_dp_accountings_for_the_same_event(rate, noise, steps, delta):
    event = dp_event.PoissonSampledDpEvent(rate, dp_event.GaussianDpEvent(noise))
    truth = PLDAccountant().compose(dp_event.SelfComposedDpEvent(event, steps)).get_epsilon(delta)
    assert truth <= accounting.spent(rate, noise, steps, delta) <= truth + 1.01e-4


@pytest.mark.parametrize(
    ("epsilon", "rate", "steps"), [(3.0, 0.05, 200), (0.5, 0.2, 50), (8.0, 0.1, 100), (3.0, 1.0, 20)]
)
def test_calibration_meets_its_target_and_wastes_little(epsilon, rate, steps):
    noise = accounting.calibrate(epsilon, 1e-5, rate, steps)
    assert 0.99 * epsilon < accounting.spent(rate, noise, steps, 1e-5) <= epsilon


@pytest.mark.parametrize("epsilon", [0, -1, math.inf, math.nan])
def test_an_epsilon_without_sense_is_refused(epsilon):
    with pytest.raises(UsageError, match="expected an epsilon above 0"):
        accounting.calibrate(epsilon, 1e-5, 0.1, 10)


def test_an_epsilon_that_no_noise_reaches_is_refused_with_the_cure():
    with pytest.raises(UsageError, match="Ask for fewer steps"):
        accounting.calibrate(1e-5, 1e-9, 1.0, 10_000)


def test_the_renyi_curve_of_an_unsampled_gaussian_is_its_closed_form():
    curve = accounting.rdp_curve(1.0, 2.0, 30, ORDERS)
    assert curve == pytest.approx([30 * order / (2 * 2.0**2) for order in ORDERS])


def test_more_records_of_one_person_cost_more_and_too_many_are_without_bound():
    costs = [accounting.group(0.05, 4.0, 20, 1e-5, records) for records in (1, 2, accounting.LARGEST_GROUP + 1)]
    assert costs[0] == accounting.spent(0.05, 4.0, 20, 1e-5)
    assert 1.8 * costs[0] < costs[1] < 2.5 * costs[0]
    assert costs[2] == math.inf


def test_runs_composed_cost_more_than_one_and_less_than_their_sum(plan):
    line = accounting.describe(plan)
    one = accounting.cost(plan).pld
    assert accounting.composed([line], plan.delta) == one
    assert one < accounting.composed([line, line], plan.delta) < 2 * one
    assert accounting.composed([], plan.delta) == 0.0
