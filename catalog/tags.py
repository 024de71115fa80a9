"""Tags: names people give to versions. harbour@paper is usable wherever harbour@1 is."""

from __future__ import annotations

import json
import re
from pathlib import Path

from catalog.errors import FormatError, NotFound, UsageError
from catalog.workspace import Workspace, refuse_newer, write_text

FORMAT = 1
_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,63}")  # never a number: that names a version itself


def read(workspace: Workspace) -> dict[str, dict[str, int]]:
    """The number behind each tag of each dataset."""
    path = _path(workspace)
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text("utf-8"))
        refuse_newer(found["format"], FORMAT, path)
        return {dataset: {label: int(number) for label, number in of.items()} for dataset, of in found["tags"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FormatError("expected tags (JSON), found something else", place=str(path)) from error


def put(workspace: Workspace, dataset: str, number: int, label: str, *, move: bool = False) -> None:
    """Give a version a tag. A tag that names another version already is moved only where that is asked for."""
    if not _LABEL.fullmatch(label):
        raise UsageError(
            f"a tag begins with a letter; letters, digits, dots, hyphens and underscores follow, found {label!r}"
        )
    known = read(workspace)
    there = known.get(dataset, {}).get(label)
    if there not in (None, number) and not move:
        raise UsageError(
            f"{dataset}@{label} is version {there} already", cure="Choose another tag, or move this one with --move."
        )
    known.setdefault(dataset, {})[label] = number
    _write(workspace, known)


def remove(workspace: Workspace, dataset: str, label: str) -> None:
    """Take a tag away; the version stays."""
    known = read(workspace)
    if known.get(dataset, {}).pop(label, None) is None:
        raise NotFound(f"{dataset} has no tag {label!r}", place=str(workspace.root))
    _write(workspace, known)


def _write(workspace: Workspace, known: dict[str, dict[str, int]]) -> None:
    text = json.dumps({"format": FORMAT, "tags": known}, indent=1, sort_keys=True) + "\n"
    write_text(_path(workspace), text)


def _path(workspace: Workspace) -> Path:
    return workspace.versions / "tags.json"
