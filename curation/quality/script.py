"""Which scripts a text is written in, and words that mix look-alike scripts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from catalog.checks import Example
from curation.text import ALPHA, TextView

VERSION = 1
REPORTS = {
    "script_latin": "Share of letters that are Latin.",
    "script_main": "Share of letters in the script that most of them have; low for mixed text.",
    "script_mixed_words": "Share of words that mix Latin with Greek or Cyrillic: letters that look alike.",
}
EXAMPLES = (
    Example("plain words", ("script_latin=1", "script_main=1", "script_mixed_words=0")),
    Example("p\u0430yp\u0430l now", ("script_latin=0.7778", "script_mixed_words=0.5")),
    Example("Капитан порта", ("script_latin=0", "script_main=1", "script_mixed_words=0")),
    Example("12 34", ("script_latin=None", "script_mixed_words=0")),
)

_LATIN, _GREEK, _CYRILLIC = 0, 1, 2
# First code point of a block and the script of its letters, up to the next: blocks, not
# properties, which is enough for shares. Numbers above 2 only tell scripts apart.
_BLOCKS = (
    (0x0000, _LATIN),
    (0x0370, _GREEK),
    (0x0400, _CYRILLIC),
    (0x0530, 3),  # Armenian
    (0x0590, 4),  # Hebrew
    (0x0600, 5),  # Arabic
    (0x0700, 6),  # Syriac, Thaana and others
    (0x0900, 7),  # Devanagari and its neighbours, of which a text uses one
    (0x0E00, 8),  # Thai, Lao
    (0x0F00, 9),  # Tibetan, Burmese
    (0x10A0, 10),  # Georgian
    (0x1100, 11),  # Hangul
    (0x1200, 12),  # Ethiopic and others
    (0x1E00, _LATIN),
    (0x1F00, _GREEK),
    (0x2000, _LATIN),
    (0x2DE0, _CYRILLIC),
    (0x2E80, 13),  # Han
    (0x3040, 14),  # kana
    (0x3130, 11),
    (0x3190, 13),
    (0xA000, 12),
    (0xA640, _CYRILLIC),
    (0xA720, _LATIN),
    (0xA840, 12),
    (0xAC00, 11),
    (0xF900, 13),
    (0xFB00, _LATIN),
    (0xFB1D, 4),
    (0xFB50, 5),
    (0xFF00, _LATIN),
    (0xFF66, 14),
    (0xFFA0, 11),
    (0x10000, 12),
    (0x20000, 13),
)
_FIRST = np.array([first for first, _ in _BLOCKS])
_SCRIPT = np.array([script for _, script in _BLOCKS])


def signals(view: TextView) -> dict[str, float | None]:
    if not view.words:
        return dict.fromkeys(REPORTS)
    letters = (view.classes & ALPHA) != 0
    if view.text.isascii():
        share = 1.0 if letters.any() else None
        return {"script_latin": share, "script_main": share, "script_mixed_words": 0}
    scripts = _SCRIPT[np.searchsorted(_FIRST, view.codes, side="right") - 1]
    counts = np.bincount(scripts[letters], minlength=1)
    total = int(counts.sum())
    return {
        "script_latin": int(counts[_LATIN]) / total if total else None,
        "script_main": int(counts.max()) / total if total else None,
        "script_mixed_words": _mixed(view, scripts, letters) / len(view.words),
    }


def _mixed(view: TextView, scripts: npt.NDArray[np.intp], letters: npt.NDArray[np.bool_]) -> int:
    starts, _ = view.word_bounds
    latin = np.logical_or.reduceat(letters & (scripts == _LATIN), starts)
    alike = np.logical_or.reduceat(letters & ((scripts == _GREEK) | (scripts == _CYRILLIC)), starts)
    return int(np.count_nonzero(latin & alike))
