"""Which released texts can be told apart by the places, dates, employers and the like that they still name.

Somebody who knows a few such things of a person looks for the one text that has them all. Values
are made coarse (a date is its year), turned into keyed digests and counted; none is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from catalog import store
from catalog.keys import digest
from catalog.manifests import Manifest
from catalog.queries import query
from catalog.values import Span
from catalog.workspace import Workspace
from curation.job import Job
from privacy.engine import OK
from privacy.generalise import generalise
from privacy.surrogates import identity

QUASI = ("LOCATION", "ORGANIZATION", "DATE_TIME", "DATE_OF_BIRTH", "NRP", "AGE", "TITLE", "ZIP_CODE", "DEMOGRAPHIC")
MOST = 40  # values of one text that count: pairs grow with the square
BATCH = 64


@dataclass(frozen=True, slots=True)
class Singled:
    """Texts that are the only one with some value, or some pair of values, of these kinds."""

    without: str  # the kind that is left out of the count; empty: none
    texts: int
    by_one: int
    by_two: int
    not_examined: int = 0


def values(
    job: Job, manifest: Manifest, told: Callable[[int], None] = lambda _count: None
) -> Iterator[tuple[int, str, bytes] | None]:
    """Of each released text its number, kinds and keyed coarse values; None for a text that was not examined."""
    found = query(
        job.workspace,
        "SELECT c.text, coalesce(f.language, 'en') FROM content c JOIN facts f USING (version, id)"
        f" WHERE c.version = '{manifest.name}' AND c.text IS NOT NULL ORDER BY c.id",
    )
    number = 0
    while rows := found.fetchmany(BATCH):
        for (text, _), scan in zip(rows, job.engine.scan(*_columns(rows)), strict=True):
            if scan.status == OK:
                yield from ((number, kind, value) for kind, value in _coarse(job, text, scan.spans))
                yield (number, "", b"")  # a text that names nothing is one of the texts, too
            else:
                yield None
            number += 1
        told(len(rows))


def _columns(rows: Sequence[tuple[Any, ...]]) -> tuple[list[str], list[str]]:
    return [row[0] for row in rows], [row[1] for row in rows]


def _coarse(job: Job, text: str, spans: Sequence[Span]) -> set[tuple[str, bytes]]:
    found: dict[tuple[str, bytes], None] = {}
    for span in spans:
        if span.kind in QUASI and len(found) < MOST:
            words = text[span.start : span.end]
            said = generalise(span.kind, words) or identity(words)
            found[span.kind, digest(job.keys.pseudonyms, "coarse", span.kind, said)] = None
    return set(found)


def singled(workspace: Workspace, rows: Sequence[tuple[int, str, bytes] | None]) -> list[Singled]:
    """Counts over all kinds, and over all but one, for each kind that is there."""
    known = [row for row in rows if row is not None]
    missing = len(rows) - len(known)
    table = pa.table(
        {
            "text": pa.array([row[0] for row in known], pa.int64()),
            "kind": pa.array([row[1] for row in known], pa.string()),
            "value": pa.array([row[2] for row in known], pa.binary()),
        }
    )
    kinds = sorted({row[1] for row in known if row[1]})
    with store.connect(workspace) as connection:
        connection.register("named", table)
        counted = [connection.execute(_COUNT, {"without": kind}).fetchall()[0] for kind in ("", *kinds)]
    return [
        Singled(kind, texts, ones, twos, missing)
        for kind, (texts, ones, twos) in zip(("", *kinds), counted, strict=True)
    ]


_COUNT = """
    WITH told AS (SELECT DISTINCT text, kind, value FROM named WHERE kind != '' AND kind != $without),
    ones AS (SELECT DISTINCT any_value(text) AS text FROM told GROUP BY kind, value HAVING count(*) = 1),
    twos AS (
        SELECT DISTINCT any_value(a.text) AS text FROM told a JOIN told b
        ON a.text = b.text AND (a.kind, a.value) < (b.kind, b.value)
        GROUP BY a.kind, a.value, b.kind, b.value HAVING count(*) = 1
    )
    SELECT (SELECT count(DISTINCT text) FROM named), (SELECT count(*) FROM ones),
           (SELECT count(*) FROM (SELECT text FROM ones UNION SELECT text FROM twos))"""
