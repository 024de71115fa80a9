"""How far what stays in one version differs from what stays in another: column by column, with effect sizes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt

from catalog import families, store
from catalog.manifests import Manifest
from catalog.workspace import Workspace
from curation.distribution import Counts, chi_square, kolmogorov_smirnov, population_stability

_COLUMNS = ("licence", "language", "host", "label", "media_type", "modality")
_VALUES = 50  # the most frequent values of a column; the others count as one
_OTHERS = "\x00others"  # no value is written so
_PARTS = 10  # equal parts of the earlier version's values, for the stability index


@dataclass(frozen=True, slots=True)
class ColumnDrift:
    """How one column moved. `effect`: Cramér's V (chi-square) or the largest gap (Kolmogorov-Smirnov), 0 to 1."""

    column: str
    test: str
    effect: float
    p: float
    stability: float | None  # population stability index: under 0.1 is called stable, over 0.25 a shift
    before: int  # records that have a value
    after: int


def compare(workspace: Workspace, first: Manifest, second: Manifest) -> list[ColumnDrift]:
    """Every column and signal that both versions have, the strongest drift first."""
    with store.connect(workspace) as connection:
        families.create_views(connection, workspace, [first, second])
        # Of an address that came in again only the capture that stands is in the content.
        connection.execute("CREATE VIEW stays AS SELECT f.*, c.licence FROM facts f JOIN content c USING (version, id)")
        found = [*_counted(connection, first.name, second.name), *_measured(connection, first.name, second.name)]
    return sorted(found, key=lambda one: (-one.effect, one.column))


def _counted(connection: duckdb.DuckDBPyConnection, first: str, second: str) -> Iterator[ColumnDrift]:
    named = "SELECT DISTINCT g.name FROM (SELECT unnest(groups) AS g FROM stays) ORDER BY 1"
    queries = {column: f'SELECT version, "{column}" AS value FROM stays' for column in _COLUMNS}
    for (name,) in connection.execute(named).fetchall():
        quoted = name.replace("'", "''")
        queries[name] = f"""SELECT version, g.value FROM (SELECT version, unnest(groups) AS g FROM stays)
                            WHERE g.name = '{quoted}'"""
    for column, query in queries.items():
        before, after = (_counts(connection, query, version) for version in (first, second))
        together = {value: before.get(value, 0) + after.get(value, 0) for value in (*before, *after)}
        common = set(sorted(together, key=lambda value: (-together[value], value))[:_VALUES])
        before, after = _grouped(before, common), _grouped(after, common)
        if test := chi_square(before, after):
            stability = population_stability(before, after)
            sizes = sum(before.values()), sum(after.values())
            yield ColumnDrift(column, "chi-square", test.effect, test.p, stability, *sizes)


def _counts(connection: duckdb.DuckDBPyConnection, query: str, version: str) -> Counts:
    counted = f"SELECT value, count(*) FROM ({query}) WHERE version = $1 AND value IS NOT NULL GROUP BY value"
    return dict(connection.execute(counted, [version]).fetchall())


def _grouped(counts: Counts, known: set[str]) -> Counts:
    found = {value: count for value, count in counts.items() if value in known}
    return found | {_OTHERS: sum(counts.values()) - sum(found.values())}


def _measured(connection: duckdb.DuckDBPyConnection, first: str, second: str) -> Iterator[ColumnDrift]:
    signals = [row[0] for row in connection.execute("DESCRIBE signals").fetchall()][2:]
    for name in ("characters", *signals):
        table = "stays" if name == "characters" else "signals SEMI JOIN content USING (version, id)"
        query = f'SELECT "{name}"::DOUBLE AS value FROM {table} WHERE version = $1 AND isfinite("{name}"::DOUBLE)'
        before, after = (_values(connection, query, version) for version in (first, second))
        if test := kolmogorov_smirnov(before, after):
            stability = population_stability(*_parts(before, after))
            yield ColumnDrift(name, "Kolmogorov-Smirnov", test.effect, test.p, stability, len(before), len(after))


def _values(connection: duckdb.DuckDBPyConnection, query: str, version: str) -> npt.NDArray[np.float64]:
    return np.asarray(connection.execute(query, [version]).fetchnumpy()["value"], dtype=np.float64)


def _parts(before: npt.NDArray[np.float64], after: npt.NDArray[np.float64]) -> tuple[Counts, Counts]:
    """Both counted in equal parts of the earlier."""
    edges = np.unique(np.quantile(before, np.linspace(0, 1, _PARTS + 1)[1:-1]))
    # A value that is an edge itself, as zero often is, makes a part of its own.
    places = (
        np.searchsorted(edges, values, "left") + np.searchsorted(edges, values, "right") for values in (before, after)
    )
    one, other = ({str(place): int(count) for place, count in enumerate(np.bincount(found))} for found in places)
    return one, other
