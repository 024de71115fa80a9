"""Sources that change under a run, or beside what names them: no record is lost, none passes unexamined."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from catalog.errors import UnreadableInput
from catalog.queries import query
from curation import plan
from curation.recipe import load
from curation.runner import Outcome, run


def again(recipe: Path) -> Outcome:
    return run(load(recipe), recipe.parent / "workspace", workers=0)


@pytest.mark.parametrize("change", [lambda rows: rows[:20], lambda rows: [rows[1], rows[0], *rows[2:]]])
def test_a_source_that_changes_while_benchmarks_are_looked_for_ends_the_run(
    change: object, recipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again(recipe)
    (recipe.parent / "quiz.txt").write_text("Which of the slipway notices was inspected first this year?\n", "utf-8")
    recipe.write_text(f'{recipe.read_text("utf-8")}[decontaminate]\nfiles = ["quiz.txt"]\n', "utf-8")
    path = recipe.parent / "texts.jsonl.gz"
    before, inputs = path.read_bytes(), plan.inputs

    def planned_before(*given: object, **named: object) -> object:
        found = inputs(*given, **named)
        rows = gzip.decompress(before).splitlines(keepends=True)
        path.write_bytes(gzip.compress(b"".join(change(rows)), mtime=0))
        return found

    monkeypatch.setattr(plan, "inputs", planned_before)
    with pytest.raises(UnreadableInput, match=r"texts\.jsonl\.gz: the file changed while it was read"):
        again(recipe)
    monkeypatch.undo()
    path.write_bytes(before)
    monkeypatch.setenv("CLEARTITLE_KEYS", str(recipe.parent / "keys"))
    assert again(recipe).records == 60


def test_works_beside_a_named_table_of_contributions_are_part_of_the_input(recipe: Path) -> None:
    folder = recipe.parent / "given"
    folder.mkdir()
    (folder / "contributions.csv").write_text("file,contributor,consent_scope\na.txt,wren,train; share\n", "utf-8")
    (folder / "a.txt").write_text("The ferry stairs are washed at low water, and again when the tide turns.", "utf-8")
    recipe.write_text(recipe.read_text("utf-8").replace("texts.jsonl.gz", "given/contributions.csv"), "utf-8")
    assert again(recipe).work["facts"] == 1
    assert "facts" not in again(recipe).work
    (folder / "a.txt").write_text("The dry dock is closed for a day, and the slipway is measured again then.", "utf-8")
    (folder / "b.txt").write_text("The lighthouse is opened to visitors on the second day of each week.", "utf-8")
    done = again(recipe)
    assert (done.work["facts"], done.records) == (1, 2)
    [(text,)] = query(done.workspace, f"SELECT text FROM content WHERE version = '{done.manifest.name}'").fetchall()
    assert "dry dock" in text
