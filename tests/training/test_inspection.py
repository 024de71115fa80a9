"""`cleartitle audit`: a finished run is looked at again."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sqlite3
from dataclasses import replace

import pytest

import training
from catalog import keys
from catalog.errors import FormatError, NotFound, Unavailable, UsageError
from catalog.ledger import Ledger
from training import accounting, reservations, runs, tasks

TASK = tasks.named("text", classes=("harbour", "kitchen"), buckets=64, tokens=8)


@pytest.fixture
def fitted(plan, made, house):
    return runs.fit_version(plan, TASK, made, house, physical_batch=64)


def change(fitted, **changes):
    path = fitted.folder / "facts.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_run_that_is_as_it_should_be_has_no_problems(fitted, house, plan):
    for name in (fitted.run, fitted.run[:12], str(fitted.folder)):
        found = training.audited(house.root, name)
        assert (found.problems, found.bound, found.row.run) == ((), None, fitted.run)
        assert found.epsilon == accounting.cost(plan).pld


def test_whoever_withdrew_since_is_counted_and_the_charge_stays(plan, people, house, monkeypatch):
    from catalog.consents import Consents, Statement

    day = dt.datetime.fromisoformat("2026-01-01")
    plan = replace(plan, unit="contributor", delta=1e-3, holdout=0.0)
    fitted = runs.fit_version(plan, TASK, people, house, physical_batch=64)
    charged = Ledger(house.ledger).contributions()
    said = {"person7": (Statement("person7", day),), "person8": (Statement("person8", day, ("train",)),)}
    monkeypatch.setattr("catalog.consents.load", lambda workspace: Consents(said))
    assert training.audited(house, fitted.run).withdrawn == 1
    assert Ledger(house.ledger).contributions() == charged


def test_a_card_that_claims_less_than_the_ledger_is_found_out(fitted, house):
    privacy = json.loads((fitted.folder / "facts.json").read_text())["privacy"]
    change(fitted, privacy={**privacy, "epsilon": 0.1})
    assert "the card says epsilon 0.1000, the ledger" in training.audited(house, fitted.run).problems[0]


def test_a_ledger_whose_figure_is_below_its_own_event_is_found_out(fitted, house):
    with sqlite3.connect(house.ledger) as connection:
        connection.execute("UPDATE runs SET epsilon = 0.5")
    connection.close()
    problems = training.audited(house, fitted.run).problems
    assert "the ledger says epsilon 0.5000, its own event comes to" in problems[0]


def test_a_secret_that_outlived_its_run_is_found_out(fitted, house):
    (keys.key_folder(house) / reservations.SECRETS / f"{fitted.run}.secret").write_bytes(bytes(32))
    assert "its secret is still there" in training.audited(house, fitted.run).problems[0]


def test_a_bound_above_the_claim_is_an_alarm(fitted, house):
    change(fitted, audit={"epsilon": 9.0, "claim": fitted.epsilon, "canaries": 400, "guesses": 100, "right": 100})
    found = training.audited(house, fitted.run)
    assert found.bound.epsilon == 9.0
    assert found.problems == ("ALARM: the canaries show epsilon of at least 9.00, more than is claimed",)


def test_a_card_that_is_gone_is_found_out(fitted, house):
    (fitted.folder / "facts.json").unlink()
    assert training.audited(house, fitted.run).problems == ("the run is done, and its card is not there",)


def test_a_damaged_card_is_refused(fitted, house):
    (fitted.folder / "facts.json").write_text("{}")
    with pytest.raises(FormatError, match="expected the facts of a run"):
        training.audited(house, fitted.run)


def interrupted(plan, made, house, step=6):
    def stop(now):
        if now.step == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runs.fit_version(plan, TASK, made, house, physical_batch=64, progress=stop)
    return Ledger(house.ledger).rows()[-1]


def secrets_of(house):
    return [path.name for path in reservations.secrets_folder(house).iterdir()]


def test_a_run_that_is_given_up_stays_charged_and_never_goes_on(plan, made, house):
    ledger = Ledger(house.ledger)
    ledger.set_budget("made", "record", 50.0, 1e-5)
    before = interrupted(plan, made, house)
    spent = ledger.budget("made", "record").spent
    assert secrets_of(house) == [f"{before.run}.secret"]
    row = training.abandon(house.root, before.run[:12])
    assert row == replace(before, status="failed", settled_at=row.settled_at, steps=0)
    assert secrets_of(house) == []
    assert not (house.models / row.run / "checkpoint.pt").exists()
    assert ledger.budget("made", "record").spent == spent > 0
    assert not runs.fit_version(plan, TASK, made, house, physical_batch=64).resumed
    assert [one.status for one in ledger.rows()] == ["failed", "done"]


def test_given_up_again_what_a_kill_left_is_removed(plan, made, house):
    row = interrupted(plan, made, house)
    Ledger(house.ledger).settle(row.run, "failed", 0)  # killed before its secret went
    assert training.abandon(house, row.run).status == "failed"
    assert secrets_of(house) == []


def test_a_run_whose_folder_was_deleted_can_be_given_up(plan, made, house):
    row = interrupted(plan, made, house)
    shutil.rmtree(house.models / row.run)
    assert training.abandon(house, row.run).status == "failed"
    assert secrets_of(house) == []


def test_a_run_that_is_done_or_under_way_cannot_be_given_up(fitted, house, plan, made):
    with pytest.raises(UsageError, match="the run is done, there is nothing to give up"):
        training.abandon(house, fitted.run)
    refused = []

    def give_up(now):
        if now.step == 3:
            with pytest.raises(Unavailable, match="under way in another process") as error:
                training.abandon(house, Ledger(house.ledger).rows()[-1].run)
            refused.append(error)

    again = runs.fit_version(plan, TASK, made, house, physical_batch=64, progress=give_up)
    assert len(refused) == 1
    assert Ledger(house.ledger).row(again.run).status == "done"


def test_a_name_that_fits_no_run_or_two_is_refused(fitted, house, plan, made):
    with pytest.raises(NotFound, match="no runs begin with 'kitchen'"):
        training.audited(house, "kitchen")
    runs.fit_version(replace(plan, purpose="again"), TASK, made, house, physical_batch=64)
    with pytest.raises(NotFound, match="2 runs begin with 'made-1-'"):
        training.audited(house, "made-1-")
