"""Publishing: catalog.duckdb is made anew from manifests and shards and put in place in one step.

It is a read-only front for any DuckDB client: small tables, counts taken once, and views over
the shards. It holds nothing that cannot be made again, and no writer ever opens it in place.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from catalog import manifests, schema, store
from catalog.checks import discover
from catalog.manifests import Manifest
from catalog.rollups import ROLLUPS
from catalog.tables import TABLES
from catalog.views import RECORD, VERSION, VIEWS, base
from catalog.workspace import Workspace, write_atomically

FORMAT = 1
log = logging.getLogger(__name__)

ABOUT = (
    ("format", "INTEGER", "Format number of this file."),
    ("workspace", "VARCHAR", "Id of the workspace."),
    ("root", "VARCHAR", "Folder the views read from; after a move, `cleartitle doctor` publishes anew."),
    ("published_at", "TIMESTAMP", "When this file was made (UTC)."),
)
ABOUT_COMMENT = "This file: its format and where it reads from."
SIGNALS_COMMENT = "Quality signals: one row for each record, one column for each signal. NULL: not examined."


def publish(workspace: Workspace) -> Path:
    """Make catalog.duckdb anew; readers of the old file keep it until they open it again."""
    _remove_stale_log(workspace.catalog)
    write_atomically(workspace.catalog, lambda part: build(workspace, part, manifests.versions(workspace)), mode=0o444)
    _remove_stale_log(workspace.catalog)
    return workspace.catalog


def build(workspace: Workspace, path: Path, versions: Sequence[Manifest]) -> None:
    """Write a catalog of these versions to a new file."""
    with store.connect(workspace) as connection:
        connection.execute("SET parquet_metadata_cache = true")
        connection.execute(
            f"ATTACH {store.literal([path])[1:-1]} AS catalog (STORAGE_VERSION '{store.STORAGE_VERSION}')"
        )
        connection.execute("USE catalog")
        _tables(connection, workspace, versions)
        for family in schema.FAMILIES.values():
            _base_view(connection, workspace, versions, family)
        _signals_view(connection, workspace, versions)
        for view in VIEWS:
            connection.execute(f"CREATE VIEW {view.name} AS {view.sql}")
            _comment(connection, "VIEW", view.name, view.comment, view.columns)
        for rollup in ROLLUPS:
            connection.execute(f"CREATE TABLE {rollup.name} AS {rollup.sql}")
            _comment(connection, "TABLE", rollup.name, rollup.comment, rollup.columns)
        connection.execute("USE memory")
        connection.execute("DETACH catalog")


def _tables(connection: duckdb.DuckDBPyConnection, workspace: Workspace, versions: Sequence[Manifest]) -> None:
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    _table(connection, "about", ABOUT_COMMENT, ABOUT, [(FORMAT, workspace.id, str(workspace.root), now)])
    for table in TABLES:
        _table(connection, table.name, table.comment, table.columns, list(table.rows(workspace, versions)))


def _table(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    comment: str,
    columns: Sequence[tuple[str, str, str]],
    rows: Sequence[tuple[object, ...]],
) -> None:
    declared = ", ".join(f'"{column}" {kind}' for column, kind, _ in columns)
    connection.execute(f"CREATE TABLE {name} ({declared})")
    _comment(connection, "TABLE", name, comment, [(column, words) for column, _, words in columns])
    if rows:
        connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})", rows)


def _base_view(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, versions: Sequence[Manifest], family: schema.Family
) -> None:
    def branch(version: str, source: str, present: Mapping[str, str]) -> str:
        chosen = [
            f'"{column.name}"' if column.name in present else f'NULL::{sql_type(column.type)} AS "{column.name}"'
            for column in family.columns
        ]
        return f"SELECT {version} AS version, {', '.join(chosen)} FROM {source}"

    nothing = "(SELECT 1 WHERE false)"
    branches = [
        branch(name, source, present) for name, source, present in _scans(connection, workspace, versions, family)
    ] or [branch("NULL::VARCHAR", nothing, {})]
    connection.execute(f"CREATE VIEW {family.name} AS {' UNION ALL '.join(branches)}")
    _comment(connection, "VIEW", family.name, family.comment, base(family))


def _signals_view(connection: duckdb.DuckDBPyConnection, workspace: Workspace, versions: Sequence[Manifest]) -> None:
    fixed = {column.name for column in schema.FACTS.columns}
    scans = list(_scans(connection, workspace, versions, schema.FACTS))
    kinds = {name: kind for _, _, present in scans for name, kind in present.items() if name not in fixed}
    branches = [
        f"SELECT {version} AS version, id"
        + "".join(
            f', "{name}"' if name in present else f', NULL::{kind} AS "{name}"' for name, kind in sorted(kinds.items())
        )
        + f" FROM {source}"
        for version, source, present in scans
    ] or ["SELECT NULL::VARCHAR AS version, NULL::UUID AS id WHERE false"]
    connection.execute(f"CREATE VIEW signals AS {' UNION ALL '.join(branches)}")
    words = {name: words for check in discover("signals") for name, words in check.reports.items()} if kinds else {}
    described = [(name, words.get(name, "Signal of a check that is not installed here.")) for name in sorted(kinds)]
    _comment(connection, "VIEW", "signals", SIGNALS_COMMENT, [VERSION, RECORD, *described])


def _scans(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, versions: Sequence[Manifest], family: schema.Family
) -> Iterator[tuple[str, str, dict[str, str]]]:
    """For each version that has shards of a family: its name as SQL, its scan, its columns with their types."""
    for manifest in versions:
        if paths := manifest.paths(workspace, family.name):
            source = f"read_parquet({store.literal(paths)}, union_by_name=true)"
            found = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
            yield store.literal([manifest.name])[1:-1], source, {row[0]: row[1] for row in found}


def sql_type(kind: pa.DataType) -> str:
    """DuckDB's name of an Arrow type of `catalog.schema`."""
    if pa.types.is_list(kind):
        return f"{sql_type(kind.value_type)}[]"
    if pa.types.is_struct(kind):
        return "STRUCT(" + ", ".join(f'"{field.name}" {sql_type(field.type)}' for field in kind) + ")"
    return _SQL_TYPES[str(kind)]


_SQL_TYPES = {
    "string": "VARCHAR",
    "int64": "BIGINT",
    "uint32": "UINTEGER",
    "uint64": "UBIGINT",
    "double": "DOUBLE",
    "bool": "BOOLEAN",
    "binary": "BLOB",
    "timestamp[us]": "TIMESTAMP",
    str(schema.UUID): "UUID",
}


def _comment(
    connection: duckdb.DuckDBPyConnection, kind: str, name: str, comment: str, columns: Sequence[tuple[str, str]]
) -> None:
    connection.execute(f"COMMENT ON {kind} {name} IS {_text(comment)}")
    for column, words in columns:
        connection.execute(f'COMMENT ON COLUMN {name}."{column}" IS {_text(words)}')


def _text(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"


def _remove_stale_log(path: Path) -> None:
    """A client that opened the file for writing may leave a log that would be replayed into the next one."""
    stale = path.with_name(path.name + ".wal")
    if stale.exists():
        log.warning("removed %s: somebody opened the published catalog for writing; it is only for reading", stale)
        stale.unlink()
