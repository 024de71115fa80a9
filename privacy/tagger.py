"""The small tagger: hashed features of words, three convolutions, one tag per word. Only numpy.

Made by `privacy.train_tagger`. A model is one .npz file of arrays (no pickle), with its card beside it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from catalog.errors import FormatError
from catalog.values import Span
from privacy.words import TABLES, Features, Places, Rows, Words

FORMAT = 1
Floats = npt.NDArray[np.float32]

WIDTHS = {"word": 40, "prefix": 16, "suffix": 24, "shape": 16, "gap": 4}
WIDTH = sum(WIDTHS.values())
FIRST_DILATIONS = (1, 2)  # of models that do not say


@dataclass(frozen=True, slots=True)
class Weights:
    """The arrays of a model; embeddings are stored as bytes with a scale for each table."""

    kinds: tuple[str, ...]
    tables: tuple[Floats, ...]
    convolutions: tuple[tuple[Floats, Floats], ...]  # (kernel * inputs, outputs), outputs
    dilations: tuple[int, ...]
    head: tuple[Floats, Floats]
    digest: str

    @property
    def tags(self) -> int:
        """Outside, and for each kind a beginning and an inside."""
        return 1 + 2 * len(self.kinds)

    @property
    def layers(self) -> tuple[tuple[int, int], ...]:
        """Kernel and dilation of each convolution."""
        widths = (sum(table.shape[1] for table in self.tables), *(len(bias) for _, bias in self.convolutions))
        kernels = (len(matrix) // width for (matrix, _), width in zip(self.convolutions, widths, strict=False))
        return tuple(zip(kernels, self.dilations, strict=True))


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
    return Weights(tuple(kinds), tables, convolutions, dilations, head, digest)


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
        found: list[list[Span]] = [[] for _ in segments]
        first = 0
        for group in _groups(segments):
            words = self._features.read(group)
            tags, sure = self._decide(words)
            for span, owner in (*self._spans(words, tags, sure), *self._doubts(words, tags, sure)):
                found[first + owner].append(span)
            first += len(group)
        return found

    def _decide(self, words: Words) -> tuple[Places, Floats]:
        scores = forward(self._weights, self._features.rows(words), words)
        scores[:, 0] -= self._boldness
        tags = scores.argmax(axis=1)
        sure = np.zeros(len(words), np.float32)
        asked = np.flatnonzero(tags) if self._doubt >= 1 else np.arange(len(words))
        scores = scores[asked]
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        sure[asked] = 1 - scores[:, 0] / scores.sum(axis=1)
        return tags, sure

    def _spans(self, words: Words, tags: Places, sure: Floats) -> Iterator[tuple[Span, int]]:
        hits = np.flatnonzero(tags)
        found: list[tuple[int, int, int, int]] = []  # kind, text, first and last word
        for index, tag, text in zip(hits.tolist(), tags[hits].tolist(), words.text[hits].tolist(), strict=True):
            kind, inside = divmod(tag - 1, 2)
            if inside and found and found[-1][:2] == (kind, text) and found[-1][3] == index - 1:
                found[-1] = (kind, text, found[-1][2], index)
            else:
                found.append((kind, text, index, index))
        for kind, text, first, last in found:
            score = round(sum(sure[first : last + 1].tolist()) / (last + 1 - first), 3)
            yield Span(self._weights.kinds[kind], int(words.start[first]), int(words.end[last]), score, self.name), text

    def _doubts(self, words: Words, tags: Places, sure: Floats) -> Iterator[tuple[Span, int]]:
        for index in np.flatnonzero((tags == 0) & (sure >= self._doubt)).tolist():
            place = int(words.start[index]), int(words.end[index])
            yield Span(PERHAPS, *place, round(float(sure[index]), 3), self.name), int(words.text[index])


def forward(weights: Weights, rows: Rows, words: Words) -> Floats:
    """Scores of each tag for each word."""
    (matrix, bias), *others = weights.convolutions
    first, *layers = weights.layers
    count, hidden = len(words), len(bias)
    inside = np.zeros((count + 1, hidden), np.float32)  # the last row is what stands beyond the ends of a text
    room = np.empty((count, hidden), np.float32)
    # The first is worked out once for each distinct word, whatever its neighbours are.
    seen, which = _distinct(weights, rows, words)
    bounds = _bounds(words.text)
    places = np.append(which, len(seen) - 1)[_near(bounds, *first)]
    for part, place in zip(np.split(matrix, first[0]), places.T, strict=True):
        inside[:-1] += np.take(seen @ part, place, axis=0, out=room, mode="clip")
    inside[:-1] += bias
    np.maximum(inside[:-1], 0, out=inside[:-1])
    for (matrix, bias), layer in zip(others, layers, strict=True):
        beside = np.take(inside, _near(bounds, *layer), axis=0, mode="clip")
        np.matmul(beside.reshape(count, len(matrix)), matrix, out=room)
        room += bias
        inside[:-1] += np.maximum(room, 0, out=room)
    scores: Floats = inside[:-1] @ weights.head[0] + weights.head[1]
    return scores


def _distinct(weights: Weights, rows: Rows, words: Words) -> tuple[Floats, Places]:
    """What the tables say of each distinct word with what stands before it, and which of these each word is.

    The last row is empty.
    """
    gaps = len(weights.tables[-1])
    _, first, which = np.unique(words.number * gaps + words.gap, return_index=True, return_inverse=True)
    seen = np.zeros((len(first) + 1, sum(table.shape[1] for table in weights.tables)), np.float32)
    np.concatenate([table[rows[first, place]] for place, table in enumerate(weights.tables)], axis=1, out=seen[:-1])
    return seen, which


def _bounds(text: Places) -> tuple[Places, Places]:
    """For each word, the first and the last + 1 word of its text."""
    bounds = np.searchsorted(text, np.arange(text.max(initial=-1) + 2))
    return bounds[text][:, None], bounds[text + 1][:, None]


def _near(bounds: tuple[Places, Places], kernel: int, dilation: int) -> Places:
    """Where the words of the kernel stand as seen from each word; beyond the ends of its text it is the last row."""
    count = len(bounds[0])
    there = np.arange(count)[:, None] + (np.arange(kernel) - kernel // 2) * dilation
    there[(there < bounds[0]) | (there >= bounds[1])] = count
    return there


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
