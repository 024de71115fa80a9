"""`cleartitle audit`: a finished run is looked at again."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from dataclasses import replace

import pytest

import training
from catalog import keys
from catalog.errors import FormatError, NotFound
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


def test_a_name_that_fits_no_run_or_two_is_refused(fitted, house, plan, made):
    with pytest.raises(NotFound, match="no runs begin with 'kitchen'"):
        training.audited(house, "kitchen")
    runs.fit_version(replace(plan, purpose="again"), TASK, made, house, physical_batch=64)
    with pytest.raises(NotFound, match="2 runs begin with 'made-1-'"):
        training.audited(house, "made-1-")
