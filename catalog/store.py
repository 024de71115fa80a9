"""The one door to duckdb and pyarrow: connections, and reading and writing Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from catalog.schema import Family
from catalog.workspace import Workspace, write_atomically

_DICTIONARY = 1 << 16  # bytes; hashes outgrow any dictionary, and cost half as much if that shows soon
STORAGE_VERSION = "v1.5.0"  # what duckdb 1.5.x reads; 2.x writes a newer one unless told


def connect(workspace: Workspace, *, threads: int = 0, memory: str = "") -> duckdb.DuckDBPyConnection:
    """An in-memory connection that spills under the workspace and reaches no network."""
    workspace.spill.mkdir(parents=True, exist_ok=True)
    config: dict[str, Any] = {
        "temp_directory": str(workspace.spill),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "preserve_insertion_order": "true",
    }
    if threads:
        config["threads"] = str(threads)
    if memory:
        config["memory_limit"] = memory
    return duckdb.connect(":memory:", config=config)


def table(family: Family, rows: Sequence[dict[str, Any]], signals: Sequence[str] = ()) -> pa.Table:
    """Rows as an Arrow table of the family's schema; `signals` adds a float column each."""
    schema = family.schema
    for name in signals:
        schema = schema.append(pa.field(name, pa.float64()))
    return pa.Table.from_pylist(list(rows), schema=schema)


def write(path: Path, content: pa.Table) -> None:
    """Write one Parquet file atomically; the same table gives the same bytes."""
    # Statistics for ids only: a minimum or maximum of another column would repeat somebody's words.
    stats = [name for name in content.column_names if name == "id"]
    form: dict[str, Any] = {
        "compression": "zstd",
        "write_statistics": stats,
        "dictionary_pagesize_limit": _DICTIONARY,
    }
    write_atomically(path, lambda part: pq.write_table(content, part, **form))


def read(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """One Parquet file, whole. Batches are small by construction."""
    return pq.read_table(path, columns=list(columns) if columns else None, partitioning=None)


def rows(path: Path, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
    """The rows of one Parquet file as dictionaries, a group at a time."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=1024, columns=list(columns) if columns else None):
            yield from batch.to_pylist()


def rows_of(path: Path, column: str, value: str) -> list[dict[str, Any]]:
    """The rows with one value in a column that the file is sorted by; other row groups are not read."""
    found: list[dict[str, Any]] = pq.read_table(path, filters=[(column, "==", value)], partitioning=None).to_pylist()
    return found


def columns(path: Path) -> list[str]:
    """The column names of one Parquet file."""
    return list(pq.read_schema(path).names)


def literal(paths: Sequence[Path | str]) -> str:
    """A list of paths as an SQL literal, for read_parquet."""
    return "[" + ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths) + "]"
