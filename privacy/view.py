"""What a recogniser is given: one text, its language, and helpers to look around a match."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from catalog.values import Span

WORD = re.compile(r"\w+")
# How far back context words are looked for: enough for a dozen words.
REACH = 120


@dataclass(frozen=True, slots=True)
class View:
    """One text as recognisers see it. `country` is an ISO 3166 code where it is known."""

    text: str = field(repr=False)
    language: str = "en"
    country: str = ""

    def spans(self, pattern: re.Pattern[str], kind: str, score: float, name: str, group: int = 0) -> Iterator[Span]:
        """A span for every match of a pattern (of one of its groups, where that took part)."""
        for match in pattern.finditer(self.text):
            start, end = match.span(group)
            if end > start:
                yield Span(kind, start, end, score, name)

    def words_before(self, start: int, count: int = 6) -> list[str]:
        """The last words before a place, in lower case, nearest last."""
        before = self.text[max(0, start - REACH) : start]
        return [word.lower() for word in WORD.findall(before)[-count:]]

    def has_before(self, start: int, words: frozenset[str], count: int = 6) -> bool:
        """Is one of these words just before this place?"""
        return not words.isdisjoint(self.words_before(start, count))
