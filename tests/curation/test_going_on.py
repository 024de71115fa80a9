"""A run that goes on where others stopped: nothing half done counts as done, nothing that was only once so stays."""

from __future__ import annotations

import dataclasses
import gzip
from pathlib import Path

import pytest

from catalog import manifests
from catalog.queries import query
from curation.recipe import load
from curation.runner import Outcome, run


class Stopped(Exception):
    """The run ends here."""


def again(recipe: Path) -> Outcome:
    return run(load(recipe), recipe.parent / "workspace", workers=0)


def test_a_version_that_was_amended_is_not_given_again_for_what_the_same_run_makes(recipe: Path) -> None:
    done = again(recipe)
    manifests.write(done.workspace, dataclasses.replace(done.manifest, amendment=1))
    assert again(recipe).manifest.name == "harbour@2"


def test_a_source_that_was_gone_in_a_run_that_ended_early_is_asked_again(recipe: Path) -> None:
    path = recipe.parent / "texts.jsonl.gz"
    before = path.read_bytes()

    class Change:
        """Changes a record once its facts are known, and ends the run before its version is committed."""

        def begin(self, stage: str, total: int | None) -> None:
            if stage == "privacy":
                path.write_bytes(gzip.compress(gzip.decompress(before).replace(b"Notice 1:", b"Notice x:", 1)))
            if stage == "packing":
                raise Stopped

        def advance(self, stage: str, count: int, batch: str) -> None: ...

    with pytest.raises(Stopped):
        run(load(recipe), recipe.parent / "workspace", workers=0, progress=Change())
    path.write_bytes(before)
    done = again(recipe)
    sql = "SELECT count(*) FROM reasons WHERE reason IN ('source-gone', 'privacy-not-examined')"
    assert query(done.workspace, sql).fetchone() == (0,)


def test_facts_that_are_missing_are_found_again_and_only_they(recipe: Path) -> None:
    first = again(recipe)
    lost, *_ = (first.workspace.stages / "facts").glob("*.parquet")
    lost.unlink()
    second = again(recipe)
    assert (second.work, second.manifest) == ({"facts": 1}, first.manifest)
