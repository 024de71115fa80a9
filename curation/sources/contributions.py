"""Works that people contributed, each with who gave it and what they agreed to.

A folder holds the works and `contributions.csv` or `contributions.jsonl`, a row for each:
`file` (or `text`), `contributor`, `consent_scope` (separated by ;), `granted_at`, `expires`,
`withdrawn`, `title`, `caption`, `licence`. A work without a row enters without consent.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from catalog.errors import RecipeError
from catalog.values import Declared, Record, Source
from curation.sources._contract import LIMIT, Identify, Input, Item, Problem, SourceOptions, Tally, problem_address
from curation.sources._files import list_files, read_work
from curation.sources._rows import NotADate, Row, declared_by_row, words

KIND = "contributions"
SUFFIXES = ("contributions.csv", "contributions.jsonl")


@dataclass(frozen=True, slots=True)
class Contribution:
    """A work's name and its row; empty where it has none."""

    name: str
    row: Row = field(repr=False)


def read(source: Input, options: SourceOptions, tally: Tally) -> Iterator[Item | Problem]:
    """Rows first, in their order, then the works that no row names, sorted."""
    system, folder, table = _open(source)
    works = set(list_files(system, folder, options.include))
    position = 0
    for row in _rows(system, table):
        name = str(PurePosixPath(words(row.get("file"))))
        has_file = name not in ("", ".")
        tally.entries["row"] += 1
        if has_file and name not in works:
            found = "none, or a file of a kind that is not read"
            yield Problem(position, "no-file", "the file that the row names", found)
        else:
            yield Item(position, Contribution(name if has_file else "", row))
        works.discard(name)
        position += 1
    for name in sorted(works):
        tally.entries["file without a row"] += 1
        yield Item(position, Contribution(name, {}))
        position += 1


def _open(source: Input) -> tuple[Any, str, str]:
    """File system, folder, and the table in it. The path may name either."""
    import fsspec

    system, path = fsspec.core.url_to_fs(source.path)
    if path.endswith(SUFFIXES):
        return system, path.rpartition("/")[0], path
    tables = [f"{path}/{name}" for name in SUFFIXES if system.exists(f"{path}/{name}")]
    if len(tables) != 1:
        raise RecipeError(
            f"expected one of {' and '.join(SUFFIXES)} in the folder, found {'both' if tables else 'neither'}",
            cure='Add a row for each work, or read the folder with kind = "folder".',
            place=source.name,
        )
    return system, path, tables[0]


def _rows(system: Any, table: str) -> Iterator[Row]:
    with system.open(table, "rb") as file:
        lines = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
        if table.endswith(".csv"):
            yield from csv.DictReader(lines)
            return
        for line in lines:
            if line.strip():
                try:
                    row = json.loads(line)
                except ValueError:
                    row = None
                yield row if isinstance(row, dict) else {"file": "\0"}  # names no file: a Problem at its place


def parse(item: Item, source: Input, options: SourceOptions, identify: Identify) -> Iterator[Record | Problem]:
    """One contribution, with the consent its row records."""
    given: Contribution = item.payload
    address = f"{source.name.rstrip('/')}/{given.name}" if given.name else problem_address(source.name, item.position)
    id_ = identify(address)
    try:
        declared = _declared(given.row, options)
    except NotADate as column:
        yield Problem(item.position, "not-a-date", f"an ISO 8601 date in {column}", "something else", id_, address)
        return
    where = Source(address, source.name, item.position, "text/plain")
    if given.name:
        system, folder, _ = _open(source)
        yield read_work(system, f"{folder}/{given.name}", id_, where, declared)
        return
    text = given.row.get(options.text)
    if not isinstance(text, str) or not text.strip():
        yield Problem(item.position, "no-text", "a file or a text", "neither", id_, address)
    elif len(text) > LIMIT:
        yield Problem(item.position, "too-large", f"at most {LIMIT} characters", "more", id_, address)
    else:
        yield Record(id_, "text", where, text=text, declared=declared)


def _declared(row: Row, options: SourceOptions) -> Declared:
    named = {name: value for name, value in row.items() if name not in ("file", "licence")}
    licence = words(row.get("licence")) or words(row.get(options.licence_field)) or options.licence
    return replace(declared_by_row(named, options), licence=licence)
