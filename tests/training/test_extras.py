"""What a run can have besides: event files, a twin without privacy, mixed precision, settings."""

from __future__ import annotations

import re
import sys
from dataclasses import replace

import pytest
from safetensors.torch import load_file

from catalog.errors import GateRefused, MissingExtra, UsageError
from catalog.ledger import Ledger
from training import runs, tasks
from training.settings import Settings

TASK = tasks.named("text", classes=("harbour", "kitchen"), buckets=64, tokens=8)


def test_event_files_hold_the_public_figures_of_the_csv_and_nothing_else(plan, made, house):
    from tensorboardX.proto import event_pb2

    fitted = runs.fit_version(plan, TASK, made, house, tensorboard=True)
    [path] = (fitted.folder / "events").iterdir()
    assert re.fullmatch(r"events\.out\.tfevents\.\d+", path.name)  # no name of a machine
    content, place, seen = path.read_bytes(), 0, {}
    while place < len(content):
        length = int.from_bytes(content[place : place + 8], "little")
        event = event_pb2.Event.FromString(content[place + 12 : place + 12 + length])
        place += 12 + length + 4
        for value in event.summary.value:
            seen.setdefault(value.tag, []).append((event.step, value.simple_value))
    assert sorted(seen) == ["privacy/epsilon", "time/seconds"]
    rows = [line.split(",") for line in (fitted.folder / "training.csv").read_text().splitlines()[1:]]
    assert [step for step, _ in seen["privacy/epsilon"]] == [int(row[0]) for row in rows]
    assert [value for _, value in seen["privacy/epsilon"]] == pytest.approx([float(row[2]) for row in rows])


def test_without_the_package_the_extra_is_named_before_anything_is_charged(plan, made, house, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(MissingExtra, match=r'pip install "cleartitle\[tensorboard\]"'):
        runs.fit_version(plan, TASK, made, house, tensorboard=True)
    assert not house.ledger.exists()


def test_a_twin_without_privacy_is_for_public_versions_alone(plan, made, house):
    with pytest.raises(GateRefused, match="a twin without privacy is for public versions, and this one is train-only"):
        runs.fit_version(plan, TASK, made, house, twin=True)
    assert not house.ledger.exists()


def test_a_public_versions_card_holds_the_twins_accuracy_and_its_weights_stay_nowhere(plan, made, house):
    fitted = runs.fit_version(plan, TASK, replace(made, audience="public"), house, twin=True)
    assert fitted.twin.of == fitted.accuracy.of
    assert fitted.twin.right >= 40
    assert "| the same model without privacy |" in (fitted.folder / "README.md").read_text()
    assert [path.name for path in fitted.folder.glob("*.safetensors")] == ["model.safetensors"]


def test_mixed_precision_costs_the_same_and_moves_the_weights_a_little(plan, made, house, monkeypatch):
    from training import streams

    monkeypatch.setattr(streams.secrets, "token_bytes", lambda count: b"s" * count)
    task = tasks.named("text", classes=("harbour", "kitchen"), buckets=64, tokens=8, hidden=8)
    full, mixed = (runs.fit_version(plan, task, made, house, mixed_precision=mixed) for mixed in (False, True))
    assert full.epsilon == mixed.epsilon
    one, other = (load_file(done.folder / "model.safetensors")["1.weight"] for done in (full, mixed))
    assert 0 < float((one - other).norm()) < 0.05 * float(one.norm())


def test_the_outlook_is_told_before_the_charge_and_holds_public_figures(plan, made, house):
    told = []
    fitted = runs.fit_version(
        plan, TASK, made, house, announce=lambda found: told.append((found, Ledger(house.ledger).rows()))
    )
    [(outlook, rows)] = told
    assert rows == []
    assert (outlook.epsilon, outlook.steps, outlook.method, outlook.device) == (fitted.epsilon, 20, "layers", "cpu")
    assert outlook.physical_batch == 32
    assert 0 < outlook.bytes < outlook.free


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"physical_batch": 0}, "expected auto or a number above 0, found 0"),
        ({"physical_batch": "all"}, "found 'all'"),
        ({"checkpoint_every": 0}, "expected at least 1, found 0"),
        ({"colour": "red"}, "no setting 'colour'; there are: canaries,"),
    ],
)
def test_settings_without_sense_are_refused(given, told):
    with pytest.raises(UsageError, match=told):
        Settings.of(given)
