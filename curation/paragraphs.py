"""Paragraphs that a site repeats on its pages: keyed hashes per record, counted per host, taken out or told.

A paragraph is a line that holds something; the space around it does not count.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace

import licenses
from catalog.values import Span

REMOVED = "remove-paragraphs"  # the transform

Place = tuple[int, int]


def hashes(text: str, key: bytes) -> list[int]:
    """The keyed hash of every paragraph, each once, in order."""
    return list(dict.fromkeys(number for number, _ in _numbered(text, key)))


def repeated(pages: int, share: float) -> str:
    """A SELECT of (batch, host, hash) from a view `facts`: what enough pages of a host hold."""
    return f"""
        WITH seen AS (SELECT host, hash, count(DISTINCT id) AS pages
                      FROM (SELECT host, id, unnest(paragraphs) AS hash FROM facts WHERE host <> '') GROUP BY ALL),
             sizes AS (SELECT host, count(DISTINCT id) AS size FROM facts WHERE len(paragraphs) > 0 GROUP BY host),
             batches AS (SELECT DISTINCT batch, host FROM facts)
        SELECT batch, host, hash FROM seen JOIN sizes USING (host) JOIN batches USING (host)
        WHERE pages >= {pages:d} AND pages >= {share:f} * size ORDER BY ALL"""


def removable(licence: str | None) -> bool:
    """May they be left out? Consent alone names no licence, and its scope is asked before."""
    return not licence or licenses.effect(licence, REMOVED).permitted == "yes"


def places(text: str, known: Container[int], key: bytes) -> list[Place]:
    """Where the paragraphs with these hashes stand, each with the newline behind it."""
    return [place for number, place in _numbered(text, key) if number in known]


def cut(text: str, gone: Sequence[Place], spans: Iterable[Span]) -> tuple[str, list[Span]]:
    """The text without these places, and where the spans that are left now are."""
    kept = []
    end = 0
    for start, behind in (*gone, (len(text), len(text))):
        kept.append(text[end:start])
        end = behind
    moved = (replace(span, start=_moved(span.start, gone), end=_moved(span.end, gone)) for span in spans)
    return "".join(kept), [span for span in moved if span.start < span.end]


def _moved(place: int, gone: Sequence[Place]) -> int:
    return place - sum(min(place, end) - start for start, end in gone if start < place)


def _numbered(text: str, key: bytes) -> Iterator[tuple[int, Place]]:
    start = 0
    for line in text.split("\n"):
        end = min(start + len(line) + 1, len(text))
        if written := line.strip():
            digest = hashlib.blake2b(written.encode("utf-8", "surrogatepass"), digest_size=8, key=key[:64]).digest()
            yield int.from_bytes(digest, "big"), (start, end)
        start = end
