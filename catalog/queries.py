"""Asking the published catalog: read-only, from an in-memory connection, beside any running job."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from catalog import store
from catalog.errors import NotFound, QueryError, Unavailable
from catalog.workspace import Workspace

# Errors that speak of the query's own words. Any other may quote a value out of a record.
_ABOUT_THE_QUERY = (duckdb.ParserException, duckdb.CatalogException, duckdb.BinderException, duckdb.SyntaxException)


class Result:
    """The answer to one query, worked out when it is first fetched, in whichever form is asked for."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, sql: str, columns: list[str]) -> None:
        self.columns = columns
        self._connection = connection
        self._sql = sql

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows that were not fetched yet."""
        rows: list[tuple[Any, ...]] = _guarded(lambda: self._cursor.fetchall())
        return rows

    def fetchmany(self, size: int) -> list[tuple[Any, ...]]:
        """The next rows; an empty list at the end."""
        rows: list[tuple[Any, ...]] = _guarded(lambda: self._cursor.fetchmany(size))
        return rows

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row, or None."""
        row: tuple[Any, ...] | None = _guarded(lambda: self._cursor.fetchone())
        return row

    def df(self) -> Any:
        """All rows as a pandas data frame."""
        return _guarded(lambda: self._connection.sql(self._sql).df())

    def to_arrow_table(self) -> pa.Table:
        """All rows as an Arrow table."""
        return _guarded(lambda: self._connection.sql(self._sql).to_arrow_table())

    @cached_property
    def _cursor(self) -> duckdb.DuckDBPyConnection:
        return self._connection.execute(self._sql)


def query(workspace: Workspace, sql: str, path: Path | None = None) -> Result:
    """Run one SQL query over the published catalog (`path`: over another catalog file).

    Every call opens the file anew, so that it sees what was published last.
    """
    path = path or workspace.catalog
    connection = attach(workspace, path)
    statements = _guarded(lambda: connection.extract_statements(sql))
    if len(statements) != 1:
        raise QueryError(f"expected one SQL statement, found {len(statements)}", cure="Ask one question at a time.")
    relation = _guarded(lambda: connection.sql(sql))
    columns = list(relation.columns) if relation is not None else []
    return Result(connection, sql, columns)


def attach(workspace: Workspace, path: Path) -> duckdb.DuckDBPyConnection:
    """A connection in which the catalog's names are found. The caller closes it."""
    if not path.is_file():
        raise NotFound(
            "there is no published catalog",
            cure="Make one with `cleartitle run RECIPE` or `cleartitle publish`.",
            place=str(path),
        )
    # Not store.connect: asking must work in a folder that the asker may not write to.
    config: dict[str, Any] = {
        "temp_directory": str(workspace.spill),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    connection = duckdb.connect(":memory:", config=config)
    try:
        connection.execute(f"ATTACH {store.literal([path])[1:-1]} AS catalog (READ_ONLY)")
    except duckdb.IOException as error:
        if "lock" not in str(error):
            raise
        raise Unavailable(
            "another program has opened the published catalog for writing, which keeps readers out",
            cure="`cleartitle publish` puts a fresh one in its place at once; clients should open it read-only.",
            place=str(path),
        ) from None
    connection.execute("USE catalog")
    _refuse_moved(connection, workspace, path)
    return connection


def _refuse_moved(connection: duckdb.DuckDBPyConnection, workspace: Workspace, path: Path) -> None:
    rows = connection.execute("SELECT root FROM about").fetchall()
    if rows != [(str(workspace.root),)]:
        raise Unavailable(
            "the workspace was moved: its published catalog still reads from the folder it was in before",
            cure="Publish it anew with `cleartitle doctor`.",
            place=str(path),
        )


def _guarded(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except _ABOUT_THE_QUERY as error:
        raise QueryError(f"DuckDB did not accept the query: {error}") from None
    except duckdb.Error as error:
        if "read-only mode" in str(error):
            raise QueryError(
                "the published catalog is only ever read, and this would change it",
                cure="Attach it read-only in a client of your own, and write to a database of your own.",
            ) from None
        problem = f"the query failed while it ran ({type(error).__name__})"
        if kind := re.match(r"(\w[\w ]+ Error):", str(error)):
            problem += f": {kind[1]}"
        raise QueryError(
            f"{problem}; DuckDB's message is left out, since it may quote a record.",
            cure="Try TRY_CAST in place of casts, and look for a shard that is gone with `cleartitle doctor`.",
        ) from None
