"""Gopher's repetition measures (Rae et al. 2021, arXiv 2112.11446, table A1) as numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from catalog.checks import Example
from curation.text import Hashes, Places, TextView

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
        distinct = set(parts)
        found[f"gopher_dup_{name}s"] = (len(parts) - len(distinct)) / len(parts)
        found[f"gopher_dup_{name}_chars"] = (sum(map(len, parts)) - sum(map(len, distinct))) / size
    for n, characters in _ngrams(view).items():
        name = "top" if n in TOP else "dup"
        found[f"gopher_{name}_{n}gram_chars"] = None if characters is None else characters / size
    return found


def _lines(view: TextView) -> list[str]:
    """Lines between runs of newlines. As in the reference code, a newline at either end of
    the text leaves an empty line there."""
    lines = [line for line in view.lines if line]
    return [""] * (view.text.startswith("\n") + view.text.endswith("\n")) + lines


def _ngrams(view: TextView) -> dict[int, int | None]:
    """Characters in the most frequent (TOP) or the repeated (REPEATED) runs of n words.

    A run of n+1 words can repeat only where the runs of n words at its place and at the
    next both do, so every step looks at what the step before left over.
    """
    found: dict[int, int | None] = {}
    left = np.arange(max(len(view.words) - TOP[0] + 1, 0))
    for n in (*TOP, *REPEATED):
        hashes = view.ngram_hashes(n)
        order, starts, counts = _groups(hashes, left)
        if n in TOP:
            found[n] = _top(view, n, order, starts, counts)
        mask = np.zeros(len(hashes) + 1, dtype=np.bool_)
        mask[order[np.repeat(counts > 1, counts)]] = True
        repeated = np.flatnonzero(mask)
        if n in REPEATED:
            found[n] = _repeated(view, n, hashes, repeated)
        left = np.flatnonzero(mask[:-2] & mask[1:-1])
    return found


def _groups(hashes: Hashes, places: Places) -> tuple[Places, Places, Places]:
    """Places sorted by their hash; where each group of equal hashes starts, and its size."""
    chosen = hashes[places]
    order = np.argsort(chosen)
    ordered = chosen[order]
    new = np.empty(len(ordered), dtype=np.bool_)
    new[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    starts = np.flatnonzero(new)
    return places[order], starts, np.diff(starts, append=len(ordered))


def _top(view: TextView, n: int, order: Places, starts: Places, counts: Places) -> int | None:
    """Characters, with single spaces between words, of the most frequent run: of several, the first."""
    if len(view.words) < n:
        return None
    most, first = 1, 0
    if len(counts) and counts.max() > 1:
        most = int(counts.max())
        first = int(np.minimum.reduceat(order, starts)[counts == most].min())
    offsets = view.word_offsets
    return most * (int(offsets[first + n] - offsets[first]) + n - 1)


def _repeated(view: TextView, n: int, hashes: Hashes, places: Places) -> int:
    """Characters, without white space, of runs seen before; a counted run is not counted into the next."""
    lengths: Sequence[int] = (view.word_offsets[places + n] - view.word_offsets[places]).tolist()
    seen: set[int] = set()
    total = free = 0
    for place, key, length in zip(places.tolist(), hashes[places].tolist(), lengths, strict=True):
        if place < free:
            continue
        if key in seen:
            total += length
            free = place + n
        else:
            seen.add(key)
    return total
