from __future__ import annotations

from typing import Any

import pyarrow as pa

from catalog import schema, shards, store
from catalog.schema import CLUSTERS, FACTS
from catalog.workspace import Workspace


def rows(*numbers: int) -> list[dict[str, Any]]:
    return [{"id": number.to_bytes(16, "big"), "kind": "near", "similarity": 0.9} for number in numbers]


def table(*numbers: int) -> pa.Table:
    return store.table(CLUSTERS, rows(*numbers))


def sizes(workspace: Workspace, *groups: list[pa.Table], rows: int) -> list[int]:
    return [shard.rows for shard in shards.pack(workspace, CLUSTERS, groups, rows=rows)]


def test_boundaries_fall_at_a_size_and_at_the_end_of_large_enough_files(workspace: Workspace) -> None:
    assert sizes(workspace, [table(1, 2), table(3), table(4)], rows=3) == [3, 1]
    assert sizes(workspace, [table(1, 2)], [table(3)], rows=8) == [2, 1]  # a quarter is large enough
    assert sizes(workspace, [table(1)], [table(2)], [table(3)], rows=100) == [3]
    assert sizes(workspace, [table()], [], rows=8) == []
    assert sizes(workspace, [table(1)], [], [table()], rows=1) == [1]


def test_the_same_rows_give_the_same_file_and_its_name_is_its_hash(workspace: Workspace) -> None:
    (first,) = shards.pack(workspace, CLUSTERS, [[table(1, 2)]])
    (again,) = shards.pack(workspace, CLUSTERS, [[table(1), table(2)]])
    path = workspace.root / first.path
    assert again == first
    assert (shards.file_hash(path), path.stem, path.stat().st_size) == (first.sha256, first.sha256[:32], first.bytes)
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_batches_with_different_signals_are_joined_with_nulls(workspace: Workspace) -> None:
    parts = [store.table(FACTS, [{"id": bytes(16), "words": 2.0}], ["words"]),
             store.table(FACTS, [{"id": bytes(16), "lines": 3.0}], ["lines"])]  # fmt: skip
    (shard,) = shards.pack(workspace, FACTS, [parts])
    found = store.read(workspace.root / shard.path, ["words", "lines"])
    assert found.to_pylist() == [{"words": 2.0, "lines": None}, {"words": None, "lines": 3.0}]


def test_shards_that_no_version_names_are_found(workspace: Workspace) -> None:
    kept, lost = shards.pack(workspace, CLUSTERS, [[table(1)], [table(2)]], rows=1)
    assert list(shards.unused(workspace, [kept.path])) == [workspace.root / lost.path]


def test_statistics_are_kept_for_ids_alone(workspace: Workspace) -> None:
    (shard,) = shards.pack(workspace, CLUSTERS, [[table(1, 2)]])
    with store.pq.ParquetFile(workspace.root / shard.path) as file:
        group = file.metadata.row_group(0)
        known = {group.column(i).path_in_schema: group.column(i).is_stats_set for i in range(group.num_columns)}
    assert known == {"id": True, "keeper": False, "kind": False, "similarity": False}


def test_rows_are_read_back_as_they_were_written(workspace: Workspace) -> None:
    (shard,) = shards.pack(workspace, CLUSTERS, [[table(5)]])
    (row,) = store.rows(workspace.root / shard.path)
    assert (row["id"].int, row["keeper"], row["similarity"]) == (5, None, 0.9)


def test_every_family_has_an_id_or_a_name_first_and_a_comment_for_each_column() -> None:
    assert list(schema.FAMILIES) == ["inputs", "facts", "clusters", "privacy", "decisions", "content", "attributions"]
    for family in schema.FAMILIES.values():
        assert family.columns[0].name == ("name" if family.name == "inputs" else "id")
        assert all(column.comment.endswith(".") for column in family.columns), family.name


def test_paths_with_quotes_are_quoted() -> None:
    assert store.literal(["a'b", "c"]) == "['a''b', 'c']"
