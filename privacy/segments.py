"""A text cut at blank lines, so that what repeats (menus, footers) is read by a model once."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from catalog.values import Span

BLANK_LINE = re.compile(r"\n[ \t\r]*\n\s*")
# A longer piece is cut at a line end or a blank: models' memory grows with the length of a piece.
LONGEST = 20_000
REMEMBERED = 20_000


def cut(text: str) -> Iterator[tuple[int, int]]:
    """Places of the segments that hold anything."""
    start = 0
    for match in BLANK_LINE.finditer(text):
        yield from _pieces(text, start, match.start())
        start = match.end()
    yield from _pieces(text, start, len(text))


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > LONGEST:
        window = text[start : start + LONGEST]
        at = max(window.rfind("\n"), 0) or max(window.rfind(" "), 0) or LONGEST
        yield start, start + at
        start += at
    if text[start:end].strip():
        yield start, end


class Memory:
    """Findings of segments seen before, by keyed digest: no text is kept. The oldest go first."""

    def __init__(self, size: int = REMEMBERED) -> None:
        self._key = secrets.token_bytes(32)
        self._size = size
        self._found: OrderedDict[bytes, tuple[Span, ...]] = OrderedDict()

    def tag(self, texts: Sequence[str], tagger: Callable[[Sequence[str]], list[list[Span]]]) -> list[list[Span]]:
        """Spans per text, in the text's own offsets; each distinct segment goes to the tagger once."""
        places = [list(cut(text)) for text in texts]
        digests = [
            [self._digest(text[start:end]) for start, end in spots] for text, spots in zip(texts, places, strict=True)
        ]
        new = {
            digest: text[start:end]
            for text, spots, names in zip(texts, places, digests, strict=True)
            for (start, end), digest in zip(spots, names, strict=True)
            if digest not in self._found
        }
        found = {**self._recall(digests), **dict(zip(new, map(tuple, tagger(list(new.values()))), strict=True))}
        self._keep(found)
        return [
            [
                replace(span, start=span.start + start, end=span.end + start)
                for (start, _), digest in zip(spots, names, strict=True)
                for span in found[digest]
            ]
            for spots, names in zip(places, digests, strict=True)
        ]

    def _digest(self, segment: str) -> bytes:
        data = segment.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(data, key=self._key, digest_size=16).digest()

    def _recall(self, digests: Sequence[Sequence[bytes]]) -> dict[bytes, tuple[Span, ...]]:
        return {name: self._found[name] for names in digests for name in names if name in self._found}

    def _keep(self, found: dict[bytes, tuple[Span, ...]]) -> None:
        for digest, spans in found.items():
            self._found[digest] = spans
            self._found.move_to_end(digest)
        while len(self._found) > self._size:
            self._found.popitem(last=False)
