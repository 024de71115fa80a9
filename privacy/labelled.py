"""Texts with the personal data in them marked, and the files they are read from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from catalog.errors import FormatError
from catalog.values import Span


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text with its spans, and where it comes from (a name, a licence)."""

    text: str = field(repr=False)
    spans: tuple[Span, ...]
    source: str = ""
    licence: str = ""


def read_jsonl(path: Path, licence: str = "") -> Iterator[Labelled]:
    """One JSON object a line: `{"text": "...", "spans": [{"kind": "PERSON", "start": 0, "end": 3}]}`."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                row = json.loads(line)
                spans = [Span(one["kind"], int(one["start"]), int(one["end"]), 1.0, "label") for one in row["spans"]]
                yield Labelled(str(row["text"]), tuple(spans), path.name, licence)
            except (ValueError, KeyError, TypeError) as error:
                raise FormatError(
                    "expected an object with `text` and `spans` of `kind`, `start` and `end`",
                    place=f"{path}, line {number}",
                ) from error


def read_conll(path: Path, kinds: Mapping[str, str], licence: str = "") -> Iterator[Labelled]:
    """A word and its BIO tag a line, blank lines between sentences; tags not in `kinds` count as outside."""
    words: list[tuple[str, str]] = []
    for line in [*path.read_text("utf-8").split("\n"), ""]:
        parts = line.split()
        if len(parts) >= 2:
            words.append((parts[0], parts[-1]))
        elif words:
            text, spans = _sentence(words, kinds)
            yield Labelled(text, spans, path.name, licence)
            words = []


def _sentence(words: list[tuple[str, str]], kinds: Mapping[str, str]) -> tuple[str, tuple[Span, ...]]:
    spans: list[Span] = []
    length, before = 0, "O"
    for word, tag in words:
        kind = kinds.get(tag.partition("-")[2], "")
        end = length + len(word)
        if kind and tag.startswith("I-") and spans and before.partition("-")[2] == tag.partition("-")[2]:
            spans[-1] = Span(kind, spans[-1].start, end, 1.0, "label")
        elif kind:
            spans.append(Span(kind, length, end, 1.0, "label"))
        length, before = end + 1, tag
    return " ".join(word for word, _ in words), tuple(spans)
