"""Benchmark items that stand in a text: runs of words that both hold, with the places as evidence.

Letter case, punctuation and line breaks do not count. Items shorter than the run are
looked for whole, if they have at least SHORTEST words.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from catalog.errors import NotFound, UnreadableInput
from catalog.workspace import json_lines
from curation.minhash import run_numbers, word_numbers
from curation.ngrams import Hashes
from curation.text import TextView

VERSION = 1
WORDS = 12  # as datatrove; GPT-3 took 13 (Brown et al. 2020, appendix C)
SHORTEST = 6  # shorter items occur in texts that never saw the benchmark

_KEY = b"decontamination"  # benchmarks are public: nothing here needs to be kept secret


@dataclass(frozen=True, slots=True)
class Overlap:
    """A part of a text that stands in a benchmark item ("file:number") too."""

    item: str
    start: int
    end: int


@dataclass(frozen=True)
class Benchmarks:
    """The runs of words of all items of the benchmarks, ready to be looked up."""

    runs: dict[int, tuple[Hashes, npt.NDArray[np.int64]]] = field(repr=False)  # by length: sorted runs, their items
    items: tuple[str, ...] = field(repr=False)
    too_short: int  # items with fewer than SHORTEST words: never found

    def overlaps(self, view: TextView) -> tuple[Overlap, ...]:
        """Every stretch of the text that an item holds, the longest possible, by place."""
        words = word_numbers(view, _KEY)
        found = [stretch for width in self.runs for stretch in self._stretches(words, width)]
        starts, ends = view.tokens
        return tuple(
            Overlap(self.items[item], int(starts[first]), int(ends[last])) for first, last, item in sorted(found)
        )

    def _stretches(self, words: Hashes, width: int) -> Iterator[tuple[int, int, int]]:
        """First word, last word and item of every stretch of runs that follow each other."""
        runs, items = self.runs[width]
        if len(words) < width:
            return
        hashes = run_numbers(words, width, _KEY)
        places = np.searchsorted(runs, hashes)
        places[places == len(runs)] = 0
        hits = np.flatnonzero(runs[places] == hashes)
        item_of = items[places[hits]]
        breaks = np.flatnonzero((np.diff(hits) != 1) | (np.diff(item_of) != 0)) + 1
        for stretch, item in zip(
            np.split(hits, breaks), item_of[np.append(0, breaks)] if len(hits) else (), strict=False
        ):
            yield int(stretch[0]), int(stretch[-1]) + width - 1, int(item)


def read(folder: Path, files: Iterable[str], words: int = WORDS) -> Benchmarks:
    """Benchmarks from JSONL (each text of a line counts, answers too) or plain text (a paragraph an item).
    `files` are paths and globs from a folder."""
    found = ((path, number, text) for path in _found(folder, files) for number, text in _items(path))
    return build(((f"{path.name}:{number}", text) for path, number, text in found), words)


def digests(folder: Path, files: Iterable[str]) -> list[str]:
    """What tells these benchmark files from others."""
    return [f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in _found(folder, files)]


def _found(folder: Path, files: Iterable[str]) -> list[Path]:
    found: list[Path] = []
    for name in files:
        named = matching(folder, name)
        if not named:
            raise NotFound("there is no such benchmark file.", cure="Check its path in the recipe.", place=name)
        found += named
    return found


def matching(folder: Path, name: str) -> list[Path]:
    """The files that a path or glob from a folder names."""
    if (folder / name).is_file():
        return [folder / name]
    return [] if Path(name).is_absolute() else sorted(folder.glob(name))


def build(texts: Iterable[tuple[str, str]], words: int = WORDS) -> Benchmarks:
    """Benchmarks from (name, text) pairs."""
    items: list[str] = []
    parts: dict[int, list[tuple[Hashes, int]]] = {}
    too_short = 0
    for name, text in texts:
        numbers = word_numbers(TextView(text), _KEY)
        width = min(words, len(numbers))
        if width < SHORTEST:
            too_short += 1
            continue
        parts.setdefault(width, []).append((run_numbers(numbers, width, _KEY), len(items)))
        items.append(name)
    return Benchmarks({width: _sorted(found) for width, found in sorted(parts.items())}, tuple(items), too_short)


def _sorted(parts: Sequence[tuple[Hashes, int]]) -> tuple[Hashes, npt.NDArray[np.int64]]:
    runs, first = np.unique(np.concatenate([runs for runs, _ in parts]), return_index=True)
    items = np.repeat([item for _, item in parts], [len(runs) for runs, _ in parts])
    return runs, items[first]


def _items(path: Path) -> Iterator[tuple[int, str]]:
    try:
        content = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableInput(
            "expected UTF-8, found other bytes.", cure="Convert the file.", place=str(path)
        ) from error
    if path.suffix != ".jsonl":
        yield from enumerate(TextView(content).paragraphs, 1)
        return
    for number, line in json_lines(content):
        try:
            yield number, "\n".join(_strings(json.loads(line)))
        except json.JSONDecodeError as error:
            place = f"{path}, line {number}"
            raise UnreadableInput("expected a JSON value, found none.", cure="Mend the line.", place=place) from error


def _strings(value: object) -> Iterator[str]:
    """Every text in a JSON value, in its order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)
