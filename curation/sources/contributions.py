"""Works that people contributed, each with who gave it and what they agreed to.

A folder holds the works and `contributions.csv` or `contributions.jsonl`, a row for each:
`file` (or `text`, with an `id`), `contributor`, `consent_scope` (separated by ;), `granted_at`, `expires`,
`withdrawn`, `title`, `caption`, `licence`. A work without a row enters without consent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from catalog.errors import RecipeError
from catalog.values import Declared, Record, Source
from curation.sources import jsonl, table_csv
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
    """Rows first, in their order, then the works that no row names, sorted.

    A work that two rows name, and any that an unreadable row may name, is a Problem: consent may hang on it.
    """
    system, folder, table = _open(source)
    whole = replace(source, path=system.unstrip_protocol(table))
    works = set(list_files(system, folder, options.include))
    times = Counter(_name(found) for found in _rows(whole, options, Tally()) if isinstance(found, Item))
    position = -1
    unsure = False
    for found in _rows(whole, options, tally):
        position, unsure = found.position, unsure or isinstance(found, Problem)
        yield found if isinstance(found, Problem) else _contribution(found, works, times)
    for name in sorted(works - times.keys()):
        position += 1
        tally.entries["file without a row"] += 1
        if unsure:
            told = "rows that can all be read", "one that may be this file's"
            yield Problem(position, "row-unreadable", *told, address=f"{source.name.rstrip('/')}/{name}")
        else:
            yield Item(position, Contribution(name, {}))


def _contribution(row: Item, works: set[str], times: Mapping[str, int]) -> Item | Problem:
    name = _name(row)
    if name and name not in works:
        return Problem(row.position, "no-file", "the file that the row names", "none, or of a kind that is not read")
    if name and times[name] > 1:
        return Problem(row.position, "named-twice", "one row for a file", f"{times[name]}")
    return replace(row, payload=Contribution(name, row.payload))


def _name(row: Item) -> str:
    """The file that a row names; empty where it holds a text."""
    name = str(PurePosixPath(words(row.payload.get("file"))))
    return "" if name == "." else name


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


def _rows(table: Input, options: SourceOptions, tally: Tally) -> Iterator[Item | Problem]:
    """The rows of the table, as other tables of its form are read."""
    if table.path.endswith(".csv"):
        yield from table_csv.read(table, options, tally)
        return
    for found in jsonl.read(table, options, tally):
        row = jsonl.row(found.payload) if isinstance(found, Item) else None
        if isinstance(found, Problem):
            yield found
        elif row is None:
            yield Problem(found.position, "not-json", "a JSON object", "something else")
        else:
            yield replace(found, payload=row)


def parse(item: Item, source: Input, options: SourceOptions, identify: Identify) -> Iterator[Record | Problem]:
    """One contribution, with the consent its row records."""
    given: Contribution = item.payload
    address = _address(given, item.position, source, options)
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


def _address(given: Contribution, position: int, source: Input, options: SourceOptions) -> str:
    """A text keeps its id when the table is reordered, if its row has a key of its own."""
    if given.name:
        return f"{source.name.rstrip('/')}/{given.name}"
    key = words(given.row.get(options.id_field))
    return f"{source.name}#{key}" if key else problem_address(source.name, position)


def _declared(row: Row, options: SourceOptions) -> Declared:
    named = {name: value for name, value in row.items() if name not in ("file", "licence")}
    licence = words(row.get("licence")) or words(row.get(options.licence_field)) or options.licence
    return replace(declared_by_row(named, options), licence=licence)
