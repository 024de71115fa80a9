"""Gopher's repetition measures (Rae et al. 2021, arXiv 2112.11446, table A1) as numbers."""

from __future__ import annotations

from catalog.checks import Example
from curation.ngrams import REPEATED, TOP
from curation.text import TextView, repeats

VERSION = 1
REPORTS = {
    "gopher_dup_lines": "Share of lines that repeat an earlier line.",
    "gopher_dup_line_chars": "Share of characters in lines that repeat an earlier line.",
    "gopher_dup_paragraphs": "Share of paragraphs that repeat an earlier paragraph.",
    "gopher_dup_paragraph_chars": "Share of characters in paragraphs that repeat an earlier paragraph.",
    **{f"gopher_top_{n}gram_chars": f"Share of characters in the most frequent run of {n} words." for n in TOP},
    **{f"gopher_dup_{n}gram_chars": f"Share of characters in repeated runs of {n} words." for n in REPEATED},
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


def signals(view: TextView) -> dict[str, float | None]:
    size = len(view.text)
    if not size:
        return dict.fromkeys(REPORTS)
    found: dict[str, float | None] = {}
    parts = {"line": _lines(view), "paragraph": (len(view.paragraphs), *repeats(view.paragraphs))}
    for name, (count, again, characters) in parts.items():
        found[f"gopher_dup_{name}s"] = again / count
        found[f"gopher_dup_{name}_chars"] = characters / size
    for n, counted in view.repeated_runs.items():
        name = "top" if n in TOP else "dup"
        found[f"gopher_{name}_{n}gram_chars"] = None if counted is None else counted / size
    return found


def _lines(view: TextView) -> tuple[int, int, int]:
    """How many lines between runs of newlines, how many repeat an earlier one, and their characters.
    As in the reference code, a newline at either end of the text leaves an empty line there."""
    empty = view.text.startswith("\n") + view.text.endswith("\n")
    again, characters = view.repeated_lines
    return len(view.filled_lines) + empty, again + (empty == 2), characters
