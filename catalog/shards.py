"""Immutable shards: batches concatenated in plan order, named by a hash of their bytes.

A boundary falls at a fixed size and at the end of every large enough input file, so that
an unchanged input gives the same shards in the next version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from catalog import store
from catalog.schema import Family
from catalog.workspace import Workspace, part_of

ROWS = 100_000
BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class Shard:
    """One shard of a version. `path` is relative to the workspace."""

    path: str
    sha256: str
    rows: int
    bytes: int


def pack(
    workspace: Workspace, family: Family, groups: Iterable[Iterable[pa.Table]], *, rows: int = ROWS, size: int = BYTES
) -> tuple[Shard, ...]:
    """Write the tables of each group (one group per input file) as shards of one family."""
    return tuple(_write(workspace, family, tables) for tables in _cut(groups, rows, size))


def _cut(groups: Iterable[Iterable[pa.Table]], rows: int, size: int) -> Iterator[list[pa.Table]]:
    held: list[pa.Table] = []
    held_rows = held_bytes = 0
    for group in groups:
        for table in group:
            if not table.num_rows:
                continue
            held.append(table)
            held_rows += table.num_rows
            held_bytes += table.nbytes
            if held_rows >= rows or held_bytes >= size:
                yield held
                held, held_rows, held_bytes = [], 0, 0
        if held and (held_rows >= rows // 4 or held_bytes >= size // 4):
            yield held
            held, held_rows, held_bytes = [], 0, 0
    if held:
        yield held


def _write(workspace: Workspace, family: Family, tables: list[pa.Table]) -> Shard:
    # Signals differ between batches read by different checks: missing columns become NULL.
    return save(workspace, family.name, pa.concat_tables(tables, promote_options="default"))


def save(workspace: Workspace, family: str, content: pa.Table) -> Shard:
    """Write one table as one shard of a family."""
    folder = workspace.shards / family
    draft = part_of(folder / "shard")
    store.write(draft, content)
    sha = file_hash(draft)
    final = folder / f"{sha[:32]}.parquet"
    draft.replace(final)
    return Shard(str(final.relative_to(workspace.root)), sha, content.num_rows, final.stat().st_size)


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes: an address, and a check against damage."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def unused(workspace: Workspace, used: Iterable[str]) -> Iterator[Path]:
    """Shards on disk that no manifest names: leftovers of killed commits."""
    names = set(used)
    for path in sorted(workspace.shards.glob("*/*.parquet")):
        if str(path.relative_to(workspace.root)) not in names:
            yield path
