"""The small tagger: hashed features of words, two convolutions, one tag per word. Only numpy.

Made by `privacy.train_tagger`. A model is one .npz file of arrays (no pickle), with its card beside it.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Sequence
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

TOKEN = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_")
# Rows of each feature's table: words need the most, shapes few. Row 0 pads.
TABLES = {"word": 1 << 15, "prefix": 1 << 13, "suffix": 1 << 13, "shape": 1 << 12, "gap": 8}
WIDTHS = {"word": 40, "prefix": 16, "suffix": 24, "shape": 16, "gap": 4}
WIDTH = sum(WIDTHS.values())
KERNEL = 5
DILATIONS = (1, 2)
# Words are remembered with their rows: most of a text is words seen before.
REMEMBERED = 200_000


class Features:
    """Turns the words of a text into rows of the tables."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[int, int, int, int]] = {}

    def places(self, text: str) -> list[tuple[int, int]]:
        """Where the words are."""
        return [match.span() for match in TOKEN.finditer(text)]

    def rows(self, text: str, places: Sequence[tuple[int, int]]) -> Rows:
        """Five rows for each word: itself, its beginning, end and shape, and what stands before it."""
        known = self._rows
        found = []
        last = 0
        for start, end in places:
            word = text[start:end]
            rows = known.get(word)
            if rows is None:
                rows = self._learn(word)
            gap = text[last:start]
            found.append((*rows, 1 if not gap else 2 if gap == " " else 3 if "\n" in gap else 4))
            last = end
        return np.array(found, np.int32).reshape(-1, len(TABLES))

    def _learn(self, word: str) -> tuple[int, int, int, int]:
        if len(self._rows) >= REMEMBERED:
            self._rows.clear()
        lower = word.lower()
        # Numbers are their shape: which number it is says nothing, and nothing of it is learnt.
        itself = _hash("#" * min(len(word), 12) if word.isdigit() and len(word) != 4 else lower, "word")
        edges = ("#", "#") if word.isdigit() else (lower[:3], lower[-4:])
        rows = (itself, _hash(edges[0], "prefix"), _hash(edges[1], "suffix"), _hash(shape(word), "shape"))
        self._rows[word] = rows
        return rows


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
    return _weights(told["kinds"], arrays, hashlib.sha256(path.read_bytes()).hexdigest()[:12])


def _weights(kinds: Sequence[str], arrays: dict[str, Any], digest: str) -> Weights:
    tables = tuple(
        arrays[f"table_{name}"].astype(np.float32) * arrays[f"scale_{name}"].astype(np.float32) for name in TABLES
    )
    convolutions = tuple(
        (arrays[f"conv_{place}"].astype(np.float32), arrays[f"bias_{place}"].astype(np.float32))
        for place in range(len(DILATIONS))
    )
    head = (arrays["head"].astype(np.float32), arrays["head_bias"].astype(np.float32))
    return Weights(tuple(kinds), tables, convolutions, head, digest)


def save(path: Path, kinds: Sequence[str], arrays: dict[str, Floats]) -> None:
    """Write a model file: embeddings in 8 bits, the rest in 16."""
    stored: dict[str, Any] = {
        "told": np.frombuffer(json.dumps({"format": FORMAT, "kinds": [*kinds]}).encode(), np.uint8)
    }
    for name, array in arrays.items():
        if name.startswith("table_"):
            scale = np.maximum(np.abs(array).max(axis=0), 1e-8) / 127
            stored[name] = np.round(array / scale).astype(np.int8)
            stored[name.replace("table_", "scale_")] = scale.astype(np.float32)
        else:
            stored[name] = array.astype(np.float16)
    np.savez_compressed(path, **stored)


class Tagger:
    """A model at work. `boldness` is taken from the score of "outside": higher finds more, and more wrongly."""

    def __init__(self, weights: Weights, boldness: float = 0.0) -> None:
        self._weights = weights
        self._boldness = boldness
        self._features = Features()
        self.name = f"tagger-{weights.digest}"

    def tag(self, segments: Sequence[str]) -> list[list[Span]]:
        """Spans per segment, in the segment's own offsets."""
        found: list[list[Span]] = []
        for group in _groups(segments):
            places = [self._features.places(segment) for segment in group]
            rows = [self._features.rows(segment, spots) for segment, spots in zip(group, places, strict=True)]
            tags, sure = self._decide(rows)
            first = 0
            for spots in places:
                last = first + len(spots)
                found.append(self._spans(spots, tags[first:last], sure[first:last]))
                first = last + KERNEL * 2
        return found

    def _decide(self, rows: Sequence[Rows]) -> tuple[npt.NDArray[np.intp], Floats]:
        # Padding between segments keeps one from looking into the next.
        gap = np.zeros((KERNEL * 2, len(TABLES)), np.int32)
        joined = np.concatenate([part for segment in rows for part in (segment, gap)])
        scores = forward(self._weights, joined)
        scores[:, 0] -= self._boldness
        tags = scores.argmax(axis=1)
        scores -= scores.max(axis=1, keepdims=True)
        np.exp(scores, out=scores)
        return tags, 1 - scores[:, 0] / scores.sum(axis=1)

    def _spans(self, places: Sequence[tuple[int, int]], tags: npt.NDArray[np.intp], sure: Floats) -> list[Span]:
        spans: list[Span] = []
        open_kind = first = last = -1
        for index in np.flatnonzero(tags).tolist():
            kind, inside = divmod(int(tags[index]) - 1, 2)
            if inside and kind == open_kind and last == index - 1:
                spans.pop()
            else:
                first = index
            spans.append(self._span(kind, places, first, index, sure))
            open_kind, last = kind, index
        return spans

    def _span(self, kind: int, places: Sequence[tuple[int, int]], first: int, last: int, sure: Floats) -> Span:
        score = round(float(sure[first : last + 1].mean()), 3)
        return Span(self._weights.kinds[kind], places[first][0], places[last][1], score, self.name)


def forward(weights: Weights, rows: Rows) -> Floats:
    """Scores of each tag for each word."""
    inside = np.concatenate([table[rows[:, place]] for place, table in enumerate(weights.tables)], axis=1)
    alive = (rows[:, :1] != 0).astype(np.float32)
    inside *= alive
    for (matrix, bias), dilation in zip(weights.convolutions, DILATIONS, strict=True):
        outside = _windows(inside, dilation) @ matrix
        outside += bias
        np.maximum(outside, 0, out=outside)
        outside *= alive
        inside = outside if outside.shape != inside.shape else outside + inside
    scores: Floats = inside @ weights.head[0] + weights.head[1]
    return scores


def _windows(inside: Floats, dilation: int) -> Floats:
    reach = dilation * (KERNEL // 2)
    padded = np.pad(inside, ((reach, reach), (0, 0)))
    length = len(inside)
    return np.concatenate([padded[shift * dilation : shift * dilation + length] for shift in range(KERNEL)], axis=1)


def _groups(segments: Sequence[str], size: int = 16_000) -> list[list[str]]:
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
