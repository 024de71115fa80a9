"""What a run says of how its version is made up: agreement, contradicting labels, skew, drift, benchmark items."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from catalog import manifests, measurements
from catalog.queries import query
from curation import drift, figures
from curation.cli import app
from curation.drift import compare
from curation.runner import Outcome, run

RECIPE = """\
format = 1
dataset = "harbour"
as_of = 2026-11-21
[[source]]
path = "texts.jsonl.gz"
[quality]
presets = []
[privacy]
text = "patterns"
[decontaminate]
files = ["quiz/*.jsonl"]
[distribution]
columns = ["dialect", "language"]
"""
QUESTION = "Which of the three lighthouses on the northern shore was built before the old harbour wall?"
WORDS = ("anchor", "beacon", "capstan", "davit", "ensign", "fender", "gangway", "halyard", "jetty", "keel", "lantern")


def row(number: int) -> dict[str, Any]:
    said = " ".join(WORDS[number * step % 11] + str(number * step % 97) for step in range(1, 60))
    votes = [{"annotator": who, "label": "calm"} for who in ("ann", "bo", "cy")]
    if number % 4 == 0:
        votes[2]["label"] = "storm"
    return {
        "id": f"n{number}",
        "text": f"The harbour office tells in notice {number}: {said}",
        "license": "CC-BY-4.0",
        "title": f"Notice {number}",
        "author": "Harbour office",
        "language": "en",
        "dialect": "island" if number % 4 else "coast",
        "annotations": votes,
    }


def write(folder: Path, rows: list[dict[str, Any]]) -> Path:
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
    (folder / "texts.jsonl.gz").write_bytes(gzip.compress(lines, mtime=0))
    (folder / "recipe.toml").write_text(RECIPE)
    return folder / "recipe.toml"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("figures")
    (made / "quiz").mkdir()
    (made / "quiz" / "lights.jsonl").write_text(json.dumps({"question": QUESTION}) + "\n")
    return made


@pytest.fixture(scope="module")
def outcomes(folder: Path) -> tuple[Outcome, Outcome]:
    """Two versions: twenty labelled texts, a near copy with another label, one that holds a quiz question; then
    longer texts of another dialect."""
    rows = [row(number) for number in range(20)]
    copy = {**rows[1], "id": "copy", "text": rows[1]["text"] + " again", "annotations": None, "label": "storm"}
    rows[1]["fetched_at"] = "2026-01-01T00:00:00Z"  # the older stands for the other
    told = {**row(40), "id": "told", "text": row(40)["text"] + ". " + QUESTION.upper()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLEARTITLE_KEYS", str(folder / "keys"))
        first = run(write(folder, [*rows, copy, told]), workers=0)
        longer = [{**row(number), "text": row(number)["text"] * 2, "dialect": "coast"} for number in range(20)]
        return first, run(write(folder, [*longer, told]), workers=0)


def test_a_text_that_holds_a_benchmark_item_is_dropped_with_the_place_as_evidence(
    outcomes: tuple[Outcome, Outcome],
) -> None:
    workspace = outcomes[0].workspace
    reasons = "SELECT id, value, threshold FROM reasons WHERE version = 'harbour@1' AND reason = 'benchmark-overlap'"
    [(record, value, threshold)] = query(workspace, reasons).fetchall()
    assert (value, threshold) == ("lights.jsonl:1", "12 words in a row")
    places = "SELECT id, item, first_character, end_character FROM benchmark_items WHERE version = 'harbour@1'"
    start = len(row(40)["text"]) + 2
    # The question mark is no part of a word.
    assert query(workspace, places).fetchall() == [(record, "lights.jsonl:1", start, start + len(QUESTION) - 1)]


def test_other_benchmarks_ask_for_no_new_facts(folder: Path, outcomes: tuple[Outcome, Outcome]) -> None:
    workspace = outcomes[1].workspace
    facts = {path.name: path.stat().st_mtime_ns for path in (workspace.stages / "facts").iterdir()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLEARTITLE_KEYS", str(folder / "keys"))
        from curation.recipe import load

        run(load(folder / "recipe.toml", ("decontaminate.words=8",)), workspace, workers=0)
    assert facts == {path.name: path.stat().st_mtime_ns for path in (workspace.stages / "facts").iterdir()}


def test_figures_of_a_run_are_kept_for_the_card(outcomes: tuple[Outcome, Outcome]) -> None:
    first, _ = outcomes
    found = {
        (one.topic, one.name): (round(one.value, 4), one.trials)
        for one in measurements.load(first.workspace, "harbour@1")
    }
    assert found == {
        ("agreement", "disagreement-highest"): (0.25, 3),
        ("agreement", "disagreement-median"): (0.0, 3),
        ("agreement", "krippendorff-alpha"): (-0.0727, 20),
        ("conflicts", "contradicting-labels"): (1.0, 1),
        ("skew", "dialect: evenness"): (0.8113, 20),
        ("skew", "dialect: top share"): (0.75, 20),
        ("skew", "language: evenness"): (1.0, 20),
        ("skew", "language: top share"): (1.0, 20),
    }  # fmt: skip
    card = first.card.read_text()
    assert "krippendorff-alpha" in card
    assert "contradicting-labels" in card


def test_contradicting_labels_name_both_records(outcomes: tuple[Outcome, Outcome]) -> None:
    workspace = outcomes[0].workspace
    [one] = figures.look(workspace, manifests.find(workspace, "harbour@1")).conflicts
    assert {one.label, one.keeper_label} == {"calm", "storm"}
    assert one.kind == "near"


def test_drift_is_told_with_its_size(outcomes: tuple[Outcome, Outcome]) -> None:
    workspace = outcomes[0].workspace
    found = {
        one.column: one
        for one in compare(workspace, manifests.find(workspace, "harbour@1"), manifests.find(workspace, "harbour@2"))
    }
    assert found["characters"].test == "Kolmogorov-Smirnov"
    assert found["characters"].effect == 1.0
    assert found["dialect"].test == "chi-square"
    assert round(found["dialect"].effect, 3) == 0.775
    assert (found["dialect"].stability or 0) > 0.25
    assert "language" not in found  # one value, the same in both
    drifting = {one.name for one in measurements.load(workspace, "harbour@2") if one.topic == "drift"}
    assert "characters" in drifting
    assert not {one.topic for one in measurements.load(workspace, "harbour@1")} & {"drift"}


def test_what_chance_explains_is_no_drift(outcomes: tuple[Outcome, Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    workspace, manifest = outcomes[1].workspace, outcomes[1].manifest
    made = [drift.ColumnDrift(name, "chi-square", 0.5, p, None, 2, 2) for name, p in (("few", 1.0), ("shifted", 0.04))]
    monkeypatch.setattr(drift, "compare", lambda *_: made)
    (one,) = figures._of_drift(workspace, manifest, "2026-01-02")
    assert one.name == "shifted"
    assert "p = 0.04 (over 0.05: left out)" in one.method


def test_the_commands_show_it(outcomes: tuple[Outcome, Outcome]) -> None:
    place = ["-w", str(outcomes[0].workspace.root)]
    shown = CliRunner().invoke(app, ["distribution", "harbour@1", *place])
    assert shown.exit_code == 0
    assert "Krippendorff's alpha -0.073 over 20 records" in shown.output
    assert "1 of 1 labelled pairs of duplicates contradict each other" in shown.output
    assert "dialect" in shown.output
    shown = CliRunner().invoke(app, ["distribution", "harbour@1", "--column", "frob", *place])
    assert "media_type, modality, contributor, dialect, found 'frob'" in str(shown.exception)
    shown = CliRunner().invoke(app, ["diff", "harbour@1", "harbour@2", *place])
    assert shown.exit_code == 0
    assert "drift of what stays" in shown.output
    assert "Kolmogorov-Smirnov" in shown.output
