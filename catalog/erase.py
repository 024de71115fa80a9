"""Erasure: what requests would touch, and taking it out of everything that the workspace holds, with a proof.

A journal is written first, and every step may be done twice. So after a `kill -9` the next
command goes on from the journal, and nothing else is lost.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from catalog import (
    consents,
    erasures,
    families,
    holdings,
    keys,
    manifests,
    measurements,
    processes,
    public,
    rewriting,
    rollups,
    store,
    suppression,
    tables,
)
from catalog.erasures import Erasure, Journal, Touched
from catalog.errors import WorkspaceLocked
from catalog.ledger import Ledger
from catalog.manifests import Manifest
from catalog.proof import Needles, Proof, search
from catalog.requests import Meant
from catalog.workspace import Workspace, json_lines, write_text

_OF_RECORDS = ("skew", "agreement", "conflicts", "drift")  # figures that name values and people of few records
GRACE = 600  # seconds that old files stay where somebody has the workspace open

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Charged:
    """A training run on a version with erased records, and what it was charged for their contributors."""

    run: str
    version: str
    unit: str
    epsilon: float
    delta: float
    status: str
    people: tuple[tuple[str, int, float, float], ...] = field(repr=False)  # pseudonym, records, epsilon, delta


@dataclass(frozen=True, slots=True)
class Copy:
    """An export that holds erased records, or a catalog to give away that counts them.

    One within the workspace is removed, another is out of reach.
    """

    version: str
    format: str
    path: str
    at: str
    within: bool


@dataclass(frozen=True, slots=True)
class Effects:
    """What an erasure will touch. Nothing is done yet."""

    meant: Meant
    versions: tuple[Touched, ...]
    shards: int  # to be rewritten, of so many
    shards_of: int
    others: int  # outputs of stages to be rewritten or removed
    copies: tuple[Copy, ...]
    models: tuple[Charged, ...]


def preview(workspace: Workspace, meant: Meant) -> Effects:
    """Say what an erasure will touch: versions, files, exports, models."""
    versions = manifests.versions(workspace)
    named = {workspace.root / shard.path for one in versions for group in one.shards.values() for shard in group}
    files = set(holdings.holding(workspace, meant.ids)) if meant.ids else set()
    touched = tuple(_touched(workspace, one, meant) for one in versions if _paths(workspace, one) & files)
    names = {one.version for one in touched}
    return Effects(
        meant=meant,
        versions=touched,
        shards=len(files & named),
        shards_of=len(named),
        others=len(files - named),
        copies=tuple(_copies(workspace, names)),
        models=tuple(_charged(workspace, [one for one in versions if one.name in names], meant.contributors)),
    )


def carry_out(
    workspace: Workspace, effects: Effects, grace: float | None = None, told: Told = lambda _: None
) -> Erasure:
    """Erase, as the holder of the lock. Without `grace` old files go at once if nobody has the workspace open.

    `told` hears the name of each step before it begins.
    """
    meant = effects.meant
    if grace is None:
        grace = GRACE if processes.readers(workspace.root) else 0
    needles = Needles.of(keys.of_suppression(workspace), _words(workspace, meant)) if meant.ids else None
    entry = Erasure(
        number=erasures.next_number(workspace),
        at=erasures.now(),
        state="pending",
        requests=meant.kinds,
        digests=meant.digests,
        records=len(meant.ids),
        copies=meant.copies,
        versions=effects.versions,
        shards=effects.shards,
        files=effects.others,
        exports=sum(copy.within for copy in effects.copies),
    )
    journal = Journal(
        entry=entry,
        unlink_after=erasures.now(grace),
        stones=meant.stones,
        contributors=meant.asked,  # not all whose records go: what others said of theirs stands
        entries=meant.entries,
        needles=erasures.pack(needles.sealed()) if needles else "",
    )
    told("journal")
    erasures.begin(workspace, journal)
    _go_on(workspace, journal, told)
    return list(erasures.log(workspace))[-1]


def finish(workspace: Workspace, told: Told = lambda _: None) -> None:
    """Go on with what was begun and is due, as the holder of the lock."""
    for journal in erasures.journals(workspace):
        _go_on(workspace, journal, told)


def finish_if_free(workspace: Workspace) -> None:
    """`finish`, if no run is at work: then the run has done it or will be followed by one that does."""
    if erasures.journals(workspace):
        with contextlib.suppress(WorkspaceLocked), workspace.lock():
            finish(workspace)


def waiting(workspace: Workspace) -> list[str]:
    """Shards that no version names any more and that stay for readers until their time, from the workspace's root."""
    ids = [keys.id_bytes(identity) for journal in erasures.journals(workspace) for identity in journal.stones]
    return [str(path.relative_to(workspace.root)) for path in holdings.holding(workspace, ids)] if ids else []


