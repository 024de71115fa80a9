"""`run --dry-run`: work a sample through every stage in a throw-away workspace, and say what all of it would take."""

from __future__ import annotations

import contextlib
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from catalog import keys
from catalog.queries import query
from catalog.workspace import Workspace
from curation import plan, sources
from curation.recipe import Recipe
from curation.runner import run
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
    shares: tuple[tuple[str, str, float], ...]  # (action, reason or "", share of the sample)


def preview(recipe: Recipe, workers: int | None = None, progress: Progress | None = None) -> Preview:
    """Estimate a run of the recipe. Nothing of it stays on disk."""
    with tempfile.TemporaryDirectory(prefix="cleartitle-dry-run-") as folder:
        workspace = Workspace.create(Path(folder) / "workspace")
        with _own_keys(Path(folder) / "keys"):
            done = run(recipe, workspace, workers=0, limit=SAMPLE, progress=progress)
            total, whole = _count(recipe, workspace)
        count = workers or recipe.run.workers or os.cpu_count() or 1
        factor = total / max(done.records, 1)
        used = sum(path.stat().st_size for path in workspace.root.rglob("*") if path.is_file())
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        return Preview(
            sampled=done.records,
            records=total,
            counted_all=whole,
            seconds=done.seconds * max(factor, 1.0) / count,
            workers=count,
            memory=peak * (count + 1),
            disk=int(used * max(factor, 1.0)),
            shares=_shares(workspace, done.records),
        )


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


def _shares(workspace: Workspace, records: int) -> tuple[tuple[str, str, float], ...]:
    rows = query(
        workspace,
        """SELECT action, '' AS reason, count(*) AS n FROM decisions GROUP BY action
           UNION ALL SELECT action, reason, count(DISTINCT id) FROM reasons GROUP BY action, reason
           ORDER BY action, reason <> '', n DESC, reason""",
    ).fetchall()
    return tuple((action, reason, count / max(records, 1)) for action, reason, count in rows)
