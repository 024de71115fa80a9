"""Manifests: one small JSON file says what a dataset version is. They are the truth;
the published DuckDB file can be made again from them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from catalog import store, tags
from catalog.errors import FormatError, NotFound
from catalog.shards import Shard
from catalog.workspace import Workspace, refuse_newer, write_text

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """One frozen version of a dataset."""

    dataset: str
    number: int
    hash: str  # SHA-256 over id-sorted canonical rows, recipe and key fingerprints
    audience: str  # "public" or "train-only"
    uses: tuple[str, ...]
    as_of: str  # date that consent and expiry were judged at
    recipe: str  # the recipe's text, as run
    recipe_fingerprint: str
    keys: dict[str, str]  # fingerprints
    code_version: str
    created_at: str  # UTC, ISO 8601; not part of the hash
    run: str
    parent: int | None
    counts: dict[str, int]  # records by action
    shards: dict[str, tuple[Shard, ...]] = field(default_factory=dict)
    amendment: int = 0  # raised by erasure, which keeps N
    limit: int | None = None  # items read of each input at most; None: all

    @property
    def name(self) -> str:
        """The version's name, for example harbour@1."""
        return f"{self.dataset}@{self.number}"

    def paths(self, workspace: Workspace, family: str) -> list[Path]:
        """The files of one family, in order."""
        return [workspace.root / shard.path for shard in self.shards.get(family, ())]


def commit(workspace: Workspace, draft: Manifest) -> Manifest:
    """Give the draft its number and write it; an unchanged version keeps the number it has."""
    existing = versions(workspace, draft.dataset)
    if existing and existing[-1].hash == draft.hash and not existing[-1].amendment:
        return existing[-1]
    number = existing[-1].number + 1 if existing else 1
    manifest = replace(draft, number=number, parent=existing[-1].number if existing else None)
    write(workspace, manifest)
    return manifest


def write(workspace: Workspace, manifest: Manifest) -> None:
    """Write a manifest in place, atomically."""
    text = json.dumps({"format": FORMAT, **asdict(manifest)}, indent=1, ensure_ascii=False) + "\n"
    write_text(_path(workspace, manifest.dataset, manifest.number), text)


def versions(workspace: Workspace, dataset: str | None = None) -> list[Manifest]:
    """All versions, oldest first, of one dataset or of all."""
    pattern = f"{dataset}@*.json" if dataset else "*@*.json"
    found = [_read(path) for path in workspace.versions.glob(pattern)]
    return sorted(found, key=lambda manifest: (manifest.dataset, manifest.number))


def find(workspace: Workspace, name: str) -> Manifest:
    """The version called `name` ("harbour@2", or by tag; "harbour" is its newest), or NotFound with those there are."""
    dataset, _, number = name.partition("@")
    number = str(tags.read(workspace).get(dataset, {}).get(number, number))
    known = versions(workspace)
    matching = [manifest for manifest in known if manifest.dataset == dataset and number in ("", str(manifest.number))]
    if not matching:
        there = ", ".join(manifest.name for manifest in known) or "none yet"
        raise NotFound(
            f"no version called {name!r}; versions here: {there}",
            cure="Make one with `cleartitle run RECIPE`." if not known else "",
            place=str(workspace.root),
        )
    return matching[-1]


def version_hash(header: dict[str, Any], rows: Iterable[tuple[str, str, str]]) -> str:
    """SHA-256 over a canonical header and (id, decision, row digest) rows sorted by id."""
    state = hashlib.sha256(json.dumps(header, sort_keys=True, ensure_ascii=False).encode() + b"\n")
    for row in rows:
        state.update("\x1f".join(row).encode() + b"\n")
    return state.hexdigest()


def canonical_rows(workspace: Workspace, decisions: list[Path], content: list[Path]) -> Iterator[tuple[str, str, str]]:
    """The rows a version hash is made of, sorted by id, streamed out of core."""
    if not decisions:
        return
    digests = (
        f"SELECT id, hex(row_digest) AS digest FROM read_parquet({store.literal(content)}, union_by_name=true)"
        if content
        else "SELECT NULL::UUID AS id, '' AS digest WHERE false"
    )
    query = f"""
        SELECT d.id::VARCHAR, d.action || ':' ||
               array_to_string(list_sort(list_distinct([r.reason FOR r IN d.reasons])), ','),
               coalesce(c.digest, '')
        FROM read_parquet({store.literal(decisions)}, union_by_name=true) d LEFT JOIN ({digests}) c USING (id)
        ORDER BY d.id::VARCHAR"""
    with store.connect(workspace) as connection:
        cursor = connection.execute(query)
        while batch := cursor.fetchmany(10_000):
            yield from batch


def _path(workspace: Workspace, dataset: str, number: int) -> Path:
    return workspace.versions / f"{dataset}@{number}.json"


def _read(path: Path) -> Manifest:
    try:
        found = json.loads(path.read_text("utf-8"))
        number = found.pop("format")
        refuse_newer(number, FORMAT, path)
        shards = {name: tuple(Shard(**shard) for shard in group) for name, group in found.pop("shards").items()}
        return Manifest(**{**found, "uses": tuple(found["uses"]), "shards": shards})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FormatError(
            "expected a version manifest (JSON), found something else",
            cure="Restore the file from a backup, or remove it and run again.",
            place=str(path),
        ) from error
