from __future__ import annotations

import random
from dataclasses import replace

import pytest
import torch

from catalog.errors import UsageError
from training import accounting, audit, data, loop, runs, streams, tasks
from training.plan import Optimizer
from training.tasks.cnn import SmallCnn
from training.tasks.scattering import ScatteringLinear
from training.tasks.tabular import Table
from training.tasks.transformer import SmallTransformer
from training.tasks.wide_resnet import WideResNet

TASK = tasks.named("text", classes=("harbour", "kitchen"), buckets=1024, tokens=16)


def test_an_auditor_who_knows_nothing_finds_a_leak_no_more_often_than_it_may():
    draw = random.Random(1)
    found = 0
    for _ in range(1000):
        scores = [draw.random() for _ in range(200)]
        coins = [draw.random() < 0.5 for _ in range(200)]
        found += audit.bound(scores, coins, claim=1.0, delta=1e-5).epsilon > 0
    # 5 % may; with 1000 audits more than 7 % would be astonishing (3 standard deviations).
    assert found <= 70


@pytest.mark.parametrize(
    ("right", "least", "most"),
    # All 50 right refutes any epsilon below log(p / (1 - p)) with p to the 50th = 0.05; half right refutes none.
    [(50, 2.78, 2.79), (45, 1.36, 1.40), (25, 0.0, 1e-6)],
)
def test_the_bound_grows_with_right_guesses_as_the_binomial_says(right, least, most):
    scores = list(range(200))
    coins = [place >= 175 if right < 50 else place >= 100 for place in range(200)]
    wrong = 50 - right
    for place in range(wrong):
        coins[place] = True
    found = audit.bound(scores, coins, claim=1.0, delta=0.0)
    assert (found.right, found.guesses, found.canaries) == (right, 50, 200)
    assert least <= found.epsilon <= most


def test_a_delta_weakens_the_bound():
    scores, coins = list(range(200)), [place >= 100 for place in range(200)]
    assert audit.bound(scores, coins, 1.0, 1e-3).epsilon < audit.bound(scores, coins, 1.0, 0.0).epsilon


def test_a_bound_above_the_claim_is_an_alarm():
    scores, coins = list(range(200)), [place >= 100 for place in range(200)]
    assert audit.bound(scores, coins, claim=2.0, delta=0.0).alarm
    assert not audit.bound(scores, coins, claim=3.0, delta=0.0).alarm


def test_too_few_canaries_are_refused():
    with pytest.raises(UsageError, match="at least 80 canaries, found 10"):
        audit.make(TASK, 10, streams.Streams.fixed(1))


def test_canaries_are_the_same_in_every_run_and_the_coins_are_not():
    one, other = (audit.make(TASK, 100, streams.Streams.fixed(seed)) for seed in (1, 2))
    assert torch.equal(one.inputs, other.inputs)
    assert one.included != other.included
    assert "included" not in repr(one)


def test_included_canaries_are_units_of_their_own_behind_the_members(made, plan):
    parts = data.split(made.rows(), plan, TASK.classes)
    members = loop.Inputs(TASK.encode(parts.train), TASK.targets(parts.train), parts.units)
    canaries = audit.make(TASK, 100, streams.Streams.fixed(1))
    joined = canaries.joined(members)
    count = sum(canaries.included)
    assert len(joined.units) == len(members.units) + count == len(joined.inputs)
    assert [joined.units.of(unit).tolist() for unit in (0, len(joined.units) - 1)] == [[0], [len(joined.inputs) - 1]]
    assert all(name.startswith("canary-") for name in joined.units.ids[-count:])


@pytest.mark.parametrize(
    "task",
    [
        TASK,
        SmallCnn(("a", "b"), size=20),
        WideResNet(("a", "b"), size=16, depth=10, width=1),
        ScatteringLinear(("a", "b"), size=8),
        SmallTransformer(("a", "b"), buckets=50, tokens=16, width=8, heads=2),
        Table(("a", "b"), low=(0.0, 0.0), high=(1.0, 5.0)),
    ],
    ids=lambda task: task.kind,
)
def test_scores_are_inner_products_with_each_canarys_gradient(task):
    canaries = audit.make(task, 80, streams.Streams.fixed(1))
    model = task.model()
    noisy = [torch.randn_like(parameter) for parameter in model.parameters()]
    found = canaries.scores(task, model, noisy)
    for place in (0, 41):
        row = slice(place, place + 1)
        loss = task.losses(model, canaries.inputs[row], canaries.targets[row]).sum()
        gradient = torch.autograd.grad(loss, list(model.parameters()))
        expected = sum((one * other).sum() for one, other in zip(gradient, noisy, strict=True))
        assert float(found[place]) == pytest.approx(float(expected), rel=1e-3, abs=1e-4)


@pytest.fixture(autouse=True)
def _same_coins_each_time(monkeypatch):
    monkeypatch.setattr(streams.secrets, "token_bytes", lambda count: b"s" * count)


@pytest.fixture
def loud(plan):
    """A plan that leaks a lot, and says so: the audit must find a good part of it."""
    optimizer = Optimizer(learning_rate=0.1, momentum=0.0)
    return replace(plan, sampling_rate=0.5, steps=30, noise_multiplier=3.0, divisor=250, optimizer=optimizer)


def test_an_audited_run_is_not_refuted_and_its_card_says_so(loud, made, house):
    fitted = runs.fit_version(loud, TASK, made, house, canaries=400)
    assert 0 < fitted.audit.epsilon <= fitted.audit.claim == accounting.cost(loud).pld
    assert "not refuted: epsilon is at least" in (fitted.folder / "README.md").read_text()


def test_a_loop_that_forgets_its_noise_is_found_out(loud, made, house, monkeypatch):
    quiet = replace(loud, noise_multiplier=100.0)
    monkeypatch.setattr(loop, "_noisy", lambda plan, randomness, step, total: [part / plan.divisor for part in total])
    fitted = runs.fit_version(quiet, TASK, made, house, canaries=400)
    assert fitted.audit.alarm
    assert "ALARM: epsilon is at least" in (fitted.folder / "README.md").read_text()


def test_an_interrupted_audit_goes_on_with_the_scores_it_had(loud, made, house):
    def fit(progress=None):
        return runs.fit_version(loud, TASK, made, house, canaries=100, checkpoint_every=4, progress=progress)

    def stop(now):
        if now.step == 11:
            raise KeyboardInterrupt

    whole = fit()
    with pytest.raises(KeyboardInterrupt):
        fit(stop)
    assert fit().audit == whole.audit


def test_a_task_without_canaries_says_so_before_anything_is_charged(plan, made, house):
    class Plain(tasks.Task):
        kind = "plain"

    with pytest.raises(UsageError, match="'plain' makes no canaries"):
        runs.fit_version(plan, Plain(("a",)), made, house, canaries=100)
    assert not house.ledger.exists()
