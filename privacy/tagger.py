"""The small tagger: hashed features of words, three convolutions, one tag per word. Only numpy.

Made by `privacy.train_tagger`. A model is one .npz file of arrays (no pickle), with its card beside it.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from catalog.errors import FormatError
from catalog.values import Span

FORMAT = 1
Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int32]
Places = npt.NDArray[np.int64]

TOKEN = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_")
# Rows of each feature's table: words need the most, shapes few. Row 0 pads.
TABLES = {"word": 1 << 15, "prefix": 1 << 13, "suffix": 1 << 13, "shape": 1 << 12, "gap": 8}
WIDTHS = {"word": 40, "prefix": 16, "suffix": 24, "shape": 16, "gap": 4}
WIDTH = sum(WIDTHS.values())
KERNEL = 5
DILATIONS = (1, 2, 4)
FIRST_DILATIONS = (1, 2)  # of models that do not say
# Words of room between segments. They are empty after every layer, so it takes no more than one layer reaches.
GAP = KERNEL // 2 * max(DILATIONS)
# Words are remembered with their rows: most of a text is words seen before.
REMEMBERED = 200_000


class Features:
    """Turns the words of a text into rows of the tables."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._numbers: dict[str, int] = {"": 0}
        self._known = np.zeros((1024, len(TABLES) - 1), np.int32)

    def places(self, text: str) -> Places:
        """Where the words are: first and last + 1, a row each."""
        # No tuple for each word: so many of them keep the garbage collector busy.
        starts = np.fromiter((match.start() for match in TOKEN.finditer(text)), np.int64)
        lengths = np.fromiter(map(len, TOKEN.findall(text)), np.int64)
        return np.stack([starts, starts + lengths], axis=1)

    def numbers(self, texts: Sequence[str]) -> npt.NDArray[np.int64]:
        """A number for each distinct word of these texts; `rows_of` has its rows until the next call."""
        if len(self._numbers) > REMEMBERED:
            self._forget()
        known = self._numbers
        return np.array(
            [known.get(word) or self._learn(word) for text in texts for word in TOKEN.findall(text)], np.int64
        )

    def rows_of(self, numbers: npt.NDArray[np.int64]) -> Rows:
        """Rows of the word itself, its beginning, end and shape."""
        rows: Rows = self._known[numbers]
        return rows

    def rows(self, text: str, places: Places) -> Rows:
        """All rows of each word of one text, with that of what stands before it."""
        words = self.rows_of(self.numbers([text]))
        return np.concatenate([words, gaps(text, places)[:, None]], axis=1)

    def _learn(self, word: str) -> int:
        number = len(self._numbers)
        if number >= len(self._known):
            self._known = np.concatenate([self._known, np.zeros_like(self._known)])
        lower = word.lower()
        # Numbers are their shape: which number it is says nothing, and nothing of it is learnt.
        itself = _hash("#" * min(len(word), 12) if word.isdigit() and len(word) != 4 else lower, "word")
        edges = ("#", "#") if word.isdigit() else (lower[:3], lower[-4:])
        rows = (itself, _hash(edges[0], "prefix"), _hash(edges[1], "suffix"), _hash(shape(word), "shape"))
        self._known[number] = rows
        self._numbers[word] = number
        return number


def gaps(text: str, places: Places) -> Rows:
    """What stands before each word: 1 nothing, 2 one blank, 3 a new line, 4 something else."""
    if not len(places):
        return np.zeros(0, np.int32)
    starts = places[:, 0]
    before = np.concatenate([[0], places[:-1, 1]])
    signs = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    lines = np.concatenate([[0], np.cumsum(signs == 10)])
    length = starts - before
    found = np.where(length == 0, 1, np.where((length == 1) & (signs[before] == 32), 2, 4))
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


@dataclass(frozen=True, slots=True)
class Weights:
    """The arrays of a model; embeddings are stored as bytes with a scale for each table."""

    kinds: tuple[str, ...]
    tables: tuple[Floats, ...]
    convolutions: tuple[tuple[Floats, Floats], ...]  # (KERNEL * inputs, outputs), outputs
    head: tuple[Floats, Floats]
    digest: str
    dilations: tuple[int, ...] = DILATIONS

    @property
    def tags(self) -> int:
        """Outside, and for each kind a beginning and an inside."""
        return 1 + 2 * len(self.kinds)


