"""Pictures compared again as they leave: a redacted photo and a copy that came in redacted are alike only then."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from catalog import store
from catalog.workspace import Workspace
from curation import duplicates


def copies(
    workspace: Workspace,
    first: Path,
    *,
    facts: Sequence[Path],
    decisions: Sequence[Path],
    contents: Sequence[Path],
    candidates: Path,
    out: Path,
) -> int:
    """Write the clusters of `first` with those that only redaction brings to light; how many there are of these.

    `candidates` (id, rank): which one of a cluster stays, as in the first comparison.
    """
    leaving, found = workspace.spill / "leaving.parquet", workspace.spill / "copies.parquet"
    if not _write(workspace, facts, decisions, contents, leaving):
        return 0
    number = duplicates.find([leaving], found, candidates=candidates, temp=workspace.spill)
    if number:
        duplicates.join(workspace, first, found, out)
    return number


def _write(
    workspace: Workspace, facts: Sequence[Path], decisions: Sequence[Path], contents: Sequence[Path], out: Path
) -> bool:
    """The hashes of pictures that stay, as they leave; False where redaction changed none of them."""
    redacted = f"""
        SELECT id, any_value(left_hash) AS left_hash, any_value(left_check) AS left_check
        FROM read_parquet({store.literal(contents)}, union_by_name=true)
        WHERE left_hash IS NOT NULL AND problem IS NULL GROUP BY id"""
    query = f"""
        SELECT f.id, f.content_hash, f.minhash, f.shingles,
               coalesce(r.left_hash, f.picture_hash) AS picture_hash,
               coalesce(r.left_check, f.picture_check) AS picture_check
        FROM read_parquet({store.literal(facts)}, union_by_name=true) f
             JOIN read_parquet({store.literal(decisions)}) d ON d.id = f.id AND d.action IN ('keep', 'redact')
             LEFT JOIN ({redacted}) r ON r.id = f.id AND d.action = 'redact'
        WHERE f.picture_hash IS NOT NULL"""
    with store.connect(workspace) as connection:
        if not contents or not connection.execute(f"SELECT count(*) FROM ({redacted})").fetchall()[0][0]:
            return False
        connection.execute(f"COPY ({query}) TO {store.literal([out])[1:-1]} (FORMAT parquet)")
    return True
