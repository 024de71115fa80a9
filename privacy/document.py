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
    words = _words(text, spans)
    if not words:
        return list(spans)
    # One quick search for each name: an alternation of all of them takes ten times as long.
    known = {(span.start, span.end) for span in spans}
    known_as = {(span.kind, span.start, span.end) for span in spans}
    taken = {kind: bytearray(len(text)) for kind in {kind for kinds in words.values() for kind in kinds}}
    bodies = [(span.start, span.end) for span in spans if span.kind == "PUBLIC_BODY"]
    found = []
    for name in sorted(words, key=len, reverse=True):
        kinds = words[name]
        for start in _places(text, name):
            end = start + len(name)
            held = {kind for kind, places in taken.items() if places[start] or places[end - 1]}
            for kind, score in kinds.items():
                # A surname in a firm's longer name is the firm's; a whole name is a person's there, too.
                if held if _gives_way(kind, name) else kind in held:
                    continue
                taken[kind][start:end] = b"\1" * len(name)
                # A place in the name of a public body says which body it is.
                of_a_body = kind == "LOCATION" and any(first < end and start < last for first, last in bodies)
                there = (start, end) in known if _gives_way(kind, name) else (kind, start, end) in known_as
                if not there and not of_a_body:
                    found.append(Span(kind, start, end, score, "document"))
    return [*spans, *found]


def _gives_way(kind: str, name: str) -> bool:
    """Is this less telling than what else is found there: a place, a body, one word of a person's name?"""
    return kind in ("LOCATION", "ORGANIZATION") or (kind == "PERSON" and " " not in name)


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


def _words(text: str, spans: Iterable[Span]) -> dict[str, dict[str, float]]:
    """Each name, what it was found as, and how surely. One that is two things is both in every place."""
    found: dict[str, dict[str, float]] = {}
    parts: dict[str, float] = {}
    for span in spans:
        if span.kind not in CARRIED or span.score < SURE:
            continue
        words = text[span.start : span.end].strip()
        if len(words) >= SHORTEST and "\n" not in words and not words.islower():
            found.setdefault(words, {})[span.kind] = span.score
        if span.kind == "PERSON":
            parts |= dict.fromkeys(_parts(words), span.score)
    for part, score in parts.items():
        found.setdefault(part, {"PERSON": score})
    return found


def _parts(name: str) -> Iterator[str]:
    parts = NAME_PART.findall(name)
    if len(parts) < 2 or len(parts) > 5:
        return
    for part in parts:
        if part[0].isupper() and len(part) >= SHORTEST and part.lower() not in COMMON_PARTS:
            yield part