def _go_on(workspace: Workspace, journal: Journal, told: Told) -> None:
    """From wherever it was left to the end, or to the point where old files wait for readers."""
    listed = suppression.Suppression(keys.of_suppression(workspace))
    if not journal.amended:
        erasures.write(workspace, journal.entry)
        told("suppress")
        suppression.add(workspace, journal.entries)
        _rewrite(workspace, journal, listed, told)
        told("lists")
        if tokens := [bytes.fromhex(entry.token) for entry in journal.entries if entry.kind == "host"]:
            rewriting.hosts(workspace, replace(listed, tokens=frozenset(tokens)))
        _forget(workspace, journal)
        told("publish")
        _publish(workspace, journal)
        journal = replace(journal, amended=True)
        erasures.begin(workspace, journal)
    if erasures.now() < journal.unlink_after:
        return
    told("unlink")
    _unlink(workspace, journal)
    told("proof")
    erasures.finished(workspace, journal.entry, _prove(workspace, journal, listed.key))
    told("end")
    _republish(workspace)
    erasures.end(workspace, journal)


def _rewrite(workspace: Workspace, journal: Journal, listed: suppression.Suppression, told: Told) -> None:
    """Shards first, then the versions that name them, then the outputs of stages."""
    files = _holding(workspace, journal)
    versions = manifests.versions(workspace)
    named = {path for one in versions for path in _paths(workspace, one)}
    successors = {}
    for path in sorted(files & named):
        told("shard")
        successors[str(path.relative_to(workspace.root))] = rewriting.shard(workspace, path, journal.stones)
    for one in versions:
        if _paths(workspace, one) & files:
            told("manifest")
            manifests.write(workspace, rewriting.amended(workspace, one, successors))
    for path in sorted(files - named):
        if not path.is_relative_to(workspace.shards):
            told("stage")
            rewriting.stage(path, journal.stones, listed)


def _forget(workspace: Workspace, journal: Journal) -> None:
    """Reviews, consents, counts, caches, and exports within."""
    consents.forget(workspace, journal.contributors)
    with workspace.publishing():
        _rewrite_reviews(workspace, journal)
        current = {rollups.place(workspace, one) for one in [None, *manifests.versions(workspace)]}
        for path in (workspace.stages / "rollups").glob("*.duckdb"):
            if path not in current:
                path.unlink(missing_ok=True)
    for folder in (workspace.root / "cache", *(workspace.root / "spill").glob("*/datasets")):
        shutil.rmtree(folder, ignore_errors=True)
    for one in journal.entry.versions:  # what may be given away is made again with `publish --public`
        _remove_copy(public.default_path(workspace, manifests.find(workspace, one.version)))
    for copy in _copies(workspace, {one.version for one in journal.entry.versions}):  # also what held only pointers
        if copy.within:
            _remove_copy(Path(copy.path))


