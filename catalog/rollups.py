"""Counts taken once for every version, so that the common questions answer at once.

A version is counted in parts of a few shards, kept beside the stages by the hashes of those shards: a new
version counts only what no other has, and adds up. The published file is never read back.
"""

from __future__ import annotations

import hashlib
import json
import os
from bisect import bisect_left
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate
from pathlib import Path

import duckdb

from catalog import families, schema, store
from catalog.manifests import Manifest
from catalog.rollup_tables import JUDGED, ROLLUPS, Of
from catalog.shards import Shard
from catalog.views import VIEWS
from catalog.workspace import STAGED, Workspace, write_atomically

Shards = dict[str, tuple[Shard, ...]]  # by family


@dataclass(frozen=True, slots=True)
class Unit:
    """Shards of a version that are counted together, and apart from the others."""

    of: Of
    shards: Shards


_PAIRED = (schema.FACTS.name, schema.DECISIONS.name)  # both have a row for each record, in the same order
_ALONE: tuple[Of, ...] = ("privacy", "content", "attributions")
_VIEWS = [view for view in VIEWS if view.name in ("preferences", "spans", "regions")]
_WHOLE = (("version", "VARCHAR", ""), ("as_of", "DATE", ""))

_UNPAIRED = "unpaired"  # facts whose decision is not in the same unit: then they are all counted as one


def counted(workspace: Workspace, manifest: Manifest | None) -> Path:
    """The file that holds the counts of one version (None: of nothing, but with every table)."""
    path = place(workspace, manifest)
    if not path.is_file():
        write_atomically(path, lambda part: count(workspace, manifest, part, path.parent))
    return path


def place(workspace: Workspace, manifest: Manifest | None) -> Path:
    """Where the counts of one version are kept."""
    named = (manifest.name, manifest.as_of) if manifest else ()
    return workspace.stages / "rollups" / f"{_key(manifest.shards if manifest else {}, *named)}.duckdb"


def count(workspace: Workspace, manifest: Manifest | None, path: Path, folder: Path) -> None:
    """Count one version into a new file. Parts are taken from the folder, and put there where it lacks them."""
    with store.connect(workspace) as connection:
        for of, files in _parts(workspace, manifest, folder).items():
            connection.execute(f"CREATE VIEW {of} AS FROM read_parquet({store.literal(files)})")
        families.fill(connection, "whole", _WHOLE, [(manifest.name, manifest.as_of)] if manifest else [])
        clusters = manifest.paths(workspace, schema.CLUSTERS.name) if manifest else []
        connection.execute(f"CREATE VIEW clusters AS {families.rows(connection, schema.CLUSTERS, clusters)}")
        attach(connection, path, "counts", f"STORAGE_VERSION '{store.STORAGE_VERSION}'")
        for rollup in ROLLUPS:
            parts = [f"SELECT * FROM {part.of} WHERE rollup = '{rollup.name}'" for part in rollup.parts]
            connection.execute(f"CREATE TABLE counts.{rollup.name} AS {rollup.over(parts)}")
        connection.execute("DETACH counts")


def sweep(workspace: Workspace, versions: Sequence[Manifest]) -> None:
    """Remove counts of what no version holds any more: of an erased record not even a count stays."""
    folder = workspace.stages / "rollups"
    used = {place(workspace, one) for one in (None, *versions)}
    for shards in ({}, *(one.shards for one in versions)):
        used |= {_place(folder, unit) for units in _units(shards).values() for unit in (*units, _together(shards))}
    for path in folder.glob("*"):
        if path not in used and not path.name.startswith(STAGED):
            path.unlink(missing_ok=True)


def means(workspace: Workspace, manifest: Manifest) -> dict[str, tuple[float | None, float | None]]:
    """Mean and deviation of each signal over all records of a version that entered, as counted."""
    path = counted(workspace, manifest)
    with store.connect(workspace) as connection:
        attach(connection, path, "counts", "READ_ONLY")
        rows = connection.execute("SELECT signal, mean, deviation FROM counts.signal_mix").fetchall()
    return {signal: (mean, deviation) for signal, mean, deviation in rows}


def attach(connection: duckdb.DuckDBPyConnection, path: Path, name: str, option: str) -> None:
    """Attach a database file under a name."""
    connection.execute(f"ATTACH {store.literal([path])[1:-1]} AS {name} ({option})")


