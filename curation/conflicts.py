"""Near-duplicates whose labels contradict each other: one of the two is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb


@dataclass(frozen=True, slots=True)
class Conflict:
    """A record and the one that stands for it, labelled differently."""

    id: str
    keeper: str
    label: str
    keeper_label: str
    kind: str
    similarity: float


def conflicts(facts: Sequence[Path], clusters: Sequence[Path]) -> tuple[tuple[Conflict, ...], int]:
    """Contradicting labels among the duplicates that `duplicates.find` wrote, the most alike first,
    and how many pairs there are of which both have a label."""
    if not facts or not clusters:
        return (), 0
    with duckdb.connect(":memory:") as connection:
        labelled = connection.read_parquet([str(path) for path in facts], union_by_name=True)
        labelled.project("id, label").filter("label IS NOT NULL").create_view("labelled")
        connection.read_parquet([str(path) for path in clusters]).create_view("clusters")
        connection.execute("""
            CREATE VIEW pairs AS
            SELECT c.id::VARCHAR AS id, c.keeper::VARCHAR AS keeper, a.label, b.label AS other, c.kind, c.similarity
            FROM clusters c JOIN labelled a ON a.id = c.id JOIN labelled b ON b.id = c.keeper
        """)
        [(compared,)] = connection.execute("SELECT count(*) FROM pairs").fetchall()
        rows = connection.execute("SELECT * FROM pairs WHERE label <> other ORDER BY similarity DESC, id").fetchall()
    return tuple(Conflict(*row) for row in rows), compared
