"""Whole licence texts: which of the common ones a file holds, however its lines are broken and whoever is named in it.

The texts are those that `identify` ships (from choosealicense.com). Compared are runs of words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from licenses import ids

_WORD = re.compile(r"[a-z0-9]+")
_RUN = 4  # words in a run
_ENOUGH = 0.86  # share of a text's runs that must be there
_NEW = 0.5  # share of its runs that no better match has used: BSD-2-Clause is in every BSD-3-Clause
_READ = 120_000  # characters read: the longest of the texts has 35,000
_BLANKS = re.compile(r"^.*copyright (?:\(c\)|©|\[).*$|\[[^\]\n]{1,60}\]", re.I | re.M)  # left for names and years


@dataclass(frozen=True, slots=True)
class Match:
    """A licence text found in a file, and how much of it is there (0 to 1)."""

    licence: str
    share: float


def find(text: str) -> tuple[Match, ...]:
    """The licence texts in a file, the surest first. Nothing where only a piece of one is there."""
    lowered = text[:_READ].lower()
    if "warrant" not in lowered and "license" not in lowered:  # each of the texts has one of the words
        return ()
    there = _runs(lowered)
    shared = [(len(runs & there), licence) for licence, runs in _library().items()]
    found: list[Match] = []
    used: set[int] = set()
    for count, licence in sorted(shared, reverse=True):  # the longest first
        runs = _library()[licence]
        if count >= _ENOUGH * len(runs) and len(runs - used) >= _NEW * len(runs):
            found.append(Match(licence, round(count / len(runs), 3)))
            used |= runs
    return tuple(found)


def _runs(lowered: str) -> set[int]:
    """Runs of words as numbers that hold within this process."""
    words = _WORD.findall(lowered)
    return {hash(tuple(words[place : place + _RUN])) for place in range(len(words) - _RUN + 1)}


@cache
def _library() -> dict[str, set[int]]:
    from identify.vendor.licenses import LICENSES

    known = ((ids.spdx_ids().get(name.lower(), ""), text) for name, text in LICENSES)
    return {
        licence: {run for piece in _BLANKS.split(text.lower()) for run in _runs(piece)}
        for licence, text in known
        if licence
    }
