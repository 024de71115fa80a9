"""train, audit, budget and predict on the command line, on a version of sixty labelled texts."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest

from catalog.ledger import Ledger
from catalog.workspace import Workspace

WORDS = {"arrivals": "the boat ties up at the quay", "weather": "rain and wind from the west"}
OWN = """
from dataclasses import dataclass
from typing import ClassVar

import torch
import training


@dataclass(frozen=True, slots=True)
class Lengths(training.Task):
    kind: ClassVar[str] = "lengths"
    longest: int = 40

    def encode(self, examples):
        return torch.tensor([[min(len(one.text), self.longest) / self.longest] for one in examples])

    def model(self):
        return torch.nn.Linear(1, len(self.classes))
"""


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """harbour@1: sixty texts of as many contributors, cleared to train on."""
    monkeypatch.setenv("CLEARTITLE_KEYS", str(tmp_path / "keys"))
    monkeypatch.chdir(tmp_path)
    path = Path(__file__).parents[1] / "catalog" / "conftest.py"
    spec = importlib.util.spec_from_file_location("invented_catalog", path)
    invented = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(invented)
    made = Workspace.create(tmp_path / "workspace")
    rows = {name: [] for name in invented.first_rows()}
    for number in range(60):
        label = ("arrivals", "weather")[number % 2]
        beside = {"label": label, "contributor": f"{number:032d}", "consent_scope": ["train"]}
        rows["facts"].append(invented.fact(number, **beside))
        rows["decisions"].append(invented.decision(number))
        rows["content"].append(invented.content(number, text=f"{WORDS[label]} {number}", label=label))
        rows["attributions"].append(invented.credit(number))
        rows["privacy"].append(invented.privacy(number))
    rows["inputs"] = invented.first_rows()["inputs"]
    invented.commit(made, rows, "ab" * 32, audience="train-only")
    return made


TRAIN = ("train", "harbour@1", "--classes", "arrivals,weather", "--population", "60", "--purpose", "sort messages",
         "--steps", "12", "--batch", "30", "--delta", "1e-3", "--set", "buckets=64")  # fmt: skip


def test_a_model_is_trained_audited_used_and_its_cost_shown(call, house, tmp_path):
    code, out, err = call(*TRAIN, "--epsilon", "4", "--unit", "contributor", "--records-per-unit", "2",
                          "--canaries", "80", "--holdout", "0.2", "--physical-batch", "16",
                          "--learning-rate", "2", "--average", "0.5", "--tensorboard")  # fmt: skip
    assert code == 0, err
    [row] = Ledger(house.ledger).rows()
    assert (row.unit, row.status, row.steps, 3.9 < row.epsilon <= 4) == ("contributor", "done", 12, True)
    assert "privacy  epsilon 4.00 at delta 0.001, charged in the ledger" in " ".join(out.split("\n"))
    assert "for 12 steps with noise" in err
    assert "16 rows at once on cpu take about" in " ".join(err.split())
    assert "audit    epsilon at least" in out
    plan = json.loads((house.models / row.run / "plan.json").read_text())["plan"]
    assert (plan["records_per_unit"], plan["holdout"], plan["optimizer"]["average"]) == (2, 0.2, 0.5)

    code, out, _ = call("audit", row.run[:14])
    assert (code, "ledger, card and claim agree" in out, "guesses right" in out) == (0, True, True)
    (tmp_path / "notes.txt").write_text(f"{WORDS['arrivals']}\n\n{WORDS['weather']}\n")
    lines = call("predict", house.models / row.run, tmp_path / "notes.txt")[1].splitlines()
    assert [line.split("\t")[0].rpartition(":")[2] for line in lines] == ["1", "3"]
    out = call("budget", "--people")[1]
    assert "1 runs, epsilon 4.00 at delta 0.001 spent" in out
    assert "contributors charged, the most exposed first" in out
    charged = int(re.findall(r"(\d+) contributors charged", out)[0])
    assert (f"and {charged - 20} more: " in out) == (charged > 20)


def test_a_task_from_a_file_is_trained_and_used(call, house, tmp_path):
    (tmp_path / "lengths.py").write_text(OWN)
    (tmp_path / "notes.txt").write_text("a boat\n")
    code, _, err = call(*TRAIN[:-2], "--task", "lengths.py", "--set", "longest=50")
    assert code == 0, err
    [model] = house.models.iterdir()
    assert json.loads((model / "plan.json").read_text())["task"] == {
        "kind": "lengths", "classes": ["arrivals", "weather"], "longest": 50,
    }  # fmt: skip
    code, out, _ = call("predict", model, "notes.txt", "--task", "lengths.py")
    assert (code, out.startswith("notes.txt:1\t")) == (0, True)
    code, _, err = call("predict", model, "notes.txt")
    assert (code, "no task called 'lengths'" in err) == (2, True)


def test_a_run_over_the_budget_is_refused_with_the_figures_and_exit_code_four(call, house):
    assert call("budget", "--set", "1", "--dataset", "harbour")[0] == 0
    code, _, err = call(*TRAIN, "--epsilon", "4")
    assert code == 4
    assert "the budget for unit record is epsilon 1 at delta 1e-05; 0.00 is spent, and with this run" in err
    assert Ledger(house.ledger).rows() == []


def test_an_interrupted_run_is_given_up_and_stays_charged(call, house, monkeypatch):
    def interrupt(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr("training.loop._apply", interrupt)
    assert call(*TRAIN)[0] == 130
    monkeypatch.undo()
    monkeypatch.setenv("CLEARTITLE_KEYS", str(house.root.parent / "keys"))
    code, out, err = call("abandon", "harbour", "-w", house.root)
    assert (code, "stays charged; nothing is refunded" in " ".join(out.split())) == (0, True), err
    [row] = Ledger(house.ledger).rows()
    assert (row.status, row.epsilon > 7.9) == ("failed", True)
    code, _, err = call(*TRAIN, "--resume", "-w", house.root)
    assert (code, "no interrupted run" in " ".join(err.split())) == (2, True)
    assert call("abandon", "kitchen", "-w", house.root)[0] == 2


def test_what_was_spent_elsewhere_is_stated_or_taken_over(call, house, tmp_path):
    out = call("budget", "--dataset", "harbour", "--elsewhere", "none: collected for this project")[1]
    assert "nothing was trained here" in out
    call(*TRAIN)
    assert "spent elsewhere: none: collected for this project" in call("budget")[1]
    assert call("export", "harbour@1", "--out", tmp_path / "out", "--use", "train")[0] == 0
    Workspace.create(tmp_path / "fresh")
    carried = tmp_path / "out" / "spent.json"
    out = call("budget", "-w", tmp_path / "fresh", "--dataset", "harbour", "--elsewhere", carried)[1]
    assert "harbour: 1 runs, epsilon 7.99" in out
    assert "1 runs taken over from an export are counted here" in " ".join(out.split())


@pytest.mark.parametrize(
    ("given", "code", "told"),
    [
        (("--resume",), 2, "no interrupted run of this very plan, task and data"),
        (("--physical-batch", "all"), 2, "expected auto or a number above 0, found 'all'"),
        (("--task", "none.py"), 2, "none.py: there is no such file with a task"),
        (("--set", "buckets"), 2, "expected key=value, found 'buckets'"),
        (("--twin",), 4, "a twin without privacy is for public versions, and this one is train-only"),
        (("--records-per-unit", "2"), 2, "expected 1 for unit record, found 2"),
        (("--roles", "author,reader"), 2, "expected some of author, annotator, depicted"),
        (("--unit", "contributor", "--roles", "author,depicted"), 2, "does not record who is depicted"),
        (("--unit", "contributor", "--roles", "annotator"), 2, "60 of 60 records have no owner or several"),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_charged(call, house, given, code, told):
    found, _, err = call(*TRAIN, *given)
    assert (found, told in " ".join(err.split())) == (code, True), err
    assert not house.ledger.exists() or Ledger(house.ledger).rows() == []
    assert call("audit", "harbour")[0] == 2
