"""Where records are: which of a workspace's Parquet files hold given ids, found by reading ids alone."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from catalog import manifests, store
from catalog.workspace import STAGED, Workspace

_FILES = 2000  # at a time: a statement that names more takes longer to parse than to run


def folders(workspace: Workspace) -> Iterator[tuple[Path, list[Path]]]:
    """The Parquet files that hold rows by record, by folder. Those of one folder have the same columns.

    What is not ours to rewrite is dealt with whole: an export is removed, a cache emptied, a model out of reach.
    """
    found = sorted(
        path
        for top in (workspace.shards, workspace.stages)
        for path in top.rglob("*.parquet")
        if not path.name.startswith(STAGED)
    )
    for folder, group in itertools.groupby(found, key=lambda path: path.parent):
        files = list(group)
        if "id" in store.columns(files[0]):
            yield folder, files


def holding(workspace: Workspace, ids: Sequence[bytes]) -> list[Path]:
    """The files with a row of one of these records, or one that names it as the record that stands for it."""
    found: list[Path] = []
    with store.connect(workspace) as connection:
        connection.register("wanted", id_table(ids))
        for _, files in folders(workspace):
            mentioned = [name for name in ("id", "keeper", "renamed") if name in store.columns(files[0])]
            for part in _parts(files):
                found += _in(connection, part, mentioned)
    return sorted(set(found))


def _in(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], columns: Sequence[str]) -> Iterator[Path]:
    for column in columns:
        sql = f"""SELECT DISTINCT filename FROM read_parquet({store.literal(files)}, filename=true, union_by_name=true)
                  WHERE "{column}" IN (SELECT id FROM wanted)"""
        yield from (Path(row[0]) for row in connection.execute(sql).fetchall())


def _parts(files: Sequence[Path]) -> Iterator[Sequence[Path]]:
    for start in range(0, len(files), _FILES):
        yield files[start : start + _FILES]


def id_table(ids: Iterable[bytes]) -> pa.Table:
    """Ids as a table that DuckDB can join with."""
    storage = pa.array(list(ids), pa.binary(16))
    return pa.table({"id": pa.ExtensionArray.from_storage(pa.uuid(), storage)})


def shard_paths(workspace: Workspace, family: str) -> list[Path]:
    """The shards of one family that some version names."""
    known = {path for one in manifests.versions(workspace) for path in one.paths(workspace, family)}
    return sorted(known)
