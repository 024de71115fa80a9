"""Which lines of text in a picture are private: for mode "private".

The words are read, judged and forgotten: a region carries a kind and a place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from PIL import Image

from catalog.values import Region, Span
from privacy.pictures.detectors import text
from privacy.pictures.detectors.text import Line
from privacy.pictures.values import ImageOptions

# Given texts, the spans of each; None where a text could not be examined.
Recognise = Callable[[Sequence[str]], Sequence[Sequence[Span] | None]]

# What the tagger says of brands, signs and half-sentences; dates and numbers have rules of their own here.
PUBLIC_KINDS = frozenset({"ORGANIZATION", "NRP", "DATE_TIME", "URL", "DOMAIN_NAME"})
SURELY_READ = 0.6
_DIGITS = 5
_PLATE = re.compile(r"(?=[^a-z]*[A-Z])(?=.*\d)[A-Z0-9][A-Z0-9 .·-]{3,9}[A-Z0-9]")
_STREET = re.compile(
    r"\b\d+\w?\b.*\b(?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|court|ct|boulevard|blvd|way|place|pl|square|"
    r"terrace|close|crescent|highway|hwy|apt|suite|unit|floor)\b\.?|\b\w+(?:stra(?:ß|ss)e|str\.|weg|gasse|platz)\s*\d+|"
    r"\b(?:rue|via|calle|avenida|rua|plaza|piazza)\b.*\d|\bp\.?\s?o\.?\s?box\b",
    re.IGNORECASE,
)
_DATE = re.compile(r"\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b")


def private_lines(images: Sequence[Image.Image], options: ImageOptions, again: bool) -> list[list[Region]]:
    """The private lines of each picture, under the kind of what is in them."""
    recognise = recogniser(options.text, options.language, options.checks)
    side = text.SECOND_SIDE if again else text.SIDE
    found = []
    for lines in text.lines(images, side):
        lines = [line for line in lines if text.is_readable(line) or not again]
        kinds = private_kinds(lines, recognise)
        found.append([replace(line.region, kind=kind) for line, kind in zip(lines, kinds, strict=True) if kind])
    return found


@cache
def recogniser(mode: str, language: str, checks: str = "") -> Recognise:
    """The text engine of this room, as a function."""
    from privacy import Engine

    engine = Engine(mode=mode, extra=checks or None)

    def recognise(texts: Sequence[str]) -> list[Sequence[Span] | None]:
        scans = engine.scan(texts, [language] * len(texts))
        return [scan.spans if scan.status == "ok" else None for scan in scans]

    return recognise


def private_kinds(lines: Sequence[Line], recognise: Recognise) -> list[str]:
    """The kind of each line, empty for those that may stay.

    Lines are judged alone and together: a name is known by the address below it. A line that
    was not read surely can't be judged, so it is private.
    """
    if not lines:
        return []
    words = [_as_prose(line.words) for line in lines]
    *alone, together = recognise([*words, "\n".join(words)])
    kinds, place = [], 0
    for line, text_, spans in zip(lines, words, alone, strict=True):
        end = place + len(text_)
        near = None if together is None else [span for span in together if span.start < end and place < span.end]
        kinds.append("TEXT" if line.region.score < SURELY_READ else _kind(text_, spans, near))
        place = end + 1
    return kinds


def _as_prose(words: str) -> str:
    """Names stamped in capitals are not seen as names by a tagger that was taught on prose."""
    return words.title() if words.isupper() and sum(map(str.isdigit, words)) == 0 else words


def _kind(line: str, *found: Sequence[Span] | None) -> str:
    if any(spans is None for spans in found):
        return "TEXT"
    spans = [span for some in found for span in some or () if span.kind not in PUBLIC_KINDS]
    if spans:
        return max(spans, key=lambda span: span.score).kind
    if _STREET.search(line):
        return "LOCATION"
    if _DATE.search(line):
        return "DATE_TIME"
    if sum(map(str.isdigit, line)) >= _DIGITS:
        return "NUMBER"
    return "LICENSE_PLATE" if _PLATE.fullmatch(line.strip()) else ""
