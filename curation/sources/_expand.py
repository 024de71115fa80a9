"""From the paths of a recipe to the inputs of a run: globs, local and remote, sorted."""

from __future__ import annotations

import os
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from catalog.errors import RecipeError
from curation.sources import _kinds
from curation.sources._contract import Input, SourceOptions

_COMPRESSED = (".gz", ".zst", ".zstd", ".bz2", ".xz")
_SIDE_FILES = ("contributions.csv", "contributions.jsonl")


def expand(options: SourceOptions, root: Path | str) -> list[Input]:
    """The inputs that one source of a recipe names; `root` is the recipe's folder.

    A path that matches nothing is an error: a run that silently reads less than was asked
    for is worse than none.
    """
    if options.kind and options.kind not in _kinds.names():
        raise RecipeError(
            f"there is no kind of source called {options.kind!r}",
            cure=f"Use one of: {', '.join(_kinds.names())}.",
            place=options.path,
        )
    if options.kind == "huggingface" and not _is_remote(options.path) and not (Path(root) / options.path).exists():
        return [Input(options.path, options.path, "huggingface")]  # an id on the hub
    system, found = _find(options, Path(root))
    inputs = [made for path in sorted(found) for made in _inputs(system, path, options, Path(root))]
    if not inputs:
        raise RecipeError(
            "no file matches" if _is_glob(options.path) else "there is no such file or folder",
            cure="Paths are read relative to the recipe's folder; mend `path` in this [[source]].",
            place=options.path,
        )
    return inputs


def _is_remote(path: str) -> bool:
    return "://" in path or "::" in path


def _is_glob(path: str) -> bool:
    return any(sign in path for sign in "*?[")


def _find(options: SourceOptions, root: Path) -> tuple[Any, list[str]]:
    import fsspec

    whole = options.path if _is_remote(options.path) else str(root.absolute() / Path(options.path).expanduser())
    try:
        system, path = fsspec.core.url_to_fs(whole)
        if system.exists(path):  # first: a real name may hold a bracket
            return system, [path]
        return system, [str(found) for found in system.glob(path)] if _is_glob(path) else []
    except (OSError, ValueError, ImportError) as error:
        raise RecipeError(
            f"the path cannot be opened: {type(error).__name__}",
            cure="Check the address, and that the package for its protocol is installed.",
            place=options.path,
        ) from error


def _inputs(system: Any, path: str, options: SourceOptions, root: Path) -> list[Input]:
    if not system.isdir(path):
        kind = options.kind or kind_of(path) or _sniff(system, path)
        if not kind:
            raise RecipeError(
                "the kind of this file cannot be told from its name or its beginning",
                cure=f"Say it with `kind` in this [[source]]: {', '.join(_kinds.names())}.",
                place=_name(system, path, root),
            )
        return [Input(_address(system, path), _name(system, path, root), kind, int(system.size(path) or 0))]
    kind = options.kind or _kind_of_folder(system, path)
    if kind in ("folder", "contributions", "huggingface"):
        return [Input(_address(system, path), _name(system, path, root), kind)]
    inside = sorted(str(found) for found in system.find(path))
    wanted = [found for found in inside if _included(found, path, options)]
    return [made for found in wanted for made in _inputs(system, found, options, root)]


def _included(found: str, folder: str, options: SourceOptions) -> bool:
    name = os.path.relpath(found, folder)
    if options.include:
        return any(fnmatch(name, pattern) for pattern in options.include)
    return bool(kind_of(found))


def _kind_of_folder(system: Any, path: str) -> str:
    names = {str(found).rstrip("/").rpartition("/")[2] for found in system.ls(path, detail=False)}
    if names & set(_SIDE_FILES):
        return "contributions"
    if names & {"dataset_info.json", "dataset_dict.json"}:
        return "huggingface"
    containers = any(kind_of(str(found)) for found in system.find(path))
    return "" if containers else "folder"


def kind_of(path: str) -> str:
    """The kind of source that a file name tells; empty where it tells none."""
    name = path.lower()
    for ending in _COMPRESSED:
        name = name.removesuffix(ending)
    return next((kind for kind in _kinds.names() if name.endswith(_kinds.module(kind).SUFFIXES)), "")


def _sniff(system: Any, path: str) -> str:
    """An archive under another name is known by its beginning."""
    from curation.sources._stream import Damaged, open_stream

    with system.open(path, "rb") as raw:
        try:
            line = open_stream(raw).peek_line()
        except Damaged:
            return ""
    return "warc" if line.startswith((b"WARC/", b"filedesc://")) else ""


def _address(system: Any, path: str) -> str:
    return path if system.protocol in ("file", ("file", "local")) else str(system.unstrip_protocol(path))


def _name(system: Any, path: str, root: Path) -> str:
    address = _address(system, path)
    return address if _is_remote(address) else Path(os.path.relpath(address, root.absolute())).as_posix()
