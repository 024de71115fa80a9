from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace

import pytest

from catalog.errors import FormatError, UsageError
from training import accounting
from training.plan import Optimizer, Plan, draft


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("sampling_rate", 0.0, "a probability above 0, up to 1"),
        ("sampling_rate", 1.1, "a probability above 0, up to 1"),
        ("steps", 0, "at least 1"),
        ("noise_multiplier", 0.0, "a number above 0"),
        ("noise_multiplier", float("inf"), "a number above 0"),
        ("delta", 1.0, "above 0 and below 1"),
        ("clip", -1.0, "a number above 0"),
        ("divisor", float("nan"), "a number above 0"),
        ("holdout", 1.0, "a share from 0, below 1"),
        ("unit", "page", "record or contributor"),
        ("sampler", "shuffle", "poisson"),
        ("accountant", "gdp", "pld"),
        ("relation", "replace-one", "add-or-remove-one"),
        ("purpose", " ", "what the model is for"),
        ("records_per_unit", 4, "1 for unit record"),
    ],
)
def test_a_plan_without_sense_is_refused_by_field(plan, field, value, expected):
    with pytest.raises(UsageError) as refused:
        replace(plan, **{field: value})
    assert refused.value.place == f"plan, {field}"
    assert expected in str(refused.value)


def test_a_plan_cannot_be_changed(plan):
    with pytest.raises(FrozenInstanceError):
        plan.noise_multiplier = 0.0


def test_a_plan_survives_being_written_and_read(plan):
    plan = replace(plan, optimizer=Optimizer("adam", 0.01))
    again = Plan.from_json(json.loads(json.dumps(plan.to_json())))
    assert (again, again.fingerprint) == (plan, plan.fingerprint)


@pytest.mark.parametrize("change", [{"format": 99}, {"colour": "red"}, {"optimizer": {"speed": 3}}])
def test_a_plan_that_this_program_does_not_know_is_refused(plan, change):
    with pytest.raises(FormatError):
        Plan.from_json({**plan.to_json(), **change})


def test_a_draft_meets_its_epsilon_and_states_public_constants():
    plan = draft("made@1", "0" * 64, epsilon=3.0, purpose="test", population=4000, batch=400, steps=50)
    assert (plan.sampling_rate, plan.divisor, plan.delta) == (0.1, 400.0, 1e-5)
    assert 2.97 < accounting.cost(plan).pld <= 3.0


@pytest.mark.parametrize(("population", "batch"), [(0, 1), (10, 11), (10, 0)])
def test_a_draft_with_an_impossible_batch_is_refused(population, batch):
    with pytest.raises(UsageError, match="expected a batch from 1 to the population"):
        draft("made@1", "0" * 64, epsilon=3.0, purpose="test", population=population, batch=batch, steps=5)


@pytest.mark.parametrize(
    ("decay", "rates"),
    [
        (0.0, [2, 2, 2, 2, 2, 2, 2, 2, 2, 2]),
        (0.5, [2, 2, 2, 2, 2, 2, 1.6, 1.2, 0.8, 0.4]),
        (1.0, [2 - 0.2 * n for n in range(10)]),
    ],
)
def test_the_step_size_falls_to_zero_over_the_last_share_of_the_steps(decay, rates):
    optimizer = Optimizer(learning_rate=2.0, decay=decay)
    assert [optimizer.rate(step, 10) for step in range(10)] == pytest.approx(rates)


@pytest.mark.parametrize("given", [{"decay": -0.1}, {"decay": 1.1}, {"average": 2.0}])
def test_shares_out_of_bounds_are_refused(given):
    with pytest.raises(UsageError, match="expected a share from 0 to 1"):
        Optimizer(**given)
