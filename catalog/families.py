"""The base views over the shards of versions: one for each family, with documented columns, and the signals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from catalog import schema, store
from catalog.checks import discover
from catalog.manifests import Manifest
from catalog.views import RECORD, VERSION, base
from catalog.workspace import Workspace

_ROWS = 500  # that one statement inserts
SIGNALS_COMMENT = "Quality signals: one row for each record, one column for each signal. NULL: not examined."

# What one signal's mean and deviation are made of; parts of it can be added up.
SIGNAL_PART = (
    "{{'signal': {signal}, 'examined': count({column}), 'finite': count({column}){finite},"
    " 'mean': avg({column}::DOUBLE){finite}, 'squares': var_pop({column}::DOUBLE){finite} * count({column}){finite},"
    " 'least': min({column}::DOUBLE){finite}, 'most': max({column}::DOUBLE){finite}}}"
)


def create_views(connection: duckdb.DuckDBPyConnection, workspace: Workspace, versions: Sequence[Manifest]) -> None:
    """Create the base views of these versions where the connection stands."""
    for family in schema.FAMILIES.values():
        scans = [(_literal(one.name), one.paths(workspace, family.name)) for one in versions]
        branches = [rows(connection, family, paths, version) for version, paths in scans if paths]
        branches = branches or [rows(connection, family, [], "NULL::VARCHAR")]
        connection.execute(f"CREATE VIEW {family.name} AS {' UNION ALL '.join(branches)}")
    scans = [(_literal(one.name), one.paths(workspace, schema.FACTS.name)) for one in versions]
    connection.execute(f"CREATE VIEW signals AS {_signals(connection, [scan for scan in scans if scan[1]])}")


def rows(connection: duckdb.DuckDBPyConnection, family: schema.Family, paths: Sequence[Path], version: str = "") -> str:
    """A SELECT of a family's documented columns over shards; a column they were made without is NULL."""
    there = _columns(connection, paths) if paths else {}
    chosen = [
        f'"{column.name}"' if column.name in there else f'NULL::{sql_type(column.type)} AS "{column.name}"'
        for column in family.columns
    ]
    if version:
        chosen.insert(0, f"{version} AS version")
    return f"SELECT {', '.join(chosen)} FROM {_scan(paths) if paths else '(SELECT 1 WHERE false)'}"


def describe(connection: duckdb.DuckDBPyConnection) -> None:
    """Comment the base views; what a signal says is told by the check that reports it."""
    for family in schema.FAMILIES.values():
        comment(connection, "VIEW", family.name, family.comment, base(family))
    words = {name: about for check in discover("signals") for name, about in check.reports.items()}
    described = [
        (name, words.get(name, "Signal of a check that is not installed here.")) for name in _names(connection)
    ]
    comment(connection, "VIEW", "signals", SIGNALS_COMMENT, [VERSION, RECORD, *described])


def signal_parts(connection: duckdb.DuckDBPyConnection) -> str:
    """A SELECT of what the mean and deviation of each signal are made of; infinite values are left out of them."""
    names = _names(connection)
    infinite = _infinite(connection, names)
    measured = [
        SIGNAL_PART.format(
            signal=_literal(name),
            column=f'"{name}"',
            # The filter makes a mean nine times as dear: only where there is something to leave out.
            finite=f' FILTER (isfinite("{name}"::DOUBLE))' if name in infinite else "",
        )
        for name in names
    ]
    nothing = SIGNAL_PART.format(signal="''", column="NULL::DOUBLE", finite="")
    return f"""SELECT s.* FROM (SELECT unnest([{", ".join(measured or [nothing])}]) AS s FROM signals)
               WHERE s.examined > 0"""


def _infinite(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> set[str]:
    """The signals with a value that is infinite or not a number."""
    if not names:
        return set()
    asked = ", ".join(f'bool_or(NOT isfinite("{name}"::DOUBLE))' for name in names)
    (found,) = connection.execute(f"SELECT {asked} FROM signals").fetchall()
    return {name for name, one in zip(names, found, strict=True) if one}


def _signals(connection: duckdb.DuckDBPyConnection, scans: Sequence[tuple[str, Sequence[Path]]]) -> str:
    """One column for each signal that any of the versions has."""
    fixed = {column.name for column in schema.FACTS.columns}
    there = [_columns(connection, paths) for _, paths in scans]
    kinds = {name: kind for columns in there for name, kind in columns.items() if name not in fixed}
    branches = []
    for (version, paths), columns in zip(scans, there, strict=True):
        chosen = [
            f'"{name}"' if name in columns else f'NULL::{kind} AS "{name}"' for name, kind in sorted(kinds.items())
        ]
        branches.append(f"SELECT {', '.join([f'{version} AS version', 'id', *chosen])} FROM {_scan(paths)}")
    return " UNION ALL ".join(branches) or "SELECT NULL::VARCHAR AS version, NULL::UUID AS id WHERE false"


def _names(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return [row[0] for row in connection.execute("DESCRIBE signals").fetchall()][2:]


def _columns(connection: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> dict[str, str]:
    found = connection.execute(f"DESCRIBE SELECT * FROM {_scan(paths)}").fetchall()
    return {row[0]: row[1] for row in found}


def _scan(paths: Sequence[Path]) -> str:
    return f"read_parquet({store.literal(paths)}, union_by_name=true)"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


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


def fill(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: Sequence[tuple[str, str, str]],
    rows: Sequence[tuple[object, ...]],
) -> None:
    """Create a table (columns: name, SQL type, comment) and put rows in it."""
    declared = ", ".join(f'"{column}" {kind}' for column, kind, _ in columns)
    connection.execute(f"CREATE TABLE {name} ({declared})")
    row = f"({', '.join('?' * len(columns))})"
    for start in range(0, len(rows), _ROWS):  # one statement for each row would take a millisecond each
        some = rows[start : start + _ROWS]
        values = [value for one in some for value in one]
        connection.execute(f"INSERT INTO {name} VALUES {', '.join([row] * len(some))}", values)


def comment(
    connection: duckdb.DuckDBPyConnection, kind: str, name: str, about: str, columns: Sequence[tuple[str, str]]
) -> None:
    """Write the comment of a table or view and of its columns."""
    connection.execute(f"COMMENT ON {kind} {name} IS {_literal(about)}")
    for column, words in columns:
        connection.execute(f'COMMENT ON COLUMN {name}."{column}" IS {_literal(words)}')
