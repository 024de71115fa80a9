"""Gopher's quality rules (Rae et al. 2021, arXiv 2112.11446, section A.1.1) as numbers."""

from __future__ import annotations

import numpy as np

from catalog.checks import Example
from curation.text import ALPHA, TextView

VERSION = 1
REPORTS = {
    "gopher_words": "Words, not counting those made of punctuation alone.",
    "gopher_mean_word_length": "Mean length in characters of those words; none without words.",
    "gopher_hash_ratio": "Hash signs per word (symbol-to-word ratio).",
    "gopher_ellipsis_ratio": "Ellipses per word (symbol-to-word ratio).",
    "gopher_bullet_lines": "Share of lines that start with a bullet or a dash.",
    "gopher_ellipsis_lines": "Share of lines that end with an ellipsis.",
    "gopher_alpha_words": "Share of words with at least one alphabetic character.",
    "gopher_stop_words": "How many of the, be, to, of, and, that, have, with occur.",
}
EXAMPLES = (
    Example(
        "The cat sat with the dog. -- It purred #1 ...",
        (
            "gopher_words=9",
            "gopher_mean_word_length=3.3333",
            "gopher_hash_ratio=0.0909",
            "gopher_ellipsis_ratio=0.0909",
            "gopher_alpha_words=0.7273",
            "gopher_stop_words=2",
        ),
    ),
    Example("• one\n- two\nthree…", ("gopher_bullet_lines=0.6667", "gopher_ellipsis_lines=0.3333")),
    Example("", ("gopher_words=0", "gopher_mean_word_length=None", "gopher_bullet_lines=None")),
)

STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")


def signals(view: TextView) -> dict[str, float | None]:
    real = view.word_lengths[~view.symbol_words]
    return {
        "gopher_words": len(real),
        "gopher_mean_word_length": int(real.sum()) / len(real) if len(real) else None,
        "gopher_stop_words": sum(map(view.has_word, STOP_WORDS)),
        **_per_word(view),
        **_per_line(view),
    }


def _per_word(view: TextView) -> dict[str, float | None]:
    words = len(view.word_lengths)
    if not words:
        return dict.fromkeys(("gopher_hash_ratio", "gopher_ellipsis_ratio", "gopher_alpha_words"))
    return {
        "gopher_hash_ratio": view.text.count("#") / words,
        "gopher_ellipsis_ratio": (view.text.count("...") + view.text.count("…")) / words,
        "gopher_alpha_words": int(np.count_nonzero(view.word_classes & ALPHA)) / words,
    }


def _per_line(view: TextView) -> dict[str, float | None]:
    opening, closing, lines = view.line_edges
    if not lines:
        return dict.fromkeys(("gopher_bullet_lines", "gopher_ellipsis_lines"))
    starts, ends = view.word_bounds
    first, last = view.codes.take(starts.take(opening)), view.codes.take(ends.take(closing) - 1)
    trailing = last == ord("…")
    if "..." in view.text:
        dotted = closing[(last == ord(".")) & (view.word_lengths[closing] >= len("..."))]
        before = ends[dotted]
        dots = (view.codes[before - 2] == ord(".")) & (view.codes[before - 3] == ord("."))
        trailing = np.append(trailing, dots)
    return {
        "gopher_bullet_lines": int(np.count_nonzero((first == ord("•")) | (first == ord("-")))) / lines,
        "gopher_ellipsis_lines": int(np.count_nonzero(trailing)) / lines,
    }
