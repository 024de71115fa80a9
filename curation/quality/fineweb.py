"""FineWeb's own quality measures (Penedo et al. 2024, arXiv 2406.17557, section 3.6) as numbers."""

from __future__ import annotations

import numpy as np

from catalog.checks import Example
from curation.text import ENDING, TextView, repeats

VERSION = 1
REPORTS = {
    "fineweb_lines": "Lines that hold more than white space.",
    "fineweb_line_punctuation": "Share of lines that end with terminal punctuation.",
    "fineweb_short_lines": "Share of lines of at most 30 characters.",
    "fineweb_dup_line_chars": "Share of characters, newlines left out, in lines that repeat an earlier line.",
    "fineweb_newlines_per_word": "Newlines per word; high for lists.",
}
EXAMPLES = (
    Example(
        "A first sentence that is longer than thirty.\nhome\nhome",
        (
            "fineweb_lines=3",
            "fineweb_line_punctuation=0.3333",
            "fineweb_short_lines=0.6667",
            "fineweb_dup_line_chars=0.0769",
            "fineweb_newlines_per_word=0.2",
        ),
    ),
    Example("विदा।", ("fineweb_line_punctuation=1",)),
    Example(" \n ", ("fineweb_lines=0", "fineweb_line_punctuation=None", "fineweb_newlines_per_word=None")),
)

SHORT = 30


def signals(view: TextView) -> dict[str, float | None]:
    starts, ends = view.written_bounds
    lines = len(starts)
    if not lines:
        return dict.fromkeys(REPORTS) | {"fineweb_lines": 0}
    newlines = view.text.count("\n")
    plain = view.written_lines is view.filled_lines
    repeated = view.repeated_lines if plain else repeats(view.written_lines)
    return {
        "fineweb_lines": lines,
        "fineweb_line_punctuation": int(np.count_nonzero(view.classes.take(ends - 1) & ENDING)) / lines,
        "fineweb_short_lines": int(np.count_nonzero(ends - starts <= SHORT)) / lines,
        "fineweb_dup_line_chars": repeated[1] / (len(view.text) - newlines),
        "fineweb_newlines_per_word": newlines / len(view.word_lengths),
    }
