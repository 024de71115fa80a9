"""A before/after sheet of one picture's record, in a temporary file that only its owner can read.

The source is read again; nothing of the picture is written into the workspace.
"""

from __future__ import annotations

import os
import sys
import tempfile
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import privacy
from catalog import keys, manifests
from catalog.errors import NotFound, UsageError
from catalog.queries import query
from catalog.values import Record, Region
from catalog.workspace import Workspace
from curation import as_run, facts, runner, sources, why
from curation.job import Job
from curation.sources import Item

GONE = "the source cannot be found, or it has changed since the version was made"


def write(workspace: Workspace, record: str, folder: Path | None = None) -> Path:
    """Write the sheet of a picture and return its place. `folder` is where the recipe is read from;
    none: the one that the workspace lies in."""
    identity = why.find(workspace, record)
    version = _newest(workspace, identity)
    [known] = _rows(workspace, version, identity, "SELECT modality, container, position, content_hash FROM facts")
    if known["modality"] != "image":
        raise UsageError("the record is a text, and a sheet shows pictures", cure="Leave out --open.", place=identity)
    job = _job(workspace, version, folder)
    found = next(
        (one for one in _read_again(job, known) if facts.content_hash(job, one) == known["content_hash"]), None
    )
    if found is None or found.image is None:
        raise NotFound(GONE, cure="Name the recipe's folder with --sources, or run again.", place=identity)
    done = privacy.redact_image(
        found.image, job.recipe.privacy.images, _regions(workspace, version, identity), job.image_options
    )
    notes = [f"{version}, record {identity}", *_reasons(workspace, version, identity)]
    return _private_file(privacy.before_after(found.image, done, notes))


def show(path: Path) -> bool:
    """Open the sheet where there is a screen; False where there is none."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    return webbrowser.open(path.as_uri())


def _job(workspace: Workspace, version: str, folder: Path | None) -> Job:
    manifest = manifests.find(workspace, version)
    recipe = as_run.recipe_of(workspace, manifest, folder)
    return Job(recipe, workspace, keys.load(workspace, manifest.dataset), runner.as_of(recipe))


def _read_again(job: Job, known: dict[str, Any]) -> Iterator[Record]:
    """What the source holds at the record's place."""
    for options in job.recipe.source:
        for one in sources.expand(options, job.recipe.folder):
            if facts.shown(job, one.name) != known["container"]:
                continue
            for item in sources.open_items(one, options):
                if item.position > known["position"]:
                    break
                if item.position == known["position"] and isinstance(item, Item):
                    parsed = sources.parse(item, one, options, job.keys.record_id)
                    yield from (record for record in parsed if isinstance(record, Record))


def _regions(workspace: Workspace, version: str, identity: str) -> list[Region] | None:
    """What the run found in the pixels; None where it did not look."""
    scans = _rows(workspace, version, identity, "SELECT regions FROM privacy")
    if not scans or scans[0]["regions"] is None:
        return None
    return [
        Region(**{**region, "polygon": tuple((int(x), int(y)) for x, y in region["polygon"])})
        for region in scans[0]["regions"]
    ]


def _reasons(workspace: Workspace, version: str, identity: str) -> Iterator[str]:
    for row in _rows(workspace, version, identity, "SELECT action, reasons FROM decisions"):
        yield f"decision: {row['action']}"
        for reason in row["reasons"] or ():
            told = f"because: {reason['reason']} ({reason['rule']}: {reason['value']})"
            yield f"{told}, {reason['threshold']}" if reason["threshold"] else told


def _newest(workspace: Workspace, identity: str) -> str:
    knowing = f"versions JOIN decisions USING (version) WHERE id = '{identity}'"
    found = query(workspace, f"SELECT version FROM {knowing} ORDER BY number DESC LIMIT 1").fetchone()
    if found is None:
        raise NotFound("no version knows this record", place=identity)
    return str(found[0])


def _rows(workspace: Workspace, version: str, identity: str, sql: str) -> list[dict[str, Any]]:
    found = query(workspace, f"{sql} WHERE version = '{version}' AND id = '{identity}'")
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def _private_file(sheet: bytes) -> Path:
    handle, name = tempfile.mkstemp(prefix="cleartitle-private-", suffix=".png")  # mode 600
    with os.fdopen(handle, "wb") as file:
        file.write(sheet)
    return Path(name)
