"""The document pass: what was found once is found everywhere in the text, names in part too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from catalog.values import Span

# Kinds that name one thing wherever they stand. A date or an age found once may be somebody else's elsewhere.
CARRIED = frozenset(
    {"PERSON", "ORGANIZATION", "LOCATION", "STREET_ADDRESS", "USERNAME", "ID_NUMBER", "CASE_NUMBER", "HOSTNAME"}
)
SHORTEST = 4  # shorter words are words of the language too often
SURE = 0.6
NAME_PART = re.compile(r"[^\W\d_][\w'’-]{2,}")
# Parts that belong to titles and to names of families and places alike: alone they name nobody.
COMMON_PARTS = frozenset(
    re.findall(
        r"\w+",
        "van von der den des del della dos las los the and saint san mac bin ibn abu mrs miss sir lord lady king prof "
        "president minister judge court states united new york will mark may april june august rose grace hope faith "
        "art bill frank grant chase young brown white black green long price rich day park hall church",
    )
)


def spread(text: str, spans: Sequence[Span]) -> list[Span]:
    """The spans, and those of other places in the text that hold the same words."""
    words = dict(_words(text, spans))
    if not words:
        return list(spans)
    known = {(span.start, span.end) for span in spans}
    longest_first = sorted(words, key=len, reverse=True)
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")
    return [*spans, *_found(pattern, text, words, known)]


def _found(
    pattern: re.Pattern[str], text: str, words: dict[str, tuple[str, float]], known: set[tuple[int, int]]
) -> Iterator[Span]:
    for match in pattern.finditer(text):
        if match.span() not in known:
            kind, score = words[match.group()]
            yield Span(kind, *match.span(), score, "document")


def _words(text: str, spans: Iterable[Span]) -> Iterator[tuple[str, tuple[str, float]]]:
    for span in spans:
        if span.kind not in CARRIED or span.score < SURE:
            continue
        words = text[span.start : span.end].strip()
        if len(words) >= SHORTEST and "\n" not in words and not words.islower():
            yield words, (span.kind, span.score)
        if span.kind == "PERSON":
            for part in _parts(words):
                yield part, ("PERSON", span.score)


def _parts(name: str) -> Iterator[str]:
    parts = NAME_PART.findall(name)
    if len(parts) < 2 or len(parts) > 5:
        return
    for part in parts:
        if part[0].isupper() and len(part) >= SHORTEST and part.lower() not in COMMON_PARTS:
            yield part
