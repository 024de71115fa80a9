"""A text cut at blank lines, so that what repeats (menus, footers) is read by a model once."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence

from catalog.values import Span

BLANK_LINE = re.compile(r"\n[ \t\r]*\n\s*")
# A longer piece is cut at a line end or a blank: models' memory grows with the length of a piece.
LONGEST = 20_000
REMEMBERED = 20_000


Cut = Callable[[str], Iterator[tuple[int, int]]]
Tag = Callable[[Sequence[str]], list[list[Span]]]


def cut(text: str) -> Iterator[tuple[int, int]]:
    """Places of the segments that hold anything."""
    start = 0
    for match in BLANK_LINE.finditer(text):
        yield from pieces(text, start, match.start())
        start = match.end()
    yield from pieces(text, start, len(text))


def whole(text: str) -> Iterator[tuple[int, int]]:
    """The text in one piece, unless it is very long: for models that look across blank lines."""
    return pieces(text, 0, len(text))


def pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A stretch of text in pieces of at most `LONGEST` characters; none where it is blank."""
    while end - start > LONGEST:
        window = text[start : start + LONGEST]
        at = max(window.rfind("\n"), 0) or max(window.rfind(" "), 0) or LONGEST
        yield start, start + at
        start += at
    if text[start:end].strip():
        yield start, end


class Memory:
    """A model with a memory of the segments it has read, by keyed digest: no text is kept. The oldest go first."""

    def __init__(self, tagger: Tag, cut: Cut = cut, size: int = REMEMBERED) -> None:
        self._tagger = tagger
        self._cut = cut
        self._key = secrets.token_bytes(32)
        self._size = size
        self._found: OrderedDict[bytes, tuple[Span, ...]] = OrderedDict()

    def forget(self) -> None:
        """As if nothing had been read."""
        self._found.clear()

    def tag(self, texts: Sequence[str]) -> list[list[Span]]:
        """Spans per text, in the text's own offsets; each distinct segment goes to the model once."""
        places = [list(self._cut(text)) for text in texts]
        digests = [
            [self._digest(text[start:end]) for start, end in spots] for text, spots in zip(texts, places, strict=True)
        ]
        new = {
            digest: text[start:end]
            for text, spots, names in zip(texts, places, digests, strict=True)
            for (start, end), digest in zip(spots, names, strict=True)
            if digest not in self._found
        }
        found = {**self._recall(digests), **dict(zip(new, map(tuple, self._tagger(list(new.values()))), strict=True))}
        self._keep(found)
        return [
            [
                Span(span.kind, span.start + start, span.end + start, span.score, span.recognizer)
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
