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
from catalog.rollup_tables import ROLLUPS
from catalog.rollups import attach, count, counted, sweep
from catalog.tables import TABLES
from catalog.views import VIEWS
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


def publish(workspace: Workspace) -> Path:
    """Make catalog.duckdb anew; readers of the old file keep it until they open it again."""
    with workspace.publishing():  # who publishes later also looks later: nobody puts older content over newer
        _remove_stale_log(workspace.catalog)
        versions = manifests.versions(workspace)
        write_atomically(workspace.catalog, lambda part: build(workspace, part, versions), mode=0o444)
        sweep(workspace, versions)
        _remove_stale_log(workspace.catalog)
    return workspace.catalog


def build(workspace: Workspace, path: Path, versions: Sequence[Manifest], *, anew: bool = False) -> None:
    """Write a catalog of these versions to a new file; `anew` counts even what was counted before."""
    wanted: Sequence[Manifest | None] = versions or [None]
    counts = [_counted(workspace, manifest, path, anew) for manifest in wanted]
    with store.connect(workspace) as connection:
        connection.execute("SET parquet_metadata_cache = true")
        attach(connection, path, "catalog", f"STORAGE_VERSION '{store.STORAGE_VERSION}'")
        connection.execute("USE catalog")
        _tables(connection, workspace, versions)
        families.create_views(connection, workspace, versions)
        families.describe(connection)
        for view in VIEWS:
            connection.execute(f"CREATE VIEW {view.name} AS {view.sql}")
            families.comment(connection, "VIEW", view.name, view.comment, view.columns)
        _rollups(connection, counts)
        connection.execute("USE memory")
        connection.execute("DETACH catalog")


def _counted(workspace: Workspace, manifest: Manifest | None, path: Path, anew: bool) -> Path:
    if not anew:
        return counted(workspace, manifest)
    fresh = path.with_name(f"{path.stem}-counts-{manifest.number if manifest else 0}.duckdb")
    fresh.unlink(missing_ok=True)
    count(workspace, manifest, fresh, fresh.with_suffix(""))
    return fresh


def _rollups(connection: duckdb.DuckDBPyConnection, counts: Sequence[Path]) -> None:
    for number, path in enumerate(counts):
        attach(connection, path, "counts", "READ_ONLY")
        for rollup in ROLLUPS:
            into = f"INSERT INTO {rollup.name}" if number else f"CREATE TABLE {rollup.name} AS"
            connection.execute(f"{into} FROM counts.{rollup.name}")
        connection.execute("DETACH counts")
    for rollup in ROLLUPS:
        families.comment(connection, "TABLE", rollup.name, rollup.comment, rollup.columns)


def _tables(connection: duckdb.DuckDBPyConnection, workspace: Workspace, versions: Sequence[Manifest]) -> None:
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    families.fill(connection, "about", ABOUT, [(FORMAT, workspace.id, str(workspace.root), now)])
    families.comment(connection, "TABLE", "about", ABOUT_COMMENT, [(name, words) for name, _, words in ABOUT])
    for table in TABLES:
        families.fill(connection, table.name, table.columns, list(table.rows(workspace, versions)))
        described = [(name, words) for name, _, words in table.columns]
        families.comment(connection, "TABLE", table.name, table.comment, described)


def _remove_stale_log(path: Path) -> None:
    """A client that opened the file for writing may leave a log that would be replayed into the next one."""
    stale = path.with_name(path.name + ".wal")
    if stale.exists():
        log.warning("removed %s: somebody opened the published catalog for writing; it is only for reading", stale)
        stale.unlink()
