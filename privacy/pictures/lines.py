"""Which lines of text in a picture are private: for mode "private".

The words are read, judged and forgotten: a region carries a kind and a place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from PIL import Image

from catalog.values import Region, Span
from privacy.pictures.detectors import text
from privacy.pictures.detectors.text import Line
from privacy.pictures.values import ImageOptions
from privacy.redaction import DEFAULT_RULES

# Given texts, the spans of each; None where a text could not be examined.
Recognise = Callable[[Sequence[str]], Sequence[Sequence[Span] | None]]

# What the rules for texts leave in, a picture may show too; dates and numbers have rules of their own here.
PUBLIC_KINDS = frozenset(kind for kind, rule in DEFAULT_RULES.items() if rule == "keep" and kind != "LOCATION")
# A tagger that was taught on prose sees these in any word in capitals: they need so many digits.
NUMERIC_KINDS = {"PHONE_NUMBER": 5, "ID_NUMBER": 5, "ZIP_CODE": 2, "DATE_OF_BIRTH": 1, "AGE": 1, "STREET_ADDRESS": 1}
ADDRESS_KINDS = frozenset({"STREET_ADDRESS", "ZIP_CODE", "LICENSE_PLATE"})
_MOST_BREAKS = 1  # lines on signs are no sentence: what runs on over three of them is no name
_FORM_LABELS = frozenset({"name", "dob", "sex", "class", "address", "phone", "signature", "expires", "issued"})
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
    recognise = recogniser(options)
    side = text.SECOND_SIDE if again else text.SIDE
    found = []
    for lines in text.lines(images, side):
        lines = [line for line in lines if text.is_readable(line) or not again]
        kinds = private_kinds(lines, recognise, options.allow)
        found.append([_place(line, kind) for line, kind in zip(lines, kinds, strict=True) if kind])
    return found


def _place(line: Line, kind: str) -> Region:
    """Closely around what was read; with a margin where there may be more: what was not read, or a plate's rim."""
    wide = kind == "TEXT" or _PLATE.fullmatch(line.words.strip())
    return replace(line.region, kind=kind, polygon=line.region.polygon if wide else line.close)


@cache
def recogniser(options: ImageOptions) -> Recognise:
    """The text engine of this room with these options, as a function."""
    from privacy import Engine

    engine = Engine(
        mode=options.text,
        extra=options.checks or None,
        countries=options.countries,
        model=options.model or None,
        allow=options.allow,
        custom=options.custom,
        files=[Path(name) for name in options.files],
        pipeline=options.pipeline or None,
    )

    def recognise(texts: Sequence[str]) -> list[Sequence[Span] | None]:
        scans = engine.scan(texts, [options.language] * len(texts))
        return [scan.spans if scan.status == "ok" else None for scan in scans]

    return recognise


def private_kinds(lines: Sequence[Line], recognise: Recognise, allow: Sequence[str] = ()) -> list[str]:
    """The kind of each line, empty for those that may stay. `allow` are words that are nobody's.

    Lines are judged alone and together: a name is known by the address below it. A line that
    was not read surely can't be judged, so it is private.
    """
    if not lines:
        return []
    words = [_as_prose(line.words) for line in lines]
    whole = "\n".join(words)
    *alone, together = recognise([*words, whole])
    if together is not None:
        together = [span for span in together if whole.count("\n", span.start, span.end) <= _MOST_BREAKS]
    kinds, place = [], 0
    for line, said, spans in zip(lines, words, alone, strict=True):
        end = place + len(said)
        near = None if together is None else [span for span in together if span.start < end and place < span.end]
        kinds.append("TEXT" if line.region.score < SURELY_READ else _kind(said, allow, spans, near))
        place = end + 1
    return [_settled(kinds, number) for number in range(len(kinds))]


def _settled(kinds: Sequence[str], number: int) -> str:
    """A place by itself names nobody; beside an address, or on a licence plate, it is a part of it."""
    beside = {*kinds[max(number - 1, 0) : number], *kinds[number + 1 : number + 2]}
    return "" if kinds[number] == "LOCATION" and not beside & ADDRESS_KINDS else kinds[number]


def _without(words: str, allow: Sequence[str]) -> str:
    for one in allow:
        phrase = r"\s+".join(map(re.escape, one.split()))
        words = re.sub(rf"(?<!\w){phrase}(?!\w)", "", words, flags=re.IGNORECASE)
    return words


def _as_prose(words: str) -> str:
    """Names stamped in capitals are not seen as names by a tagger that was taught on prose."""
    return words.title() if words.isupper() and sum(map(str.isdigit, words)) == 0 else words


def _kind(line: str, allow: Sequence[str], *found: Sequence[Span] | None) -> str:
    if any(spans is None for spans in found):
        return "TEXT"
    # What recognisers found was not allowed by them; what only looks private is asked without the allowed words.
    spans = [span for some in found for span in some or () if _believed(span.kind, line, _digits(line))]
    line = _without(line, allow)
    sure = [span for span in spans if span.kind != "LOCATION"]
    if sure:
        return max(sure, key=lambda span: span.score).kind
    if _STREET.search(line):
        return "STREET_ADDRESS"
    if _DATE.search(line):
        return "DATE_TIME"
    if _digits(line) >= _DIGITS:
        return "NUMBER"
    if _PLATE.fullmatch(line.strip()):
        return "LICENSE_PLATE"
    return "LOCATION" if spans else ""


def _digits(line: str) -> int:
    return sum(map(str.isdigit, line))


def _believed(kind: str, line: str, digits: int) -> bool:
    if kind in PUBLIC_KINDS or digits < NUMERIC_KINDS.get(kind, 0):
        return False
    if kind == "EMAIL_ADDRESS":
        return "@" in line or "." in line
    return kind != "PERSON" or line.strip(" :.").lower() not in _FORM_LABELS
