"""Two versions and what changed between them, the same in every clone and however many work."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from catalog.diff import Diff, diff
from curation.recipe import load
from curation.runner import run


def two_versions(recipe: Path, clone: Path, workers: int) -> tuple[list[str], Diff]:
    """Run the recipe and, loosened, again, in a clone of its folder; the hashes, and what changed."""
    clone.mkdir()
    for path in recipe.parent.glob("*.*"):
        shutil.copy(path, clone)
    copied = clone / recipe.name
    hashes = [run(load(copied), workers=workers).manifest.hash]
    copied.write_text(copied.read_text("utf-8").replace("min = 8", "min = 1"), "utf-8")
    done = run(load(copied), workers=workers)
    return [*hashes, done.manifest.hash], diff(done.workspace, "harbour@1", "harbour@2")


def test_hashes_and_diff_are_the_same_in_every_clone_and_with_1_2_and_4_workers(recipe: Path) -> None:
    found = [two_versions(recipe, recipe.parent / f"clone-{workers}", workers) for workers in (1, 2, 4)]
    hashes, changed = found[0]
    assert len(set(hashes)) == 2
    assert (changed.added, changed.removed, changed.entered, changed.left) == (1, 0, 0, 0)
    assert [(shift.before, shift.after, shift.records) for shift in changed.decisions] == [("drop", "keep", 1)]
    for others, other in found[1:]:
        assert others == hashes
        # Which shards are shared tells how much was read; what changed is told by the rest.
        assert replace(other, shards_shared=0, shards_read=0) == replace(changed, shards_shared=0, shards_read=0)
