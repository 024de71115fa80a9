"""Runs of words that a text repeats, counted for several texts at once.

One call for many texts takes a third of the time of a call for each: most texts are so
short that starting numpy's functions would cost more than what they do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.intp]

TOP = (2, 3, 4)  # words in a run of which the most frequent is looked for
REPEATED = (5, 6, 7, 8, 9, 10)  # words in a run that is counted where it repeats an earlier one

STEP = np.uint64(0x9E3779B97F4A7C15)
_APART = np.uint64(0xD6E8FEB86659FD93)
_DRAWERS = 17  # bits: some times as many drawers as words that are counted at once
_INSIDE = b"\x01" * REPEATED[-1]

Characters = dict[int, int | None]


def characters(hashes: Sequence[Hashes], lengths: Sequence[Places]) -> list[Characters]:
    """For each text, by words in a run: characters in the most frequent run, single spaces between
    its words (TOP; None in a shorter text), or in runs that repeat an earlier one, spaces left
    out (REPEATED). A text is given by a hash and a length for each of its words.

    A run of n+1 words can repeat only where the runs of n words at its place and at the
    next both do, so every step looks at what the step before left over.
    """
    words = _Words.of(hashes, lengths)
    counted = {n: words.first_runs(n) for n in TOP} | {n: np.zeros(len(hashes), dtype=np.intp) for n in REPEATED}
    left = words.but_the_last
    runs = words.hashes + words.text.view(np.uint64) * _APART  # so that texts share no runs
    for n in (*TOP, *REPEATED):
        now = runs.take(left) * STEP + words.hashes.take(left + (n - 1))
        if n == TOP[0]:  # the only time that most are met just once
            shared = _shared(now)
            left, now = left[shared], now[shared]
        runs[left] = now
        pairs = _pairs(now, left, words)
        if not len(pairs.later):
            break
        if n in TOP:
            _set_top(counted[n], words, n, pairs)
        else:
            counted[n] += _repeated(words, n, pairs)
        again = np.zeros(len(runs), dtype=np.bool_)
        again[pairs.earlier] = again[pairs.later] = True
        left = np.flatnonzero(again[:-1] & again[1:])
    columns = {n: counts.tolist() for n, counts in counted.items()}
    return [
        {n: columns[n][text] if n in REPEATED or n <= size else None for n in columns}
        for text, size in enumerate(words.sizes.tolist())
    ]


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of all texts, one after the other."""

    hashes: Hashes
    text: Places  # which text each word is of
    offsets: Places  # characters of words before each word; one more at the end
    starts: Places  # first word of each text
    sizes: Places  # words in each text

    @classmethod
    def of(cls, hashes: Sequence[Hashes], lengths: Sequence[Places]) -> _Words:
        sizes = np.array([len(one) for one in hashes], dtype=np.intp)
        offsets = np.zeros(int(sizes.sum()) + 1, dtype=np.intp)
        np.cumsum(np.concatenate(lengths), out=offsets[1:])
        starts = np.cumsum(sizes) - sizes
        return cls(np.concatenate(hashes), np.repeat(np.arange(len(sizes)), sizes), offsets, starts, sizes)

    @property
    def but_the_last(self) -> Places:
        """Every place but the last of each text."""
        inner = np.ones(len(self.hashes) + 1, dtype=np.bool_)
        inner[self.starts + self.sizes - 1] = False
        return np.flatnonzero(inner[:-1])

    def span(self, places: Places, n: int) -> Places:
        """Characters of the runs of n words at these places."""
        return np.asarray(self.offsets.take(places + n) - self.offsets.take(places))

    def first_runs(self, n: int) -> Places:
        """Characters of the first run of each text, spaces and all."""
        ends = np.minimum(self.starts + n, len(self.hashes))
        return np.asarray(self.offsets[ends] - self.offsets[self.starts] + n - 1)


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Places of equal runs: each with the next that is equal to it, and its rank among all by text and hash."""

    ranks: Places
    earlier: Places
    later: Places


def _shared(hashes: Hashes) -> npt.NDArray[np.bool_]:
    """Which hashes may occur twice, by their upper bits: counting those is cheaper than sorting."""
    drawers = (hashes >> np.uint64(64 - _DRAWERS)).view(np.intp)
    return np.asarray(np.bincount(drawers, minlength=1).take(drawers) > 1)


def _pairs(hashes: Hashes, places: Places, words: _Words) -> _Pairs:
    """One sort of hash and place packed together takes half the time of an argsort, and one for each
    text less again. What is left of the hash (over 40 bits in a million words) still tells runs apart."""
    low = np.uint64((1 << len(words.hashes).bit_length()) - 1)
    packed = (hashes & ~low) | places.view(np.uint64)
    edges = [*places.searchsorted(words.starts).tolist(), len(packed)]
    for start, end in pairwise(edges):
        packed[start:end].sort()
    ranks = np.flatnonzero((packed[1:] ^ packed[:-1]) <= low)
    earlier, later = ((packed.take(at) & low).view(np.intp) for at in (ranks, ranks + 1))
    return _Pairs(ranks, earlier, later)


def _set_top(found: Places, words: _Words, n: int, pairs: _Pairs) -> None:
    """Characters in the most frequent run of each text: of several, in the first."""
    starts = np.append(0, np.flatnonzero(pairs.ranks[1:] - pairs.ranks[:-1] != 1) + 1)
    counts = np.append(starts[1:], len(pairs.ranks)) - starts + 1
    places = pairs.earlier[starts]
    size = len(words.hashes)
    best = np.zeros(len(found), dtype=np.intp)  # the count and, lower the later, the place in one number
    np.maximum.at(best, words.text[places], counts * size + (size - 1 - places))
    repeating = np.flatnonzero(best)
    most, place = best[repeating] // size, size - 1 - best[repeating] % size
    found[repeating] = most * (words.span(place, n) + n - 1)


def _repeated(words: _Words, n: int, pairs: _Pairs) -> Places:
    """Characters, for each text, of runs seen before. A counted run is not counted into the next,
    and what starts within it was not seen."""
    before = np.full(len(words.hashes), -1)
    before[pairs.later] = pairs.earlier
    places = np.flatnonzero(before >= 0)
    starts, earlier = places.tolist(), before.take(places).tolist()
    behind = np.searchsorted(places, places + n).tolist()  # which of the places is the first after the run at each
    within, inside = bytearray(len(before) + n), _INSIDE[: n - 1]
    counted = []
    at = 0
    while at < len(starts):
        seen = earlier[at]
        while seen >= 0 and within[seen]:
            seen = before.item(seen)
        if seen < 0:
            at += 1
            continue
        place = starts[at]
        counted.append(place)
        within[place + 1 : place + n] = inside
        at = behind[at]
    again = np.array(counted, dtype=np.intp)
    sums = np.bincount(words.text[again], weights=words.span(again, n), minlength=len(words.sizes))
    return sums.astype(np.intp)
