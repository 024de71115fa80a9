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
    # One quick search for each name: an alternation of all of them takes ten times as long.
    taken = bytearray(len(text))
    bodies = [(span.start, span.end) for span in spans if span.kind == "PUBLIC_BODY"]
    found = []
    for name in sorted(words, key=len, reverse=True):
        for start in _places(text, name):
            end = start + len(name)
            if taken[start] or taken[end - 1]:
                continue
            taken[start:end] = b"\1" * len(name)
            kind, score = words[name]
            # A place in the name of a public body says which body it is.
            of_a_body = kind == "LOCATION" and any(first < end and start < last for first, last in bodies)
            if (start, end) not in known and not of_a_body:
                found.append(Span(kind, start, end, score, "document"))
    return [*spans, *found]


def _places(text: str, name: str) -> Iterator[int]:
    """Where a name stands as whole words."""
    start = text.find(name)
    while start >= 0:
        end = start + len(name)
        if not (_in_word(text, start - 1) or _in_word(text, end)):
            yield start
        start = text.find(name, end)


def _in_word(text: str, place: int) -> bool:
    return 0 <= place < len(text) and (text[place].isalnum() or text[place] == "_")


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
