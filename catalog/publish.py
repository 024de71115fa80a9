"""Publishing: catalog.duckdb is made anew from manifests and shards and put in place in one step.

It is a read-only front for any DuckDB client: small tables, counts taken once, and views over
the shards. It holds nothing that cannot be made again, and no writer ever opens it in place.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from pathlib import Path

import duckdb

from catalog import families, manifests, store
from catalog.manifests import Manifest
from catalog.rollups import ROLLUPS
from catalog.tables import TABLES
from catalog.views import VERSION, VIEWS
from catalog.workspace import Workspace, write_atomically

FORMAT = 1
log = logging.getLogger(__name__)

ABOUT = (
    ("format", "INTEGER", "Format number of this file."),
    ("workspace", "VARCHAR", "Id of the workspace."),
    ("root", "VARCHAR", "Folder the views read from; after a move, `cleartitle doctor` publishes anew."),
    ("published_at", "TIMESTAMP", "When this file was made (UTC)."),
)
SIGNAL_MIX = (
    "signal_mix",
    "Quality signals over all records that entered: how many were examined, and where the values lie.",
    (
        VERSION,
        ("signal", "Name of the signal: a column of the view signals."),
        ("examined", "Number of records it was measured on."),
        ("mean", "Mean of the values."),
        ("deviation", "Standard deviation of the values."),
    ),
)
ABOUT_COMMENT = "This file: its format and where it reads from."


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
        families.create_views(connection, workspace, versions)
        families.describe(connection)
        for view in VIEWS:
            connection.execute(f"CREATE VIEW {view.name} AS {view.sql}")
            families.comment(connection, "VIEW", view.name, view.comment, view.columns)
        for rollup in ROLLUPS:
            connection.execute(f"CREATE TABLE {rollup.name} AS {rollup.sql}")
            families.comment(connection, "TABLE", rollup.name, rollup.comment, rollup.columns)
        connection.execute(f"CREATE TABLE {SIGNAL_MIX[0]} AS {families.signal_means(connection)}")
        families.comment(connection, "TABLE", *SIGNAL_MIX)
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
    families.comment(connection, "TABLE", name, comment, [(column, words) for column, _, words in columns])
    if rows:
        connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})", rows)


def _remove_stale_log(path: Path) -> None:
    """A client that opened the file for writing may leave a log that would be replayed into the next one."""
    stale = path.with_name(path.name + ".wal")
    if stale.exists():
        log.warning("removed %s: somebody opened the published catalog for writing; it is only for reading", stale)
        stale.unlink()
