"""What changed between two versions, record by record; shards that both hold are not read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import duckdb

from catalog import families, manifests, rollups, schema, store
from catalog.manifests import Manifest
from catalog.workspace import Workspace

What = Literal["entered", "left", "decision", "content", "added", "removed"]


@dataclass(frozen=True, slots=True)
class Shift:
    """How many records went from one value to another; None: not there."""

    before: str | None
    after: str | None
    records: int
    reasons: str = ""  # of the later decision


@dataclass(frozen=True, slots=True)
class Drift:
    """How far the mean of a signal moved over all records that entered."""

    signal: str
    before: float | None
    after: float | None
    deviations: float | None  # in standard deviations of the earlier version


@dataclass(frozen=True, slots=True)
class Change:
    """One record that changed."""

    id: str
    what: What
    before: str | None
    after: str | None
    reasons: str


@dataclass(frozen=True, slots=True)
class Diff:
    """What changed from one version to another."""

    before: str
    after: str
    entered: int  # records the later one read and the earlier did not
    left: int
    added: int  # records in the content of the later one only
    removed: int
    changed: int  # in both, with other content
    decisions: tuple[Shift, ...]  # action to action, with the reasons for the later one
    licences: tuple[Shift, ...]  # licence to licence, of records in the content of both
    drift: tuple[Drift, ...]
    shards_shared: int
    shards_read: int


def diff(workspace: Workspace, before: str, after: str) -> Diff:
    """Compare two versions by name."""
    first, second = manifests.find(workspace, before), manifests.find(workspace, after)
    with _compared(workspace, first, second) as connection:
        entered, left = _both_ways(connection, "facts")
        added, removed = _both_ways(connection, "content")
        changed = connection.execute(f"SELECT count(*) FROM ({_CHANGED_CONTENT})").fetchall()[0][0]
        decisions = tuple(Shift(*row) for row in connection.execute(_SHIFTED_DECISIONS).fetchall())
        licences = tuple(Shift(*row) for row in connection.execute(_SHIFTED_LICENCES).fetchall())
    shared, read = _shard_counts(first, second)
    drift = tuple(_drift(workspace, first, second))
    return Diff(
        first.name, second.name, entered, left, added, removed, changed, decisions, licences, drift, shared, read
    )


def changes(workspace: Workspace, before: str, after: str) -> Iterator[Change]:
    """Every record that changed, by id."""
    first, second = manifests.find(workspace, before), manifests.find(workspace, after)
    with _compared(workspace, first, second) as connection:
        cursor = connection.execute(_CHANGES)
        while rows := cursor.fetchmany(1000):
            for row in rows:
                yield Change(*row)


_ACTION = "array_to_string(list_sort(list_distinct([r.reason FOR r IN reasons])), ', ')"

# `a_` and `b_` views hold the rows of shards that only one of the two versions has.
_DECIDED = f"""
    SELECT id, a.action AS before, b.action AS after, coalesce(b.reasons, a.reasons) AS reasons
    FROM (SELECT id, action, licence, {_ACTION} AS reasons FROM a_decisions) a
         FULL JOIN (SELECT id, action, licence, {_ACTION} AS reasons FROM b_decisions) b USING (id)
    WHERE a.action IS DISTINCT FROM b.action OR a.reasons IS DISTINCT FROM b.reasons
          OR a.licence IS DISTINCT FROM b.licence"""

_SHIFTED_DECISIONS = f"""
    SELECT before, after, count(*) AS records, reasons
    FROM ({_DECIDED}) WHERE before IS NOT NULL AND after IS NOT NULL
    GROUP BY ALL ORDER BY records DESC, before, after, reasons"""

_CHANGED_CONTENT = """
    SELECT a.id FROM a_content a JOIN b_content b USING (id)
    WHERE a.row_digest <> b.row_digest
          AND (a.text IS DISTINCT FROM b.text OR a.image IS DISTINCT FROM b.image
               OR a.label IS DISTINCT FROM b.label)"""

_SHIFTED_LICENCES = """
    SELECT a.licence, b.licence, count(*) AS records, '' AS reasons
    FROM a_content a JOIN b_content b USING (id) WHERE a.licence IS DISTINCT FROM b.licence
    GROUP BY ALL ORDER BY records DESC, a.licence, b.licence"""

_CHANGES = f"""
    SELECT id::VARCHAR, what, before, after, coalesce(reasons, '') FROM (
        SELECT id, 'entered' AS what, NULL AS before, NULL AS after, NULL AS reasons
        FROM b_facts ANTI JOIN a_facts USING (id)
        UNION ALL SELECT id, 'left', NULL, NULL, NULL FROM a_facts ANTI JOIN b_facts USING (id)
        UNION ALL SELECT id, 'decision', before, after, reasons FROM ({_DECIDED})
                  WHERE before IS NOT NULL AND after IS NOT NULL
        UNION ALL SELECT id, 'content', NULL, NULL, NULL FROM ({_CHANGED_CONTENT})
        UNION ALL SELECT id, 'added', NULL, NULL, NULL FROM b_content ANTI JOIN a_content USING (id)
        UNION ALL SELECT id, 'removed', NULL, NULL, NULL FROM a_content ANTI JOIN b_content USING (id)
    ) ORDER BY id, what"""

_FAMILIES = ("facts", "decisions", "content")


@contextlib.contextmanager
def _compared(workspace: Workspace, first: Manifest, second: Manifest) -> Iterator[duckdb.DuckDBPyConnection]:
    with store.connect(workspace) as connection:
        for side, one, other in (("a", first, second), ("b", second, first)):
            for family in _FAMILIES:
                known = set(other.paths(workspace, family))
                paths = [path for path in one.paths(workspace, family) if path not in known]
                select = families.rows(connection, schema.FAMILIES[family], paths)
                connection.execute(f"CREATE VIEW {side}_{family} AS {select}")
        yield connection


def _both_ways(connection: duckdb.DuckDBPyConnection, family: str) -> tuple[int, int]:
    """How many ids only the later version has, and how many only the earlier."""
    counts = [
        connection.execute(f"SELECT count(*) FROM {one}_{family} ANTI JOIN {other}_{family} USING (id)").fetchall()
        for one, other in (("b", "a"), ("a", "b"))
    ]
    return counts[0][0][0], counts[1][0][0]


def _shard_counts(first: Manifest, second: Manifest) -> tuple[int, int]:
    sides = [{shard.path for family in _FAMILIES for shard in one.shards.get(family, ())} for one in (first, second)]
    return len(sides[0] & sides[1]), len(sides[0] ^ sides[1])


def _drift(workspace: Workspace, first: Manifest, second: Manifest) -> Iterator[Drift]:
    earlier, later = rollups.means(workspace, first), rollups.means(workspace, second)
    for signal in sorted({*earlier, *later}):
        before, spread = earlier.get(signal, (None, None))
        after, _ = later.get(signal, (None, None))
        moved = (after - before) / spread if before is not None and after is not None and spread else None
        yield Drift(signal, before, after, moved)
