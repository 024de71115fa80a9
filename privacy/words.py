"""The words of texts as the small tagger sees them: where they stand, and rows of its tables for each."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from privacy.signs import Table, codes

Rows = npt.NDArray[np.int32]
Places = npt.NDArray[np.intp]

# Rows of each feature's table: words need the most, shapes few. Row 0 pads.
TABLES = {"word": 1 << 15, "prefix": 1 << 13, "suffix": 1 << 13, "shape": 1 << 12, "gap": 8}
# Words are remembered with their rows: most of a text is words seen before.
REMEMBERED = 200_000
# A word is a run of letters, a run of digits, or any other sign that is no blank.
_BLANK, _LETTER, _DIGIT, _SIGN = range(4)
_OF_WORDS = ((_LETTER, re.compile(r"[^\W\d_]")), (_DIGIT, re.compile(r"\d")), (_BLANK, re.compile(r"\s")))


def _class(sign: str) -> int:
    return next((found for found, one in _OF_WORDS if one.match(sign)), _SIGN)


_CLASSES = Table(_class)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of some texts, one after the other: an entry in each array for each word."""

    text: Places  # which of the texts it stands in
    start: Places
    end: Places
    number: Places  # which word it is; `Features.rows` has its rows
    gap: Rows  # what stands before it: 1 nothing, 2 one blank, 3 a new line, 4 something else

    def __len__(self) -> int:
        return len(self.start)


class Features:
    """Cuts texts into words and remembers the rows of each word."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._numbers = _Numbers(self._learn)
        self._known = np.zeros((1024, len(TABLES) - 1), np.int32)

    def read(self, texts: Sequence[str]) -> Words:
        """The words of these texts; their numbers hold until the next call."""
        joined = "\n".join(texts)
        signs = codes(joined)
        starts, ends = _places(signs)
        first = np.cumsum([0, *(len(text) + 1 for text in texts)])[:-1]
        owner = np.searchsorted(first, starts, side="right") - 1
        number = self._numbered([joined[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)])
        gap = _gaps(signs, starts, ends, first[owner])
        return Words(owner, starts - first[owner], ends - first[owner], number, gap)

    def rows(self, words: Words) -> Rows:
        """All rows of each word, with that of what stands before it last."""
        return np.concatenate([self._known[words.number], words.gap[:, None]], axis=1)

    def _numbered(self, words: Sequence[str]) -> Places:
        if len(self._numbers) > REMEMBERED:
            self._forget()
        return np.fromiter(map(self._numbers.__getitem__, words), np.intp, len(words))

    def _learn(self, word: str) -> int:
        number = len(self._numbers)
        if number >= len(self._known):
            self._known = np.concatenate([self._known, np.zeros_like(self._known)])
        lower = word.lower()
        # Numbers are their shape: which number it is says nothing, and nothing of it is learnt.
        itself = _hash("#" * min(len(word), 12) if word.isdigit() and len(word) != 4 else lower, "word")
        edges = ("#", "#") if word.isdigit() else (lower[:3], lower[-4:])
        self._known[number] = (
            itself,
            _hash(edges[0], "prefix"),
            _hash(edges[1], "suffix"),
            _hash(shape(word), "shape"),
        )
        return number


class _Numbers(dict[str, int]):
    """A number for each word, new ones as they are met."""

    def __init__(self, learn: Callable[[str], int]) -> None:
        self._learn = learn

    def __missing__(self, word: str) -> int:
        number = self[word] = self._learn(word)
        return number


def _places(signs: npt.NDArray[np.uint32]) -> tuple[Places, Places]:
    """First and last + 1 sign of each word."""
    # By arrays: a match object for each word takes five times as long.
    classes = _CLASSES.look_up(signs)
    edge = np.ones(len(classes) + 1, bool)
    np.not_equal(classes[1:], classes[:-1], out=edge[1:-1])
    alone, written = classes == _SIGN, classes != _BLANK
    return np.flatnonzero(written & (edge[:-1] | alone)), np.flatnonzero(written & (edge[1:] | alone)) + 1


def _gaps(signs: npt.NDArray[np.uint32], starts: Places, ends: Places, first: Places) -> Rows:
    """What stands between each word and the one before, or the beginning of its text (`first`)."""
    before = np.maximum(np.concatenate([[0], ends])[: len(starts)], first)
    lines = np.concatenate([[0], np.cumsum(signs == ord("\n"))])
    length = starts - before
    found = np.where(length == 0, 1, np.where((length == 1) & (signs[before] == ord(" ")), 2, 4))
    found[lines[starts] > lines[before]] = 3
    return found.astype(np.int32)


def shape(word: str) -> str:
    """Such as "Xxxx" for a capitalised word; long runs end after four signs."""
    signs: list[str] = []
    for sign in word[:12]:
        kind = "X" if sign.isupper() else "x" if sign.isalpha() else "0" if sign.isdigit() else sign
        if len(signs) < 4 or signs[-4:] != [kind] * 4:
            signs.append(kind)
    return f"{''.join(signs)}{min(len(word), 12)}"


def _hash(value: str, table: str) -> int:
    return 1 + zlib.crc32(value.encode("utf-8", "surrogatepass")) % (TABLES[table] - 1)
