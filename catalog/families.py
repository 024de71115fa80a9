"""The base views over the shards of versions: one for each family, with documented columns, and the signals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import duckdb
import pyarrow as pa

from catalog import schema, store
from catalog.checks import discover
from catalog.manifests import Manifest
from catalog.views import RECORD, VERSION, base
from catalog.workspace import Workspace

SIGNALS_COMMENT = "Quality signals: one row for each record, one column for each signal. NULL: not examined."


def create_views(connection: duckdb.DuckDBPyConnection, workspace: Workspace, versions: Sequence[Manifest]) -> None:
    """Create the base views of these versions where the connection stands, with their comments."""
    for family in schema.FAMILIES.values():
        _family_view(connection, workspace, versions, family)
    _signals_view(connection, workspace, versions)


def _family_view(
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
    comment(connection, "VIEW", family.name, family.comment, base(family))


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
    comment(connection, "VIEW", "signals", SIGNALS_COMMENT, [VERSION, RECORD, *described])


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


def comment(
    connection: duckdb.DuckDBPyConnection, kind: str, name: str, about: str, columns: Sequence[tuple[str, str]]
) -> None:
    """Write the comment of a table or view and of its columns."""
    connection.execute(f"COMMENT ON {kind} {name} IS {_text(about)}")
    for column, words in columns:
        connection.execute(f'COMMENT ON COLUMN {name}."{column}" IS {_text(words)}')


def _text(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
