"""Parquet files without erased records: shards keep a nameless row for each, other files lose theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc

from catalog import manifests, shards, store
from catalog.keys import id_bytes
from catalog.manifests import Manifest
from catalog.schema import DECISIONS, FACTS, FAMILIES
from catalog.shards import Shard
from catalog.suppression import Suppression
from catalog.workspace import Workspace

# Outputs of stages that a run makes again from the others; by name, since they are the run's, not ours.
_MADE_AGAIN = ("decisions", "clusters", "repeats")


def shard(workspace: Workspace, path: Path, stones: Mapping[str, str]) -> Shard | None:
    """Write a shard anew without these records; None where nothing of it is left."""
    family = path.parent.name
    table = store.read(path)
    gone = pc.is_in(_storage(table["id"]), _ids(stones))
    kept = table.filter(pc.invert(gone))
    if family in (FACTS.name, DECISIONS.name):
        left = [stones[str(identity)] for identity in table.filter(gone)["id"].to_pylist()]
        kept = _with_stones(kept, family, left, table, gone)
    if "keeper" in kept.column_names:
        kept = _other_keepers(kept, stones)
    return shards.save(workspace, family, kept) if kept.num_rows else None


def amended(workspace: Workspace, manifest: Manifest, successors: Mapping[str, Shard | None]) -> Manifest:
    """The version with its new shards, counted and hashed anew. Its number stays."""
    groups = {
        family: tuple(new for old in group if (new := successors.get(old.path, old)) is not None)
        for family, group in manifest.shards.items()
    }
    draft = replace(manifest, shards=groups, amendment=manifest.amendment + 1)
    paths = {name: draft.paths(workspace, name) for name in ("decisions", "content")}
    header = {"format": manifests.FORMAT, "amends": manifest.hash, "amendment": draft.amendment}
    rows = manifests.canonical_rows(workspace, paths["decisions"], paths["content"])
    return replace(draft, hash=manifests.version_hash(header, rows), counts=_actions(workspace, paths["decisions"]))


def stage(path: Path, stones: Mapping[str, str], listed: Suppression) -> None:
    """Take these records out of a stage's output: remove it where a run makes it again, else rewrite it in place."""
    if path.parent.name in _MADE_AGAIN:
        path.unlink(missing_ok=True)
        return
    table = store.read(path)
    gone = pc.is_in(_storage(table["id"]), _ids(stones))
    kept = table.filter(pc.invert(gone))
    if path.parent.name == FACTS.name:
        erased = table.filter(gone)
        # Two captures of one address have one id here: place tells them apart, as in a run.
        places = zip(*(erased[name].to_pylist() for name in ("id", "container", "position")), strict=True)
        left = [listed.tombstone(str(identity), container or "", at) for identity, container, at in places]
        kept = _with_stones(kept, FACTS.name, left, table, gone)
    store.write(path, kept)


def hosts(workspace: Workspace, listed: Suppression) -> None:
    """Take what erased hosts said of themselves out of the outputs of stages, which have no row by record for it."""
    for kind in ("sites", "paragraphs"):
        for path in (workspace.stages / kind).glob("all-*.parquet"):
            path.unlink()  # the next run makes it again
    for path in (workspace.stages / "sites").glob("*.parquet"):
        table = store.read(path)
        kept = pa.array([not listed.hit(host=host or "") for host in table["host"].to_pylist()], pa.bool_())
        if not pc.all(kept).as_py():
            store.write(path, table.filter(kept))


def _with_stones(
    kept: pa.Table, family: str, stones: Sequence[str], before: pa.Table, gone: pa.ChunkedArray
) -> pa.Table:
    """The rows, and in the place of each erased one a row that says that there was one and nothing else."""
    if family == FACTS.name:
        kinds = before.filter(gone)["modality"].to_pylist()
        rows: list[dict[str, Any]] = [
            {"id": id_bytes(stone), "modality": kind, "problem": "erased"}
            for stone, kind in zip(stones, kinds, strict=True)
        ]
    else:
        reason = {"reason": "erased", "rule": "suppression", "value": "", "threshold": ""}
        rows = [
            {"id": id_bytes(stone), "action": "drop", "licence_basis": "unknown", "reasons": [reason]}
            for stone in stones
        ]
    joined = pa.concat_tables([kept, store.table(FAMILIES[family], rows)], promote_options="default")
    # Other files go row by row with this one: the order must not change.
    places = pa.concat_arrays([
        pc.indices_nonzero(pc.invert(gone)), pc.indices_nonzero(gone)
    ])  # fmt: skip
    return joined.select(kept.column_names).take(pc.sort_indices(places))


def _other_keepers(table: pa.Table, stones: Mapping[str, str]) -> pa.Table:
    """What an erased record stood for keeps its row; who stood for it has no name any more."""
    keepers = [
        None if keeper is None else UUID(stones.get(str(keeper), str(keeper))).bytes
        for keeper in table["keeper"].to_pylist()
    ]
    place = table.schema.get_field_index("keeper")
    return table.set_column(place, table.schema.field(place), pa.array(keepers, table.schema.field(place).type))


def _actions(workspace: Workspace, decisions: Sequence[Path]) -> dict[str, int]:
    if not decisions:
        return {}
    source = f"read_parquet({store.literal(decisions)}, union_by_name=true)"
    sql = f"SELECT action, count(*) FROM {source} GROUP BY action ORDER BY action"
    with store.connect(workspace) as connection:
        return {action: int(count) for action, count in connection.execute(sql).fetchall()}


def _ids(stones: Mapping[str, str]) -> pa.Array:
    return pa.array([id_bytes(identity) for identity in stones], pa.binary(16))


def _storage(ids: pa.ChunkedArray) -> pa.ChunkedArray:
    """UUIDs as the bytes that the compute functions know."""
    return ids.cast(pa.binary(16)) if ids.type == pa.uuid() else ids
