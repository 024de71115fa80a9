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


def conflicts(facts: Sequence[Path], clusters: Path) -> tuple[Conflict, ...]:
    """Contradicting labels among the duplicates that `duplicates.find` wrote, the most alike first."""
    if not facts:
        return ()
    with duckdb.connect(":memory:") as connection:
        labelled = connection.read_parquet([str(path) for path in facts], union_by_name=True)
        labelled.project("id, label").create_view("labelled")
        connection.read_parquet(str(clusters)).create_view("clusters")
        rows = connection.execute("""
            SELECT c.id::VARCHAR, c.keeper::VARCHAR, a.label, b.label, c.kind, c.similarity
            FROM clusters c JOIN labelled a ON a.id = c.id JOIN labelled b ON b.id = c.keeper
            WHERE a.label <> b.label
            ORDER BY c.similarity DESC, c.id
        """).fetchall()
    return tuple(Conflict(*row) for row in rows)
