"""What a recogniser is given: one text, its language, and gated patterns to look through it with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import regex

from catalog.values import Span
from privacy.exact import Exact
from privacy.gate import Gate, fold

WORD = regex.compile(r"\w+")
# How far back context words are looked for: enough for a dozen words.
REACH = 120

_sources: list[str] = []


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern known to the gate; make it with `pattern` when its module is loaded."""

    number: int
    exact: Exact

    @property
    def compiled(self) -> Any:
        """As the `regex` module has it."""
        return self.exact.compiled


def pattern(source: str, flags: int = 0) -> Pattern:
    """Compile a pattern of the `regex` module that is only tried on texts where it can match."""
    _sources.append(source)
    return Pattern(len(_sources) - 1, Exact(source, flags))


class View:
    """One text as recognisers see it. `country` is an ISO 3166 code where it is known."""

    __slots__ = ("_bytes", "_folded", "_open", "country", "language", "text")

    def __init__(self, text: str, language: str = "en", country: str = "") -> None:
        self.text = text
        self.language = language
        self.country = country
        self._open: frozenset[int] | None = None
        self._folded: str | None = None
        self._bytes: bytes | None = None

    @property
    def folded(self) -> str:
        """The text as gates read it."""
        if self._folded is None:
            self._folded = fold(self.text)
        return self._folded

    @property
    def folded_bytes(self) -> bytes:
        """The same as bytes, one for each sign."""
        if self._bytes is None:
            self._bytes = self.folded.encode("ascii")
        return self._bytes

    def spans(self, pattern: Pattern, kind: str, score: float, name: str, group: int = 0) -> Iterator[Span]:
        """A span for every match of a pattern (of one of its groups, where that took part)."""
        for match in self.matches(pattern):
            start, end = match.span(group)
            if end > start:
                yield Span(kind, start, end, score, name)

    def matches(self, pattern: Pattern) -> Iterator[Any]:
        """The matches of a pattern; raises `TimeoutError` rather than give up unsaid."""
        if self._open is None:
            self._open = frozenset(_gate(len(_sources)).open_for_folded(self.folded))
        if pattern.number in self._open:
            yield from pattern.exact.finditer(self.text, self.folded_bytes)

    def words_before(self, start: int, count: int = 6) -> list[str]:
        """The last words before a place, in lower case, nearest last."""
        before = self.text[max(0, start - REACH) : start]
        return [word.lower() for word in WORD.findall(before)[-count:]]


@cache
def _gate(count: int) -> Gate:
    # Rebuilt when a module that came later brought patterns of its own.
    return Gate(_sources[:count])
