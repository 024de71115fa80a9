"""Signatures of what earlier versions released, so that a new batch is compared with them and nothing is read again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
from duckdb.func import ARROW

from catalog import families, store
from catalog.manifests import Manifest
from catalog.workspace import Workspace
from curation.minhash import minhash

SETTLED = -1  # rank: stays, whatever comes


def state(earlier: Sequence[Manifest]) -> str:
    """What tells these versions from others, and from what they were before an erasure."""
    return "|".join(f"{manifest.name} {manifest.hash} {manifest.amendment}" for manifest in earlier)


def write(workspace: Workspace, earlier: Sequence[Manifest], current: Sequence[Path], out: Path) -> None:
    """The signatures of what these versions released and this run does not read itself. `current`: the run's facts."""
    # The shingles are what they were in every version; what was drawn from them is drawn anew.
    columns = "id, container, position, content_hash, minhash(shingles) minhash, shingles, picture_hash, picture_check"
    with store.connect(workspace) as connection:
        connection.create_function("minhash", _minhash, ["UINTEGER[]"], "UINTEGER[]", type=ARROW)
        families.create_views(connection, workspace, earlier)
        query = f"""
            SELECT DISTINCT ON (id) {columns} FROM facts SEMI JOIN content USING (version, id)
            ANTI JOIN (SELECT id FROM read_parquet({store.literal(current)})) AS own USING (id)"""
        path = str(out).replace("'", "''")
        connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")


def _minhash(shingles: pa.Array) -> pa.Array:
    found = [minhash(one.values.to_numpy()) if one.is_valid else None for one in shingles]
    return pa.array(found, shingles.type)
