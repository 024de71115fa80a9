"""Gopher's repetition measures (Rae et al. 2021, arXiv 2112.11446, table A1) as numbers."""

from __future__ import annotations

import numpy as np

from catalog.checks import Example
from curation.text import Hashes, Places, TextView, repeats

VERSION = 1
REPORTS = {
    "gopher_dup_lines": "Share of lines that repeat an earlier line.",
    "gopher_dup_line_chars": "Share of characters in lines that repeat an earlier line.",
    "gopher_dup_paragraphs": "Share of paragraphs that repeat an earlier paragraph.",
    "gopher_dup_paragraph_chars": "Share of characters in paragraphs that repeat an earlier paragraph.",
    **{f"gopher_top_{n}gram_chars": f"Share of characters in the most frequent run of {n} words." for n in (2, 3, 4)},
    **{f"gopher_dup_{n}gram_chars": f"Share of characters in repeated runs of {n} words." for n in range(5, 11)},
}
EXAMPLES = (
    Example(
        "a b c d e f\na b c d e f",
        (
            "gopher_dup_lines=0.5",
            "gopher_dup_line_chars=0.4783",
            "gopher_dup_paragraphs=0",
            "gopher_top_2gram_chars=0.2609",
            "gopher_dup_5gram_chars=0.2174",
            "gopher_dup_6gram_chars=0.2609",
            "gopher_dup_7gram_chars=0",
        ),
    ),
    Example("one two three four five six", ("gopher_dup_lines=0", "gopher_dup_5gram_chars=0")),
    Example("word", ("gopher_top_2gram_chars=None", "gopher_dup_5gram_chars=0")),
    Example("", ("gopher_dup_lines=None", "gopher_dup_5gram_chars=None")),
)

TOP = (2, 3, 4)
REPEATED = (5, 6, 7, 8, 9, 10)


def signals(view: TextView) -> dict[str, float | None]:
    size = len(view.text)
    if not size:
        return dict.fromkeys(REPORTS)
    found: dict[str, float | None] = {}
    for name, parts in (("line", _lines(view)), ("paragraph", view.paragraphs)):
        again, characters = repeats(parts)
        found[f"gopher_dup_{name}s"] = again / len(parts)
        found[f"gopher_dup_{name}_chars"] = characters / size
    for n, counted in _ngrams(view).items():
        name = "top" if n in TOP else "dup"
        found[f"gopher_{name}_{n}gram_chars"] = None if counted is None else counted / size
    return found


def _lines(view: TextView) -> list[str]:
    """Lines between runs of newlines. As in the reference code, a newline at either end of
    the text leaves an empty line there."""
    lines = list(filter(None, view.lines))
    return [""] * (view.text.startswith("\n") + view.text.endswith("\n")) + lines


def _ngrams(view: TextView) -> dict[int, int | None]:
    """Characters in the most frequent (TOP) or the repeated (REPEATED) runs of n words.

    A run of n+1 words can repeat only where the runs of n words at its place and at the
    next both do, so every step looks at what the step before left over.
    """
    words = len(view.word_lengths)
    found: dict[int, int | None] = {n: _span(view, 0, n) if n <= words else None for n in TOP}
    found |= dict.fromkeys(REPEATED, 0)
    bits = np.uint64(words.bit_length())
    left = np.arange(max(words - TOP[0] + 1, 0))
    for n in TOP:
        grouped, starts = _groups(view.ngram_hashes(n)[left], left, bits)
        if not len(grouped):
            return found
        found[n] = _top(view, n, grouped, starts)
        left = _next_left(np.sort(grouped))
    for n in REPEATED:
        keys: list[int] = view.ngram_hashes(n)[left].tolist()
        if len(set(keys)) == len(keys):
            return found
        found[n] = _repeated(view, n, left, keys)
        left = _next_left(left)
    return found


def _next_left(places: Places) -> Places:
    """Of sorted places, those that the next higher one follows at once."""
    return np.asarray(places[:-1][places[1:] - places[:-1] == 1])


def _groups(hashes: Hashes, places: Places, bits: np.uint64) -> tuple[Places, Places]:
    """The places whose hash occurs again, equal ones together and in order; where each group starts.

    One sort of hash and place packed together takes half the time of an argsort. What is
    left of the hash (over 40 bits in a million words) still tells runs of words apart.
    """
    packed = np.sort((hashes >> bits << bits) | places.view(np.uint64))
    keys = packed >> bits
    same = np.zeros(len(keys) + 1, dtype=np.bool_)
    np.equal(keys[1:], keys[:-1], out=same[1:-1])
    several = same[1:] | same[:-1]
    grouped = (packed[several] & ((np.uint64(1) << bits) - np.uint64(1))).view(np.intp)
    return grouped, np.flatnonzero(~same[:-1][several])


def _span(view: TextView, place: int, n: int) -> int:
    """Characters of the run of n words at a place, with single spaces between them."""
    return int(view.word_offsets[place + n] - view.word_offsets[place]) + n - 1


def _top(view: TextView, n: int, grouped: Places, starts: Places) -> int:
    """Characters in the most frequent run: of several, in the first."""
    counts = np.append(starts[1:], len(grouped)) - starts
    most = int(counts.max())
    return most * _span(view, int(grouped[starts[counts == most]].min()), n)


def _repeated(view: TextView, n: int, places: Places, keys: list[int]) -> int:
    """Characters, without white space, of runs seen before; a counted run is not counted into the next."""
    seen: set[int] = set()
    counted = []
    free = 0
    for place, key in zip(places.tolist(), keys, strict=True):
        if place >= free:
            if key in seen:
                counted.append(place)
                free = place + n
            else:
                seen.add(key)
    again = np.array(counted)
    return int((view.word_offsets[again + n] - view.word_offsets[again]).sum())
