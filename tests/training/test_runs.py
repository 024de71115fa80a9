from __future__ import annotations

import json
import os
import random
import signal
from dataclasses import replace
from multiprocessing import get_context

import pytest
import torch
from safetensors.torch import load_file

from catalog import keys
from catalog.errors import GateRefused, NotFound, UsageError
from catalog.ledger import Ledger
from training import accounting, reservations, runs, streams, tasks
from training.streams import Streams

TASK = tasks.named("text", classes=("harbour", "kitchen"), buckets=64, tokens=8)


def fit(plan, made, house, progress=None):
    return runs.fit_version(plan, TASK, made, house, physical_batch=64, checkpoint_every=4, progress=progress)


def secrets_of(house):
    folder = keys.key_folder(house) / reservations.SECRETS
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def stop_at(step, error):
    def stop(now):
        if now.step == step:
            raise error

    return stop


def test_a_run_is_reserved_before_its_first_step_and_settled_after_its_last(plan, made, house, ledger):
    seen = []

    def look(now):
        if now.step == 1:
            seen.extend(row.status for row in ledger.rows())

    fitted = fit(plan, made, house, look)
    row = ledger.row(fitted.run)
    assert seen == ["reserved"]
    assert (row.status, row.steps, row.dataset, row.number) == ("done", 20, "made", 1)
    assert row.epsilon == fitted.epsilon == accounting.cost(plan).pld


def test_a_run_leaves_model_plan_card_and_log_and_nothing_else(plan, made, house):
    fitted = fit(plan, made, house)
    names = sorted(path.name for path in fitted.folder.iterdir())
    assert names == [
        ".lock",
        "README.md",
        "facts.json",
        "model.safetensors",
        "plan.json",
        "seal",
        "training.csv",
    ]
    assert {name: tuple(value.shape) for name, value in load_file(fitted.folder / "model.safetensors").items()} == {
        "1.weight": (2, 64),
        "1.bias": (2,),
    }
    log = (fitted.folder / "training.csv").read_text().splitlines()
    assert log[0] == "step,steps,epsilon,seconds"
    assert len(log) == 11
    assert log[-1].startswith(f"20,20,{fitted.epsilon}")


def test_the_small_model_learns_to_tell_the_words_apart(plan, made, house):
    accuracy = fit(plan, made, house).accuracy
    assert accuracy.of == 47
    assert accuracy.right >= 45


def test_interrupted_and_started_again_the_run_goes_on_with_one_charge_and_the_same_weights(
    plan, made, house, ledger, monkeypatch
):
    monkeypatch.setattr(streams.secrets, "token_bytes", lambda count: b"s" * count)
    whole = fit(plan, made, house)
    for step in (2, 7, 19):
        with pytest.raises(KeyboardInterrupt):
            fit(plan, made, house, stop_at(step, KeyboardInterrupt()))
        assert [row.status for row in ledger.rows()][-1] == "reserved"
    resumed = fit(plan, made, house)
    rows = ledger.rows()
    assert [row.status for row in rows] == ["done", "done"]
    one, other = (load_file(folder / "model.safetensors") for folder in (whole.folder, resumed.folder))
    assert all(torch.equal(one[name], other[name]) for name in one)


def _victim(plan, made, house):
    def die(now):
        if now.step == 10:
            os.kill(os.getpid(), signal.SIGKILL)

    streams.secrets.token_bytes = lambda count: b"s" * count
    fit(plan, made, house, die)


def test_killed_outright_the_run_goes_on_in_another_process(plan, made, house, ledger, monkeypatch):
    monkeypatch.setattr(streams.secrets, "token_bytes", lambda count: b"s" * count)
    whole = fit(plan, made, house)
    victim = get_context("fork").Process(target=_victim, args=(plan, made, house))
    victim.start()
    victim.join()
    assert victim.exitcode == -signal.SIGKILL
    seen = []
    resumed = fit(plan, made, house, seen.append)
    assert seen[0].step == 9  # the checkpoint was made after step 8
    assert [row.status for row in ledger.rows()] == ["done", "done"]
    one, other = (load_file(folder / "model.safetensors") for folder in (whole.folder, resumed.folder))
    assert all(torch.equal(one[name], other[name]) for name in one)


