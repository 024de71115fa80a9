"""Duplicates with contradicting labels are told, the most alike first."""

from __future__ import annotations

import uuid
from pathlib import Path

import pyarrow as pa

from catalog import store
from catalog.schema import CLUSTERS, FACTS
from curation.conflicts import Conflict, conflicts


def key(number: int) -> uuid.UUID:
    return uuid.UUID(int=number)


def test_only_contradicting_labels_are_conflicts(tmp_path: Path) -> None:
    labels = {1: "cat", 2: "dog", 3: "cat", 4: None, 5: "bird"}
    facts = tmp_path / "facts.parquet"
    schema = pa.schema([FACTS.schema.field(name) for name in ("id", "label")])
    rows = [{"id": key(number).bytes, "label": label} for number, label in labels.items()]
    store.write(facts, pa.Table.from_pylist(rows, schema=schema))
    clusters = tmp_path / "clusters.parquet"
    found = [(2, 1, "near", 0.9), (3, 1, "exact", 1.0), (4, 1, "exact", 1.0), (5, 1, "near", 0.95)]
    pairs = [
        {"id": key(number).bytes, "keeper": key(keeper).bytes, "kind": kind, "similarity": similarity}
        for number, keeper, kind, similarity in found
    ]
    store.write(clusters, pa.Table.from_pylist(pairs, schema=CLUSTERS.schema))
    assert conflicts([facts], [clusters]) == (
        (
            Conflict(str(key(5)), str(key(1)), "bird", "cat", "near", 0.95),
            Conflict(str(key(2)), str(key(1)), "dog", "cat", "near", 0.9),
        ),
        3,
    )
    assert conflicts([], [clusters]) == ((), 0)
