"""The run, from a recipe to a version with its card: the whole way through the house."""

from __future__ import annotations

import datetime as dt
import os
import secrets
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from catalog import cards, consents, erase, keys, suppression
from catalog.manifests import Manifest
from catalog.publish import publish
from catalog.workspace import Workspace
from curation import figures, picture_recall, plan
from curation.commit import commit, forget_gone
from curation.executors.local import LocalExecutor
from curation.job import Job
from curation.log import Form, RunLog
from curation.recipe import Recipe, load
from curation.stages import Progress, Silent, Stages


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to. `work` counts the batches each stage really computed."""

    manifest: Manifest
    workspace: Workspace
    card: Path
    records: int
    unreadable: int  # records and parts of files that could not be read
    work: dict[str, int]
    seconds: float


def run(
    recipe: Recipe | Path | str,
    workspace: Workspace | Path | str | None = None,
    *,
    workers: int | None = None,
    limit: int | None = None,
    progress: Progress | None = None,
    log: Form = "none",
) -> Outcome:
    """Run a recipe to a committed, published version; go on where an earlier run stopped.

    `workspace` defaults to a folder `workspace` beside the recipe; `limit` reads that many
    items of each input; `workers=0` works in this process. Raises the errors of
    `catalog.errors`; parts of inputs that cannot be read are no error but counted.
    """
    started = time.monotonic()
    recipe = recipe if isinstance(recipe, Recipe) else load(recipe)
    if not isinstance(workspace, Workspace):
        workspace = Workspace.create(workspace or recipe.folder / "workspace")
    name = f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    journal = RunLog(workspace.runs / f"{name}.jsonl", name, log)
    try:
        with workspace.lock():
            workspace.spill.mkdir(parents=True, exist_ok=True)
            return _run(recipe, workspace, name, workers, limit, progress or Silent(), journal, started)
    except BaseException as error:
        journal.event("failed", error=type(error).__name__)
        raise
    finally:
        journal.close()


def _run(
    recipe: Recipe,
    workspace: Workspace,
    name: str,
    workers: int | None,
    limit: int | None,
    progress: Progress,
    journal: RunLog,
    started: float,
) -> Outcome:
    erase.finish(workspace)
    said, erased = consents.load(workspace), suppression.load(workspace)
    job = Job(recipe, workspace, keys.load(workspace, recipe.dataset), as_of(recipe), said, erased)
    forget_gone(workspace)
    _ = job.redaction_rules, job.removals, job.engine  # what is wrong in them is told before any work
    planned = plan.inputs(recipe, workspace, job.keys, limit)
    count = workers if workers is not None else recipe.run.workers or os.cpu_count() or 1
    journal.event("started", dataset=recipe.dataset, inputs=len(planned), workers=count)
    told = Told(progress, journal)
    with LocalExecutor(job, count) as pool:
        stages = Stages(job, planned, pool, told, limit)
        stages.find_facts()
        judged = stages.decide()
    told.begin("packing", None)
    manifest = commit(stages, judged, name)
    journal.event("committed", version=manifest.name, hash=manifest.hash)
    told.begin("card", None)
    picture_recall.note(workspace, manifest.name, recipe.privacy.images)
    figures.save(workspace, manifest, recipe.distribution.columns)
    publish(workspace)
    card = cards.write(workspace, manifest, recipe.folder / recipe.card if recipe.card else None)
    journal.event("published", version=manifest.name)
    unreadable = sum(item.unreadable for item in judged)
    records = sum(sum((item.actions for item in judged), Counter[str]()).values())
    return Outcome(manifest, workspace, card, records, unreadable, dict(stages.work), time.monotonic() - started)


def as_of(recipe: Recipe) -> dt.datetime:
    """The moment consent is judged at: the recipe's date, or now. UTC, without a zone."""
    if recipe.as_of:
        return dt.datetime.combine(recipe.as_of, dt.time())
    return dt.datetime.now(dt.UTC).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)


class Told:
    """Progress that is also written to the log."""

    def __init__(self, progress: Progress, journal: RunLog) -> None:
        self._progress = progress
        self._journal = journal

    def begin(self, stage: str, total: int | None) -> None:
        self._journal.event("stage", stage=stage, total=total)
        self._progress.begin(stage, total)

    def advance(self, stage: str, count: int, batch: str) -> None:
        self._journal.event("batch", stage=stage, batch=batch, count=count)
        self._progress.advance(stage, count, batch)