def load(path: Path) -> Weights:
    """Read a model file, or say what is wrong with it."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        told = json.loads(bytes(arrays["told"]).decode("utf-8"))
    except (OSError, ValueError, KeyError) as error:
        raise FormatError(
            f"expected a tagger's model file, found something else: {type(error).__name__}",
            cure="Give a file that `cleartitle pii train` wrote.",
            place=str(path),
        ) from error
    if told["format"] != FORMAT:
        raise FormatError(f"expected model format {FORMAT}, found {told['format']}", place=str(path))
    dilations = tuple(told.get("dilations", FIRST_DILATIONS))
    return _weights(told["kinds"], dilations, arrays, hashlib.sha256(path.read_bytes()).hexdigest()[:12])


def _weights(kinds: Sequence[str], dilations: tuple[int, ...], arrays: dict[str, Any], digest: str) -> Weights:
    tables = tuple(
        arrays[f"table_{name}"].astype(np.float32) * arrays[f"scale_{name}"].astype(np.float32) for name in TABLES
    )
    convolutions = tuple(
        (arrays[f"conv_{place}"].astype(np.float32), arrays[f"bias_{place}"].astype(np.float32))
        for place in range(len(dilations))
    )
    head = (arrays["head"].astype(np.float32), arrays["head_bias"].astype(np.float32))
    return Weights(tuple(kinds), tables, convolutions, head, digest, dilations)


def save(path: Path, kinds: Sequence[str], dilations: Sequence[int], arrays: dict[str, Floats]) -> None:
    """Write a model file: embeddings in 8 bits, the rest in 16."""
    stored: dict[str, Any] = {
        "told": np.frombuffer(
            json.dumps({"format": FORMAT, "kinds": [*kinds], "dilations": [*dilations]}).encode(), np.uint8
        )
    }
    for name, array in arrays.items():
        if name.startswith("table_"):
            scale = np.maximum(np.abs(array).max(axis=0), 1e-8) / 127
            stored[name] = np.round(array / scale).astype(np.int8)
            stored[name.replace("table_", "scale_")] = scale.astype(np.float32)
        else:
            stored[name] = array.astype(np.float16)
    np.savez_compressed(path, **stored)


# The kind of a word that is no find, but that another reader may well be right about.
PERHAPS = ""


class Tagger:
    """A model at work. `boldness` is taken from the score of "outside": higher finds more, and more wrongly.

    Words that are at least `doubt` likely to be something, and are no find, come as spans of the kind `PERHAPS`.
    """

    def __init__(self, weights: Weights, boldness: float = 0.0, doubt: float = 1.0) -> None:
        self._weights = weights
        self._boldness = boldness
        self._doubt = doubt
        self._features = Features()
        self.name = f"tagger-{weights.digest}"

    def tag(self, segments: Sequence[str]) -> list[list[Span]]:
        """Spans per segment, in the segment's own offsets."""
        found: list[list[Span]] = []
        for group in _groups(segments):
            places = [self._features.places(segment) for segment in group]
            tags, sure = self._decide(group, places)
            first = 0
            for spots in places:
                last = first + len(spots)
                found.append(self._spans(spots, tags[first:last], sure[first:last]))
                found[-1] += self._doubts(spots, tags[first:last], sure[first:last])
                first = last + GAP
        return found

    def _decide(self, group: Sequence[str], places: Sequence[Places]) -> tuple[npt.NDArray[np.intp], Floats]:
        numbers = self._features.numbers(group)
        distinct, chosen = np.unique(numbers, return_inverse=True)
        words, before = _padded(chosen + 1, group, places)
        rows = np.concatenate([np.zeros((1, len(TABLES) - 1), np.int32), self._features.rows_of(distinct)])
        scores = forward(self._weights, rows, words, before)
        scores[:, 0] -= self._boldness
        tags = scores.argmax(axis=1)
        scores -= scores.max(axis=1, keepdims=True)
        np.exp(scores, out=scores)
        return tags, 1 - scores[:, 0] / scores.sum(axis=1)

    def _spans(self, places: Places, tags: npt.NDArray[np.intp], sure: Floats) -> list[Span]:
        found: list[tuple[int, int, int]] = []  # kind, first and last word
        for index in np.flatnonzero(tags).tolist():
            kind, inside = divmod(int(tags[index]) - 1, 2)
            if inside and found and found[-1][0] == kind and found[-1][2] == index - 1:
                found[-1] = (kind, found[-1][1], index)
            else:
                found.append((kind, index, index))
        scores = sure.tolist()
        return [
            Span(
                self._weights.kinds[kind],
                int(places[first, 0]),
                int(places[last, 1]),
                round(sum(scores[first : last + 1]) / (last + 1 - first), 3),
                self.name,
            )
            for kind, first, last in found
        ]

    def _doubts(self, places: Places, tags: npt.NDArray[np.intp], sure: Floats) -> Iterator[Span]:
        for index in np.flatnonzero((tags == 0) & (sure >= self._doubt)).tolist():
            yield Span(PERHAPS, int(places[index, 0]), int(places[index, 1]), round(float(sure[index]), 3), self.name)


