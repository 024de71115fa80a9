"""`run --dry-run`: work a sample through every stage in a throw-away workspace, and say what all of it would take."""

from __future__ import annotations

import contextlib
import os
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog import consents, keys, manifests, suppression
from catalog.workspace import MARKER, Workspace
from curation import plan, sources
from curation.recipe import Recipe
from curation.runner import run
from curation.screen import outcomes
from curation.stages import Progress

SAMPLE = 64  # items of each input
COUNTING = 20.0  # seconds spent at most on counting what is there


@dataclass(frozen=True, slots=True)
class Preview:
    """What a full run would take, judged by a sample. Times are for this machine."""

    sampled: int
    records: int
    counted_all: bool  # False: counting was stopped, there are at least so many
    seconds: float
    workers: int
    memory: int  # bytes, all workers together
    disk: int  # bytes
    shares: tuple[tuple[str, float, str], ...]  # (action, share of the sample, reason or "" for all of the action)


def preview(
    recipe: Recipe, workers: int | None = None, progress: Progress | None = None, place: Path | None = None
) -> Preview:
    """Estimate a run of the recipe in the workspace at `place`. Nothing of it stays on disk."""
    with tempfile.TemporaryDirectory(prefix="cleartitle-dry-run-") as folder:
        workspace = Workspace.create(Path(folder) / "workspace")
        own = Path(folder) / "keys"
        own.mkdir(mode=0o700)
        if place and (place / MARKER).is_file():
            _borrow(Workspace.open(place), workspace, own, recipe.duplicates.against)
        with _own_keys(own):
            done = run(recipe, workspace, workers=0, limit=SAMPLE, progress=progress)
            total, whole = _count(recipe, workspace)
        count = workers or recipe.run.workers or os.cpu_count() or 1
        factor = total / max(done.records, 1)
        used = sum(_size(path) for path in workspace.root.rglob("*"))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        return Preview(
            sampled=done.records,
            records=total,
            counted_all=whole,
            seconds=done.seconds * max(factor, 1.0) / count,
            workers=count,
            memory=peak * (count + 1),
            disk=int(used * max(factor, 1.0)),
            shares=tuple(
                (action, count / max(done.records, 1), reason)
                for action, count, reason in outcomes(workspace, done.manifest.name)
            ),
        )


def _borrow(theirs: Workspace, ours: Workspace, own_keys: Path, against: Sequence[str]) -> None:
    """What a run there would meet, as links: what people said, what was erased, earlier versions, keys."""
    said = [theirs.reviews, suppression.path(theirs), consents.path(theirs)]
    found = [manifests.find(theirs, name) for name in against]
    shards = [theirs.root / shard.path for one in found for group in one.shards.values() for shard in group]
    for path in (*said, *shards, *(theirs.versions / f"{one.name}.json" for one in found)):
        if path.is_file():
            link = ours.root / path.relative_to(theirs.root)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to(path.resolve())
    for key in keys.key_folder(theirs).glob("*.key"):
        (own_keys / key.name).symlink_to(key.resolve())


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() and not path.is_symlink() else 0


@contextlib.contextmanager
def _own_keys(folder: Path) -> Iterator[None]:
    """Keys of the throw-away workspace are thrown away with it, whatever keys the user has."""
    before = os.environ.get("CLEARTITLE_KEYS")
    os.environ["CLEARTITLE_KEYS"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["CLEARTITLE_KEYS"]
        else:
            os.environ["CLEARTITLE_KEYS"] = before


def _count(recipe: Recipe, workspace: Workspace) -> tuple[int, bool]:
    """How many items the inputs hold, by the cheap reader; stops after a while."""
    end = time.monotonic() + COUNTING
    total = 0
    for planned in plan.inputs(recipe, workspace, keys.load(workspace, recipe.dataset)):
        for _ in sources.open_items(planned.input, planned.options):
            total += 1
            if time.monotonic() > end:
                return total, False
    return total, True