def _remove_copy(path: Path) -> None:
    """An export's folder, or a catalog to give away with its card."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
        return
    for file in (path, path.with_suffix(".md")):
        file.unlink(missing_ok=True)


def _rewrite_reviews(workspace: Workspace, journal: Journal) -> None:
    """What people said of erased records goes with them: a note may hold anything."""
    if not workspace.reviews.exists():
        return
    lines = [line for _, line in json_lines(workspace.reviews.read_text("utf-8"))]
    kept = [line + "\n" for line in lines if _id_in(line) not in journal.stones]
    if len(kept) < len(lines):
        write_text(workspace.reviews, "".join(kept))


def _id_in(line: str) -> str:
    try:
        return str(json.loads(line).get("id"))
    except (ValueError, AttributeError):
        return ""


def _publish(workspace: Workspace, journal: Journal) -> None:
    """The catalog, then the cards of the versions that changed, without figures that erased records are part of."""
    from catalog import cards  # templates and YAML, which nothing else here needs

    touched = {one.version for one in journal.entry.versions}
    for name in touched:
        measurements.remove(workspace, name, _OF_RECORDS)
    _republish(workspace)
    for one in manifests.versions(workspace):
        if one.name in touched and (workspace.cards / one.name / "facts.json").is_file():
            cards.write(workspace, one)


def _republish(workspace: Workspace) -> None:
    from catalog.publish import publish  # it shows the log of erasures: the two know each other

    publish(workspace)


def _unlink(workspace: Workspace, journal: Journal) -> None:
    """Remove the files that still hold the records: shards that no version names any more."""
    named = {path for one in manifests.versions(workspace) for path in _paths(workspace, one)}
    for path in _holding(workspace, journal) - named:
        path.unlink(missing_ok=True)


def _prove(workspace: Workspace, journal: Journal, key: bytes) -> Proof:
    needles = Needles.unsealed(key, erasures.unpack(journal.needles))
    # Journals go at their own ends, and of a record that was asked for again a younger one still has the id.
    found = search(workspace, needles, leave_out=erasures.journal_path(workspace, journal).parent.glob("*"))
    return replace(found, holding=len(_holding(workspace, journal)))


def _holding(workspace: Workspace, journal: Journal) -> set[Path]:
    ids = [keys.id_bytes(identity) for identity in journal.stones]
    return set(holdings.holding(workspace, ids)) if ids else set()


def _paths(workspace: Workspace, manifest: Manifest) -> set[Path]:
    return {workspace.root / shard.path for group in manifest.shards.values() for shard in group}


def _touched(workspace: Workspace, manifest: Manifest, meant: Meant) -> Touched:
    with store.connect(workspace) as connection:
        families.create_views(connection, workspace, [manifest])
        connection.register("wanted", holdings.id_table(meant.ids))
        counts = [
            connection.execute(f"SELECT count(*) FROM {family} SEMI JOIN wanted USING (id)").fetchall()[0][0]
            for family in ("facts", "content")
        ]
    return Touched(manifest.name, manifest.hash, manifest.amendment, *counts)


def _copies(workspace: Workspace, versions: set[str]) -> Iterator[Copy]:
    """The exports of these versions that the workspace made, as far as they are still where it put them."""
    for entry in tables.entries(workspace, "exports.jsonl"):
        noted = workspace.from_root(workspace.root / entry["path"])
        path, within = workspace.root / noted, not Path(noted).is_absolute()
        if entry["version"] in versions and (path.exists() or not within):
            yield Copy(entry["version"], entry["format"], str(path), entry["at"], within)


def _charged(workspace: Workspace, versions: Sequence[Manifest], contributors: Sequence[str]) -> Iterator[Charged]:
    if not workspace.ledger.exists():
        return
    ledger = Ledger(workspace.ledger)
    of = [(run, one) for name in contributors for run, one in ledger.contributions(contributor=name)]
    for version in versions:
        for row in ledger.rows(version.dataset):
            if row.number == version.number:
                people = tuple((o.contributor, o.records, o.epsilon, o.delta) for run, o in of if run == row.run)
                yield Charged(row.run, version.name, row.unit, row.epsilon, row.delta, row.status, people)


# What is looked for afterwards: the words of these columns, and ids as they are written.
_COLUMNS = {
    "facts": ("address",),
    "content": ("text", "image"),
    "attributions": ("title", "author", "author_url", "address", "notice"),
}


def _words(workspace: Workspace, meant: Meant) -> Iterator[bytes]:
    """Everything that the released rows and facts of these records say, one value at a time."""
    yield from (identity.encode() for identity in meant.stones)
    with store.connect(workspace) as connection:
        connection.register("wanted", holdings.id_table(meant.ids))
        for folder, files in holdings.folders(workspace):
            columns = _COLUMNS.get({"verbatim": "content"}.get(folder.name, folder.name), ())
            if columns:
                yield from _values(connection, files, columns)


def _values(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], columns: Sequence[str]) -> Iterator[bytes]:
    source = f"read_parquet({store.literal(files)}, union_by_name=true)"
    cursor = connection.execute(f"SELECT DISTINCT {', '.join(columns)} FROM {source} SEMI JOIN wanted USING (id)")
    while rows := cursor.fetchmany(100):
        for value in (value for row in rows for value in row if value is not None):
            yield bytes(value) if isinstance(value, bytes | bytearray | memoryview) else str(value).encode()


def due(workspace: Workspace) -> dt.datetime | None:
    """When the last of the waiting erasures can be finished."""
    times = [dt.datetime.fromisoformat(journal.unlink_after) for journal in erasures.journals(workspace)]
    return max(times, default=None)
