"""What is done with a finished run: predictions, spending, the room's face."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

import training
from catalog.errors import FormatError, NotFound, UsageError
from catalog.ledger import Ledger
from training import runs
from training.data import Example, Owner
from training.prediction import Predictor


@pytest.fixture
def fitted(plan, made, house):
    task = training.task("text", classes=("harbour", "kitchen"), buckets=256)
    return runs.fit_version(plan, task, made, house)


def test_a_model_read_back_labels_new_texts(fitted):
    found = training.predict(fitted.folder, ["boat anchor quay sail", "bread oven salt stove"])
    assert [one.label for one in found] == ["harbour", "kitchen"]
    assert all(0.5 < one.probability <= 1 for one in found)
    assert training.predict(fitted.folder, []) == []


def test_a_file_that_the_task_does_not_read_gets_no_label(fitted, tmp_path):
    with pytest.raises(UsageError, match=r"quay\.jpg: the model's task text reads text"):
        Predictor.open(fitted.folder).file(tmp_path / "quay.jpg")


def test_a_folder_without_a_model_says_so(tmp_path):
    with pytest.raises(NotFound, match=r"expected model\.safetensors"):
        training.predict(tmp_path, ["x"])


def test_a_damaged_plan_beside_a_model_is_refused(fitted):
    (fitted.folder / "plan.json").write_text("{}")
    with pytest.raises(FormatError, match="expected a plan with its task"):
        training.predict(fitted.folder, ["x"])


def test_spending_is_told_by_dataset_and_by_contributor(plan, made, house):

    ledger = Ledger(house.ledger)
    ledger.set_budget("made", "record", 5.0, 1e-5)
    ledger.set_budget("quiet", "record", 1.0, 1e-5)
    examples = tuple(Example(f"{n:03d}", ("a", "b")[n % 2], text="x", owners=(Owner(f"p{n}"),)) for n in range(40))
    version = replace(made, examples=examples)
    task = training.task("text", classes=("a", "b"), buckets=16)
    plan = replace(plan, delta=1e-4, holdout=0.0)
    one = runs.fit_version(plan, task, version, house)
    runs.fit_version(replace(plan, purpose="again"), task, version, house)
    found = {spending.dataset: spending for spending in training.budget(house)}
    assert sorted(found) == ["made", "quiet"]
    assert one.epsilon < found["made"].epsilon < 2 * one.epsilon
    assert [row.status for row in found["made"].runs] == ["done", "done"]
    assert 0 < found["made"].budgets[0].spent <= 5.0
    assert found["made"].elsewhere == "unknown"
    assert (found["quiet"].epsilon, found["quiet"].budgets[0].spent) == (0.0, 0.0)
    person = training.people(house.root, "p7")[0]
    assert (person.runs, person.records, person.delta) == (2, 2, 2e-4)
    assert person.epsilon == pytest.approx(2 * one.epsilon)
    assert "p7" not in repr(person)


def test_every_name_of_the_room_is_there_and_no_other():
    assert all(getattr(training, name) is not None for name in training.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'shuffle'"):
        _ = training.shuffle


def test_importing_the_room_and_naming_a_plan_costs_no_torch():
    code = "import sys, training; training.Plan, training.Optimizer; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