def _parts(workspace: Workspace, manifest: Manifest | None, folder: Path) -> dict[Of, list[Path]]:
    """The files of the parts that a version is made of, at least one of each kind."""
    shards = manifest.shards if manifest else {}
    with store.connect(workspace, threads=1) as connection, ThreadPoolExecutor(os.cpu_count()) as pool:
        make = partial(_part, connection, workspace, manifest, folder)
        found = {of: list(pool.map(make, units)) for of, units in _units(shards).items()}
        if len(found["judged"]) > 1 and _unpaired(connection, found["judged"]):
            found["judged"] = [make(_together(shards))]
    return found


def _part(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, manifest: Manifest | None, folder: Path, unit: Unit
) -> Path:
    """Count a unit into a file of its own, unless that was done before."""
    path = _place(folder, unit)
    if path.is_file():
        return path
    name = f'"{path.stem}"'
    with connection.cursor() as cursor:  # a database in memory for each: they are counted side by side
        cursor.execute(f"ATTACH ':memory:' AS {name}; USE {name}")
        families.create_views(cursor, workspace, [replace(manifest, shards=unit.shards)] if manifest else [])
        for view in _VIEWS:
            cursor.execute(f"CREATE VIEW {view.name} AS {view.sql}")
        counts = [(one.name, part.select) for one in ROLLUPS for part in one.parts if part.of == unit.of]
        if unit.of == "judged":
            cursor.execute(f"CREATE TABLE judged AS {JUDGED}")
            cursor.execute(f"CREATE VIEW signal_parts AS {families.signal_parts(cursor)}")
            counts.append((_UNPAIRED, "SELECT count(*) AS records FROM judged WHERE stays IS NULL"))
        selects = " UNION ALL BY NAME ".join(f"SELECT '{name}' AS rollup, * FROM ({sql})" for name, sql in counts)
        write_atomically(path, lambda draft: _copy(cursor, selects, draft))
        cursor.execute(f"USE memory; DETACH {name}")
    return path


def _copy(cursor: duckdb.DuckDBPyConnection, selects: str, path: Path) -> None:
    cursor.execute(f"COPY ({selects}) TO {store.literal([path])[1:-1]} (FORMAT parquet)")


def _units(shards: Shards) -> dict[Of, list[Unit]]:
    """The shards of a version in units: facts with the decisions on the same records, others one by one."""
    paired = [shards.get(family, ()) for family in _PAIRED]
    ends = [list(accumulate(shard.rows for shard in group)) for group in paired]
    cuts = sorted(set.intersection(*map(set, ends)))
    judged: dict[int, Shards] = {}
    for family, group, after in zip(_PAIRED, paired, ends, strict=True):
        for shard, end in zip(group, after, strict=True):
            unit = judged.setdefault(bisect_left(cuts, end), {})
            unit[family] = (*unit.get(family, ()), shard)
    units: dict[Of, list[Unit]] = {"judged": [Unit("judged", unit) for unit in judged.values()]}
    units |= {of: [Unit(of, {of: (shard,)}) for shard in shards.get(of, ())] for of in _ALONE}
    return {of: found or [Unit(of, {})] for of, found in units.items()}


def _together(shards: Shards) -> Unit:
    """All facts and decisions as one unit: for a version whose units do not hold together."""
    return Unit("judged", {family: shards.get(family, ()) for family in _PAIRED})


def _unpaired(connection: duckdb.DuckDBPyConnection, parts: Sequence[Path]) -> bool:
    """Is there a record whose decision is not in the same unit?"""
    asked = f"SELECT sum(records) > 0 FROM read_parquet({store.literal(parts)}) WHERE rollup = '{_UNPAIRED}'"
    return bool(connection.execute(asked).fetchall()[0][0])


def _place(folder: Path, unit: Unit) -> Path:
    return folder / f"{_key(unit.shards, unit.of)}.parquet"


def _key(shards: Shards, *named: str) -> str:
    """What counts depend on: how they are counted, which shards, and of a whole version its name and date."""
    counting = [JUDGED, families.SIGNAL_PART, *(view.sql for view in _VIEWS)]
    counting += [sql for one in ROLLUPS for sql in (one.sql, *(part.select for part in one.parts))]
    hashes = [shard.sha256 for group in shards.values() for shard in group]
    return hashlib.sha256(json.dumps([counting, hashes, named]).encode()).hexdigest()[:32]
