"""Ratios in the manner of RedPajama v2's quality signals (Weber et al. 2024, arXiv 2411.12372, appendix)."""

from __future__ import annotations

import numpy as np

from catalog.checks import Example
from curation.text import ALPHA, DIGIT, UPPER, TextView

VERSION = 1
REPORTS = {
    "redpajama_unique_words": "Distinct words over words.",
    "redpajama_unigram_entropy": "Entropy of the words' distribution, in nats.",
    "redpajama_uppercase_chars": "Share of letters that are capitals.",
    "redpajama_numeric_chars": "Share of characters that are digits.",
    "redpajama_curly_bracket_chars": "Share of characters that are curly brackets.",
    "redpajama_all_caps_words": "Share of words that hold capitals and no small letters.",
}
EXAMPLES = (
    Example(
        "SAIL on ship 7 SAIL",
        (
            "redpajama_unique_words=0.8",
            "redpajama_unigram_entropy=1.3322",
            "redpajama_uppercase_chars=0.5714",
            "redpajama_numeric_chars=0.0526",
            "redpajama_all_caps_words=0.4",
        ),
    ),
    Example("all of these words differ", ("redpajama_unique_words=1", "redpajama_uppercase_chars=0")),
    Example("", ("redpajama_unique_words=None",)),
)


def signals(view: TextView) -> dict[str, float | None]:
    words = len(view.words)
    if not words:
        return dict.fromkeys(REPORTS)
    ordered = np.sort(view.word_hashes)
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    shares = np.diff(starts, append=words) / words
    letters = view.count(ALPHA)
    return {
        "redpajama_unique_words": len(starts) / words,
        "redpajama_unigram_entropy": abs(float(-(shares * np.log(shares)).sum())),
        "redpajama_uppercase_chars": view.count(UPPER) / letters if letters else None,
        "redpajama_numeric_chars": view.count(DIGIT) / len(view.text),
        "redpajama_curly_bracket_chars": (view.text.count("{") + view.text.count("}")) / len(view.text),
        "redpajama_all_caps_words": sum(map(str.isupper, view.words)) / words,
    }
