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
    recognise = recogniser(options.text, options.language)
    side = text.SECOND_SIDE if again else text.SIDE
    found = []
    for lines in text.lines(images, side):
        lines = [line for line in lines if text.is_readable(line) or not again]
        kinds = private_kinds(lines, recognise)
        found.append([replace(line.region, kind=kind) for line, kind in zip(lines, kinds, strict=True) if kind])
    return found


@cache
def recogniser(mode: str, language: str) -> Recognise:
    """The text engine of this room, as a function."""
    from privacy import Engine

    engine = Engine(mode=mode)

    def recognise(texts: Sequence[str]) -> list[Sequence[Span] | None]:
        scans = engine.scan(texts, [language] * len(texts))
        return [scan.spans if scan.status == "ok" else None for scan in scans]

    return recognise


def private_kinds(lines: Sequence[Line], recognise: Recognise) -> list[str]:
    """The kind of each line, empty for those that may stay.

    Lines are judged alone and together: a name is known by the address below it.
    """
    words = [line.words for line in lines]
    alone = recognise([*words, "\n".join(words)]) if words else []
    kinds = [_kind(line, spans) for line, spans in zip(words, alone, strict=False)]
    together = alone[-1] if words else ()
    place = 0
    for number, line in enumerate(words):
        for span in together or ():
            if span.start < place + len(line) and place < span.end and not kinds[number]:
                kinds[number] = span.kind
        place += len(line) + 1
    return kinds


def _kind(line: str, spans: Sequence[Span] | None) -> str:
    if spans is None:
        return "TEXT"  # not examined: covered
    if spans:
        return max(spans, key=lambda span: span.score).kind
    if _STREET.search(line):
        return "LOCATION"
    if _DATE.search(line):
        return "DATE_TIME"
    if sum(map(str.isdigit, line)) >= _DIGITS:
        return "NUMBER"
    return "LICENSE_PLATE" if _PLATE.fullmatch(line.strip()) else ""
