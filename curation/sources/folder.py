"""A folder of texts or pictures, each with what a sidecar file says of it.

Beside `pier.jpg` may lie `pier.json` or `pier.jpg.json` (the columns of a table row),
`pier.jpg.license` (REUSE: SPDX-License-Identifier lines) and `pier.xmp`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from catalog.values import Declared, Record, Source
from curation.sources._contract import Identify, Input, Item, Problem, SourceOptions, Tally
from curation.sources._files import list_files, read_work
from curation.sources._rows import NotADate, declared_by_row

KIND = "folder"
SUFFIXES = ()  # told by what a folder holds, not by a name

_SUFFIX = re.compile(r"\.[a-z][a-z0-9]{0,7}")  # not all that may stand behind a dot
_SIDECAR_LIMIT = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Work:
    """A file and its sidecars, by name within the folder."""

    name: str
    sidecars: tuple[str, ...]


def read(source: Input, options: SourceOptions, tally: Tally) -> Iterator[Item | Problem]:
    """The works of a folder, sorted by name; what is neither work nor sidecar is tallied."""
    import fsspec

    system, folder = fsspec.core.url_to_fs(source.path)
    every = {str(path).removeprefix(folder).lstrip("/") for path in system.find(folder)}
    works = list_files(system, folder, options.include)
    used: set[str] = set()
    for position, name in enumerate(works):
        sidecars = tuple(found for found in _sidecar_names(name) if found in every)
        used.update((name, *sidecars))
        tally.entries["file"] += 1
        yield Item(position, Work(name, sidecars))
    for name in every - used:
        suffix = PurePosixPath(name).suffix.lower()
        tally.entries[f"other file {suffix}" if _SUFFIX.fullmatch(suffix) else "other file"] += 1


def _sidecar_names(name: str) -> tuple[str, ...]:
    stem = str(PurePosixPath(name).with_suffix(""))
    return (f"{name}.json", f"{stem}.json", f"{name}.license", f"{name}.xmp", f"{stem}.xmp")


def parse(item: Item, source: Input, options: SourceOptions, identify: Identify) -> Iterator[Record | Problem]:
    """One file as a record."""
    import fsspec

    work: Work = item.payload
    system, folder = fsspec.core.url_to_fs(source.path)
    address = f"{source.name.rstrip('/')}/{work.name}"
    id_ = identify(address)
    markup: list[str] = []
    declared = Declared(licence=options.licence)
    for name in work.sidecars:
        try:
            content = system.cat_file(f"{folder}/{name}", end=_SIDECAR_LIMIT + 1)
            declared = _with_sidecar(declared, name, content, options)
        except (NotADate, ValueError, OSError):
            yield Problem(item.position, "bad-sidecar", "a sidecar that can be read", "one that cannot", id_, address)
            return
        markup.append(content.decode("utf-8", "replace"))
    where = Source(address, source.name, item.position)
    found = read_work(system, f"{folder}/{work.name}", id_, where, declared)
    if isinstance(found, Record) and markup:
        # Sidecars speak for the work as its page would: they go before the page's own markup.
        found = replace(found, markup="\n".join((*markup, found.markup)) if found.markup else "\n".join(markup))
    yield found


def _with_sidecar(declared: Declared, name: str, content: bytes, options: SourceOptions) -> Declared:
    if len(content) > _SIDECAR_LIMIT:
        raise ValueError("too large")
    if name.endswith(".json"):
        row: Any = json.loads(content)
        if not isinstance(row, dict):
            raise ValueError("not an object")
        return declared_by_row(row, options)
    if name.endswith(".xmp"):
        from privacy.pictures import xmp

        return replace(declared, fields=(*declared.fields, *xmp.read(content).fields))
    lines = content.decode("utf-8", "replace").splitlines()
    notices = tuple(("SPDX-FileCopyrightText", notice) for notice in _told(lines, "SPDX-FileCopyrightText:"))
    licence = " OR ".join(_told(lines, "SPDX-License-Identifier:")) or declared.licence
    return replace(declared, licence=licence, fields=(*declared.fields, *notices))


def _told(lines: list[str], tag: str) -> list[str]:
    """What stands behind a REUSE tag, without the end of a comment around it."""
    told = (line.partition(tag)[2].strip().removesuffix("-->").removesuffix("*/").strip() for line in lines)
    return [value for value in told if value]
