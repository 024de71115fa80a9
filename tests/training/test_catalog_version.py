"""A run from end to end on a version of a real catalog."""

from __future__ import annotations

import datetime as dt
import importlib.util
from pathlib import Path

import pytest

import training
from catalog import versions
from catalog.errors import GateRefused
from catalog.ledger import Ledger
from training.data import Owner
from training.plan import Plan
from training.version import CatalogVersion


def _invented():
    path = Path(__file__).parents[1] / "catalog" / "conftest.py"
    spec = importlib.util.spec_from_file_location("invented_catalog", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


WORDS = {"arrivals": "the boat ties up at the quay", "weather": "rain and wind from the west"}


@pytest.fixture
def harbour(house):
    """harbour@1: sixty labelled texts, of which ten have a contributor and ten two annotators."""
    invented = _invented()
    labels = [("arrivals", "weather")[number % 2] for number in range(60)]
    votes = [{"annotator": name * 32, "label": "weather"} for name in "cd"]
    beside = [{"contributor": invented.ANNA, "consent_scope": ["train"]} if number < 10 else {} for number in range(60)]
    rows = {name: [] for name in invented.first_rows()}
    for number, label in enumerate(labels):
        votes_here = {"annotations": votes} if 10 <= number < 20 else {}
        rows["facts"].append(invented.fact(number, label=label, **beside[number], **votes_here))
        rows["decisions"].append(invented.decision(number))
        rows["content"].append(invented.content(number, text=f"{WORDS[label]} {number}", label=label))
        rows["attributions"].append(invented.credit(number))
        rows["privacy"].append(invented.privacy(number))
    rows["inputs"] = invented.first_rows()["inputs"]

    def commit(licences=(), **given):
        for row, licence in zip(rows["content"], licences, strict=False):
            row["licence"] = licence
        return invented.commit(house, rows, "ab" * 32, **{"audience": "train-only", **given})

    return commit


def plan_for(manifest):
    return Plan(
        manifest.name, manifest.hash, "sort messages", 0.5, 10, noise_multiplier=2.0, delta=1e-4, divisor=25.0, clip=1.0
    )


def test_a_version_is_read_with_labels_owners_and_licences(harbour, house):
    version = CatalogVersion(versions.open_version(house, harbour().name))
    rows = {example.id: example for example in version.rows()}
    assert len(rows) == 60
    first, tenth, last = (sorted(rows)[place] for place in (0, 10, 59))
    assert (rows[first].text, rows[first].label) == ("the boat ties up at the quay 0", "arrivals")
    assert rows[first].owners == (Owner("a" * 32),)
    assert rows[tenth].owners == (Owner("c" * 32, "annotator"), Owner("d" * 32, "annotator"))
    assert rows[last].owners == ()
    assert version.audience == "train-only"
    assert sum(version.licences().values()) == 60


def test_licences_are_counted_without_reading_the_records(harbour, house, monkeypatch):
    version = CatalogVersion(versions.open_version(house, harbour(licences=(None, "MIT", None)).name))
    monkeypatch.setattr(versions.Version, "to_arrow", None)
    assert version.licences() == {"CC-BY-4.0": 57, "MIT": 1, "none: consent or a person's word": 2}
    assert version.credits() == 60


def test_a_run_on_the_catalogs_version_is_charged_to_dataset_and_contributors(harbour, house):
    manifest = harbour()
    task = training.task("text", classes=("arrivals", "weather"), buckets=64)
    fitted = training.fit(plan_for(manifest), task, house)
    ledger = Ledger(house.ledger)
    assert [(row.dataset, row.number, row.version) for row in ledger.rows()] == [("harbour", 1, manifest.hash)]
    assert {one.contributor[0] for _, one in ledger.contributions()} <= {"a", "c", "d"}
    assert not any("Harbour Office" in path.read_text("utf-8", "replace") for path in fitted.folder.iterdir())
    assert f"harbour@1, hash `{manifest.hash}`" in (fitted.folder / "README.md").read_text()


def test_a_version_that_was_not_cleared_for_training_is_refused(harbour, house):
    manifest = harbour(uses=("share redacted",), audience="public")
    task = training.task("text", classes=("arrivals", "weather"), buckets=64)
    with pytest.raises(GateRefused, match="may not be used to train"):
        training.fit(plan_for(manifest), task, house.root)
    assert not house.ledger.exists()


def test_a_withdrawal_closes_the_gate_at_once_and_the_next_versions_card_counts_who_is_out(harbour, house, monkeypatch):
    from catalog import consents

    manifest = harbour()
    task = training.task("text", classes=("arrivals", "weather"), buckets=64)
    training.fit(plan_for(manifest), task, house)
    charged = Ledger(house.ledger).contributions()
    said = consents.Consents({"a" * 32: (consents.Statement("a" * 32, dt.datetime.fromisoformat("2026-06-01")),)})
    monkeypatch.setattr(consents, "load", lambda workspace: said)
    with pytest.raises(GateRefused, match="whose contributor withdrew consent"):
        training.fit(plan_for(manifest), task, house)
    assert Ledger(house.ledger).contributions() == charged
    assert CatalogVersion(versions.open_version(house, manifest.name)).withdrawn() == 1
