"""kill -9 at any moment, then the same command again: the same hash, nothing twice, nothing lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from catalog import manifests
from catalog.queries import query
from catalog.workspace import Workspace
from curation.recipe import load
from curation.runner import run

ROWS = 60
# (stage, how many batches of it were done): one moment in each stage at least.
MOMENTS = [
    ("facts", 0),
    ("facts", 3),
    ("comparing", 2),
    ("duplicates", 0),
    ("privacy", 2),
    ("content", 2),
    ("deciding", 5),
    ("packing", 0),
    ("card", 0),
]


def start(recipe: Path, workspace: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "curation.cli", "run", str(recipe), "-w", str(workspace), "--workers", "2"]
    return subprocess.Popen(
        [*command, "--log", "json"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "CLEARTITLE_KEYS": str(recipe.parent / "keys")},
    )


def reaches(process: subprocess.Popen[str], stage: str, batches: int) -> bool:
    """Follow a run's log until it has done so many batches of a stage."""
    assert process.stderr is not None
    for line in process.stderr:
        event: dict[str, Any] = json.loads(line) if line.startswith("{") else {}
        begun = event.get("event") == "stage" and event.get("stage") == stage
        if begun and not batches:
            return True
        if event.get("event") == "batch" and event["stage"] == stage:
            batches -= 1
            if not batches:
                return True
    return False


def undisturbed(recipe: Path) -> str:
    return run(load(recipe), recipe.parent / "undisturbed", workers=0).manifest.hash


def check(recipe: Path, workspace: Path) -> None:
    """The committed version is whole, and its hash is that of a run nobody disturbed."""
    (manifest,) = manifests.versions(Workspace.open(workspace))
    assert manifest.hash == undisturbed(recipe)
    count, distinct = query(
        Workspace.open(workspace), "SELECT count(*), count(DISTINCT id) FROM decisions"
    ).fetchone() or (0, 0)
    assert (count, distinct) == (ROWS, ROWS)
    assert not list(workspace.rglob(".part-*"))


def test_killed_at_every_stage_in_turn_the_run_ends_as_if_undisturbed(recipe: Path) -> None:
    workspace = recipe.parent / "killed"
    for stage, batches in MOMENTS:
        process = start(recipe, workspace)
        assert reaches(process, stage, batches), (stage, batches)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
    process = start(recipe, workspace)
    process.communicate(timeout=60)
    assert process.returncode == 0
    check(recipe, workspace)


@pytest.mark.parametrize(("stage", "batches"), [("facts", 2), ("content", 1)])
def test_a_killed_worker_changes_nothing(recipe: Path, stage: str, batches: int) -> None:
    workspace = recipe.parent / "worker"
    process = start(recipe, workspace)
    assert reaches(process, stage, batches)
    for worker in psutil.Process(process.pid).children():
        worker.kill()
    process.communicate(timeout=60)
    assert process.returncode == 0
    check(recipe, workspace)