def forward(weights: Weights, rows: Rows, words: npt.NDArray[np.int64], before: Rows) -> Floats:
    """Scores of each tag for each word. `rows` are those of the distinct words, `words` says which stands where.

    The first convolution is worked out once for each distinct word, whatever its neighbours are.
    """
    (matrix, bias), *others = weights.convolutions
    alive = (words != 0).astype(np.float32)[:, None]
    itself = np.concatenate([table[rows[:, place]] for place, table in enumerate(weights.tables[:-1])], axis=1)
    itself[0] = 0
    width = itself.shape[1]
    parts = matrix.reshape(KERNEL, -1, matrix.shape[1])
    gaps_seen = weights.tables[-1] * (np.arange(len(weights.tables[-1])) != 0)[:, None]
    inside = np.tile(bias, (len(words), 1))
    # One piece of memory for all that is added up: new pieces of this size are what takes the time.
    room = np.empty_like(inside)
    for shift, part in enumerate(parts):
        reach = (shift - KERNEL // 2) * weights.dilations[0]
        _add_shifted(inside, np.take(itself @ part[:width], words, axis=0, out=room, mode="clip"), reach)
        _add_shifted(inside, np.take(gaps_seen @ part[width:], before, axis=0, out=room, mode="clip"), reach)
    np.maximum(inside, 0, out=inside)
    inside *= alive
    outside = np.empty_like(inside)
    for (matrix, bias), dilation in zip(others, weights.dilations[1:], strict=True):
        outside[:] = bias
        for shift, part in enumerate(matrix.reshape(KERNEL, -1, matrix.shape[1])):
            _add_shifted(outside, np.matmul(inside, part, out=room), (shift - KERNEL // 2) * dilation)
        np.maximum(outside, 0, out=outside)
        outside *= alive
        inside += outside
    scores: Floats = inside @ weights.head[0] + weights.head[1]
    return scores


def _add_shifted(total: Floats, part: Floats, reach: int) -> None:
    """Add what stands `reach` words further on; beyond the ends there is nothing."""
    if reach > 0:
        total[:-reach] += part[reach:]
    elif reach < 0:
        total[-reach:] += part[:reach]
    else:
        total += part


def _padded(
    chosen: npt.NDArray[np.int64], group: Sequence[str], places: Sequence[Places]
) -> tuple[npt.NDArray[np.int64], Rows]:
    """Words of the segments in one row, with room between: no segment looks into the next."""
    length = len(chosen) + GAP * len(group)
    words, before = np.zeros(length, np.int64), np.zeros(length, np.int32)
    first = taken = 0
    for segment, spots in zip(group, places, strict=True):
        words[first : first + len(spots)] = chosen[taken : taken + len(spots)]
        before[first : first + len(spots)] = gaps(segment, spots)
        first += len(spots) + GAP
        taken += len(spots)
    return words, before


def _groups(segments: Sequence[str], size: int = 8_000) -> list[list[str]]:
    """Segments in groups of about this many characters: the arrays stay in the processor's cache."""
    groups: list[list[str]] = [[]]
    filled = 0
    for segment in segments:
        if filled > size:
            groups.append([])
            filled = 0
        groups[-1].append(segment)
        filled += len(segment)
    return groups if segments else []
