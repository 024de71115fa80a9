"""Figures on how a version is made up that no shard holds: agreement, contradicting labels, skew, drift."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median

import duckdb

from catalog import families, manifests, measurements, store
from catalog.manifests import Manifest
from catalog.measurements import Measurement
from catalog.workspace import Workspace
from curation import drift
from curation.conflicts import Conflict, conflicts
from curation.distribution import Skew, Votes, disagreement, krippendorff_alpha, skew

DRIFTING = 10  # columns that a card names, the strongest drift first
_NOTED = 0.1  # effect from which on drift is worth a line on a card
_CHANCE = 0.05  # p over which it is not: so few records differ that much by chance
OWN = ("language", "licence", "label", "host", "media_type", "modality", "contributor")
_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Agreement:
    """How annotators agree on what stays."""

    records: int  # with two votes and more
    alpha: float | None  # Krippendorff's
    differing: dict[str, float]  # per annotator (keyed pseudonym), the share against most of the others


@dataclass(frozen=True, slots=True)
class MadeUp:
    """How one version is made up."""

    version: str
    agreement: Agreement
    conflicts: tuple[Conflict, ...]
    compared: int  # pairs of duplicates that both have a label
    skews: dict[str, tuple[int, Skew]]  # per column: records that have a value, and how uneven they are


def look(workspace: Workspace, manifest: Manifest, columns: Iterable[str] = ()) -> MadeUp:
    """Look at what stays in a version; `columns` are of the facts, or named in the recipe's [distribution]."""
    with store.connect(workspace) as connection:
        families.create_views(connection, workspace, [manifest])
        connection.execute("CREATE VIEW stays AS SELECT f.*, c.licence FROM facts f JOIN content c USING (version, id)")
        agreement = _agreement(connection)
        skews = {column: found for column in columns if (found := _skew(connection, column))}
    facts, clusters = (manifest.paths(workspace, family) for family in ("facts", "clusters"))
    contradicting, compared = conflicts(facts, clusters)
    return MadeUp(manifest.name, agreement, contradicting, compared, skews)


def columns(manifest: Manifest) -> tuple[str, ...]:
    """The columns that the recipe of a version names under [distribution]."""
    named: list[str] = tomllib.loads(manifest.recipe).get("distribution", {}).get("columns", [])
    return tuple(named)


def save(workspace: Workspace, manifest: Manifest, columns: Iterable[str] = ()) -> None:
    """Keep the figures of a version just made where its card reads them."""
    found = look(workspace, manifest, columns)
    day = manifest.created_at[:10]
    topics = {
        "agreement": list(_of_agreement(found.agreement, day)),
        "conflicts": list(_of_conflicts(found, day)),
        "skew": list(_of_skew(found, day)),
        "drift": list(_of_drift(workspace, manifest, day)),
    }
    for topic, figures in topics.items():
        if figures:
            measurements.save(workspace, manifest.name, topic, figures)


def _agreement(connection: duckdb.DuckDBPyConnection) -> Agreement:
    alpha = krippendorff_alpha(_votes(connection))
    differing = disagreement(_votes(connection))
    [(records,)] = connection.execute("SELECT count(*) FROM stays WHERE len(annotations) > 1").fetchall()
    return Agreement(records, alpha, differing)


def _votes(connection: duckdb.DuckDBPyConnection) -> Iterator[Votes]:
    cursor = connection.execute("SELECT annotations FROM stays WHERE len(annotations) > 1")
    while rows := cursor.fetchmany(_BATCH):
        yield from ([(vote["annotator"], vote["label"]) for vote in row[0]] for row in rows)


def _skew(connection: duckdb.DuckDBPyConnection, column: str) -> tuple[int, Skew] | None:
    if column in OWN:
        values = f'SELECT "{column}" AS value FROM stays'
        rows = connection.execute(f"SELECT value, count(*) FROM ({values}) WHERE value <> '' GROUP BY value").fetchall()
    else:
        values = "SELECT g.value FROM (SELECT unnest(groups) AS g FROM stays) WHERE g.name = $1"
        rows = connection.execute(f"SELECT value, count(*) FROM ({values}) GROUP BY value", [column]).fetchall()
    counts = dict(rows)
    found = skew(counts)
    return None if found is None else (sum(counts.values()), found)


def _of_agreement(found: Agreement, day: str) -> Iterator[Measurement]:
    if found.alpha is not None:
        method = f"Krippendorff's alpha for nominal labels; {len(found.differing)} annotators"
        yield Measurement("agreement", "krippendorff-alpha", found.alpha, None, None, found.records, method, day)
    if found.differing:
        shares = list(found.differing.values())
        method = "share of an annotator's votes against most of the others' votes on the same record"
        for name, value in (("disagreement-median", median(shares)), ("disagreement-highest", max(shares))):
            yield Measurement("agreement", name, value, None, None, len(shares), method, day)


def _of_conflicts(found: MadeUp, day: str) -> Iterator[Measurement]:
    if found.compared:
        share = len(found.conflicts) / found.compared
        method = f"{len(found.conflicts)} pairs of exact or near duplicates with different labels"
        yield Measurement("conflicts", "contradicting-labels", share, None, None, found.compared, method, day)


def _of_skew(found: MadeUp, day: str) -> Iterator[Measurement]:
    for column, (records, of_it) in found.skews.items():
        method = f"entropy of {of_it.values} values over that of equal shares; 1 is the same number of each"
        yield Measurement("skew", f"{column}: evenness", of_it.evenness, None, None, records, method, day)
        method = "share of the most frequent value"
        yield Measurement("skew", f"{column}: top share", of_it.top_share, None, None, records, method, day)


def _of_drift(workspace: Workspace, manifest: Manifest, day: str) -> Iterator[Measurement]:
    earlier = [one for one in manifests.versions(workspace, manifest.dataset) if one.number == manifest.parent]
    if not earlier:
        return
    compared = drift.compare(workspace, earlier[0], manifest)
    found = [one for one in compared if one.effect >= _NOTED and one.p <= _CHANCE]
    for one in found[:DRIFTING]:
        size = "Cramér's V" if one.test == "chi-square" else "largest gap between the shares"
        against = f"what stays here against {earlier[0].name}"
        method = f"{size} ({one.test}), {against}; p = {one.p:.2g} (over {_CHANCE:g}: left out)"
        if one.stability is not None:
            method += f"; population stability index {one.stability:.2f}"
        yield Measurement("drift", one.column, one.effect, None, None, one.before + one.after, method, day)