def _mortal(plan, made, house, at, gone):
    def die(now):
        if now.step == at:
            os.kill(os.getpid(), signal.SIGKILL)

    fit(plan, made, house, die)
    gone.set()


def test_killed_at_twenty_random_steps_the_run_ends_with_the_same_weights_and_ledger(
    plan, made, house, ledger, monkeypatch
):
    monkeypatch.setattr(streams.secrets, "token_bytes", lambda count: b"s" * count)
    plan = replace(plan, steps=60)
    whole = fit(plan, made, house)
    before = ledger.rows()
    fork = get_context("fork")
    steps = sorted(random.Random(8).sample(range(1, 61), 20))
    for step in steps:
        gone = fork.Event()
        victim = fork.Process(target=_mortal, args=(plan, made, house, step, gone))
        victim.start()
        victim.join()
        assert (victim.exitcode, gone.is_set()) == (-signal.SIGKILL, False)
    resumed = fit(plan, made, house)
    one, other = (load_file(folder / "model.safetensors") for folder in (whole.folder, resumed.folder))
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert resumed.resumed
    first, again = ledger.rows()
    assert before == [first]
    assert again == replace(first, run=again.run, reserved_at=again.reserved_at, settled_at=again.settled_at)


def test_two_runs_in_two_processes_at_once_are_two_charges_and_two_models(plan, made, house, ledger):
    fork = get_context("fork")
    both = [fork.Process(target=fit, args=(plan, made, house)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join()
    assert [process.exitcode for process in both] == [0, 0]
    assert [row.status for row in ledger.rows()] == ["done", "done"]
    models = [(house.models / row.run / "model.safetensors").read_bytes() for row in ledger.rows()]
    assert models[0] != models[1]  # each drew its own noise
    assert secrets_of(house) == []


def test_asked_only_to_resume_it_begins_nothing(plan, made, house, ledger):
    with pytest.raises(NotFound, match="no interrupted run of this very plan"):
        runs.fit_version(plan, TASK, made, house, only_resume=True)
    assert (ledger.rows(), list(house.models.iterdir()) if house.models.exists() else []) == ([], [])
    with pytest.raises(KeyboardInterrupt):
        fit(plan, made, house, stop_at(6, KeyboardInterrupt()))
    assert runs.fit_version(plan, TASK, made, house, only_resume=True).resumed
    assert [row.status for row in ledger.rows()] == ["done"]


def test_other_code_never_goes_on_with_an_interrupted_run(plan, made, house, ledger, monkeypatch):
    with pytest.raises(KeyboardInterrupt):
        fit(plan, made, house, stop_at(6, KeyboardInterrupt()))
    monkeypatch.setattr(runs, "_code", lambda task: "other arithmetic")
    assert not fit(plan, made, house).resumed
    assert [row.status for row in ledger.rows()] == ["reserved", "done"]


def leaving(made, closes_after):
    """A version whose contributor withdraws: its gate closes after so many questions."""
    asked = []

    class Leaving(type(made)):
        def gate(self):
            asked.append(None)
            if len(asked) > closes_after:
                raise GateRefused("1 of 600 records whose contributor withdrew consent", place="made@1")

    return Leaving(made.examples)


def test_whoever_withdraws_while_it_trains_is_out_at_once_and_the_charge_stays(plan, made, house, ledger):
    with pytest.raises(GateRefused, match="withdrew consent"):
        fit(plan, leaving(made, closes_after=3), house)
    [row] = ledger.rows()
    assert row.status == "failed"
    left = {path.name for path in (house.models / row.run).iterdir()}
    assert left == {".lock", "seal", "training.csv"}
    assert secrets_of(house) == []


def test_whoever_withdraws_during_the_evaluation_keeps_the_model_from_being_released(
    plan, made, house, ledger, monkeypatch
):
    class Leaving(type(made)):
        gone = False

        def gate(self):
            if Leaving.gone:
                raise GateRefused("1 of 600 records whose contributor withdrew consent", place="made@1")

    def accuracy(*given):
        Leaving.gone = True

    monkeypatch.setattr(runs.evaluate, "accuracy", accuracy)
    with pytest.raises(GateRefused, match="withdrew consent"):
        fit(plan, Leaving(made.examples), house)
    [row] = ledger.rows()
    assert row.status == "failed"
    assert not (house.models / row.run / "model.safetensors").exists()
    assert secrets_of(house) == []


def test_a_run_that_fails_after_its_model_was_written_leaves_none(plan, made, house, ledger, monkeypatch):
    settle = Ledger.settle

    def fail(self, run, status, steps):
        assert (house.models / run / "model.safetensors").exists()
        if status == "done":
            raise OSError("disk full")
        settle(self, run, status, steps)

    monkeypatch.setattr(Ledger, "settle", fail)
    with pytest.raises(OSError, match="disk full"):
        fit(plan, made, house)
    [row] = ledger.rows()
    assert row.status == "failed"
    assert not (house.models / row.run / "model.safetensors").exists()


def test_the_gate_is_asked_when_a_run_goes_on_and_ends_it_for_good(plan, made, house, ledger):
    version = leaving(made, closes_after=1)
    with pytest.raises(KeyboardInterrupt):
        fit(plan, version, house, stop_at(1, KeyboardInterrupt()))
    with pytest.raises(GateRefused, match="withdrew consent"):
        fit(plan, version, house)
    [row] = ledger.rows()
    assert (row.status, row.epsilon) == ("failed", accounting.cost(plan).pld)
    assert not (house.models / row.run / "checkpoint.pt").exists()
    assert secrets_of(house) == []


@pytest.mark.parametrize("planned_anew", [True, False])
def test_what_was_interrupted_before_an_erasure_leaves_neither_secret_nor_checkpoint(
    plan, made, house, ledger, planned_anew
):
    with pytest.raises(KeyboardInterrupt):
        fit(plan, made, house, stop_at(6, KeyboardInterrupt()))
    [row] = ledger.rows()
    assert (house.models / row.run / "checkpoint.pt").exists()
    amended = replace(made, examples=made.examples[1:], hash="1" * 64)
    if planned_anew:
        fit(replace(plan, version=amended.hash), amended, house)
    else:
        with pytest.raises(GateRefused, match="the plan is for the version with hash 000000000000"):
            fit(plan, amended, house)
    assert ledger.row(row.run).status == "failed"
    assert not (house.models / row.run / "checkpoint.pt").exists()
    assert secrets_of(house) == []


def test_a_run_of_another_number_is_left_to_go_on(plan, made, house, ledger):
    with pytest.raises(KeyboardInterrupt):
        fit(plan, made, house, stop_at(6, KeyboardInterrupt()))
    other = replace(made, name="made@2", hash="2" * 64)
    fit(replace(plan, dataset="made@2", version=other.hash), other, house)
    assert fit(plan, made, house).resumed


def test_a_secret_without_a_charge_is_destroyed_by_the_next_run_unless_its_folder_is_held(plan, made, house):
    folder = keys.key_folder(house) / reservations.SECRETS
    for run in ("made-1-killed", "made-1-held", "made-1-elsewhere"):
        streams.create(folder, run)
    for run in ("made-1-killed", "made-1-held"):
        (house.models / run).mkdir(parents=True)
    with reservations.held(house, "made-1-held"):
        fit(plan, made, house)
    assert secrets_of(house) == ["made-1-elsewhere.secret", "made-1-held.secret"]
    assert not (house.models / "made-1-killed").exists()


def test_rows_that_changed_since_the_interruption_make_a_new_run_with_a_new_charge(plan, made, house, ledger):
    with pytest.raises(KeyboardInterrupt):
        fit(plan, made, house, stop_at(6, KeyboardInterrupt()))
    fitted = fit(plan, replace(made, examples=made.examples[:-30]), house)
    rows = ledger.rows()
    assert [row.status for row in rows] == ["failed", "done"]
    assert rows[1].run == fitted.run
    assert secrets_of(house) == []


def test_a_secret_left_by_a_kill_right_after_settling_is_destroyed_by_the_next_run(plan, made, house, monkeypatch):
    monkeypatch.setattr(streams, "destroy", lambda folder, run: None)
    first = fit(plan, made, house)
    assert secrets_of(house) == [f"{first.run}.secret"]
    monkeypatch.undo()
    monkeypatch.setenv("CLEARTITLE_KEYS", str(house.root.parent / "keys"))
    fit(plan, made, house)
    assert secrets_of(house) == []


def test_another_plan_never_goes_on_with_an_interrupted_run(plan, made, house, ledger):
    with pytest.raises(KeyboardInterrupt):
        fit(plan, made, house, stop_at(6, KeyboardInterrupt()))
    fit(replace(plan, purpose="something else"), made, house)
    assert [row.status for row in ledger.rows()] == ["reserved", "done"]


def test_two_runs_of_one_plan_at_once_are_two_charges(plan, made, house, ledger):
    inner = []

    def start_another(now):
        if now.step == 3 and not inner:
            inner.append(None)
            inner.append(fit(plan, made, house))

    outer = fit(plan, made, house, start_another)
    assert sorted(row.run for row in ledger.rows()) == sorted((outer.run, inner[1].run))
    assert {row.status for row in ledger.rows()} == {"done"}


def test_a_run_that_fails_stays_charged_and_its_secret_is_gone(plan, made, house, ledger):
    with pytest.raises(ZeroDivisionError):
        fit(plan, made, house, stop_at(6, ZeroDivisionError()))
    assert [row.status for row in ledger.rows()] == ["failed"]
    assert secrets_of(house) == []


def test_the_gate_is_asked_first(plan, made, house, ledger):
    class Closed(type(made)):
        def gate(self):
            raise GateRefused("may not be used to train", place="made@1")

    with pytest.raises(GateRefused, match="may not be used to train"):
        fit(plan, Closed(made.examples), house)
    assert ledger.rows() == []


def test_a_plan_for_another_content_of_the_version_is_refused(plan, made, house):
    with pytest.raises(GateRefused, match="has ffffffffffff"):
        fit(plan, replace(made, hash="f" * 64), house)


def test_delta_must_be_below_one_in_the_units(plan, made, house):
    with pytest.raises(UsageError, match=r"delta 0\.01 is not below one in the 553 units"):
        fit(replace(plan, delta=0.01), made, house)


def test_the_noise_of_a_finished_run_cannot_be_made_again_from_what_is_left(plan, made, house, monkeypatch):
    kept = []
    create = streams.create

    def remember(*given):
        kept.append(create(*given))
        return kept[0]

    monkeypatch.setattr(streams, "create", remember)
    fit(plan, made, house)
    noise = kept[0].words("noise", 0, 1)
    left = [path for root in (house.root, keys.key_folder(house)) for path in root.rglob("*") if path.is_file()]
    assert {"model.safetensors", "facts.json", "ledger.sqlite", "seal"} <= {path.name for path in left}
    for path in left:
        content = path.read_bytes()
        assert kept[0].secret not in content
        assert kept[0].secret.hex().encode() not in content
        windows = {content[start : start + 32] for start in range(len(content) - 31)}
        assert not any((Streams(window).words("noise", 0, 1) == noise).any() for window in windows)
    public = json.loads(next(path for path in left if path.name == "facts.json").read_text())
    for guess in (public["run"], public["version"], plan.fingerprint):
        assert not any((Streams.fixed(seed).words("noise", 0, 1) == noise).any() for seed in range(50))
        assert not (Streams(guess.encode()).words("noise", 0, 1) == noise).any()


def test_the_cards_say_what_they_must(plan, made, house):
    private = (fit(plan, made, house).folder / "README.md").read_text()
    public = (fit(plan, replace(made, audience="public"), house).folder / "README.md").read_text()
    assert "moves the odds of that conclusion by a factor of at most 2.9" in private
    assert "epsilon protects nobody in it" in public
    assert "epsilon protects nobody" not in private
    assert "| attribution | 600 works; `cleartitle export made@1 --use train` writes their credits |" in private
    assert "| all runs on this dataset | 2, together epsilon" in public
    assert "The evaluation: the units it was made on are disjoint" in private
