"""Phone numbers that are valid in the likely countries, looked for only where there are enough digits."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from catalog.checks import Example
from catalog.values import Span
from privacy import phones
from privacy.view import View, pattern

VERSION = 1
REPORTS = {"PHONE_NUMBER": "Phone number, valid in one of the likely countries or written with its country code."}
EXAMPLES = (
    Example("Call +44 20 7946 0958 today", ("PHONE_NUMBER:+44 20 7946 0958",)),
    Example("phone 212-555-5555.", ("PHONE_NUMBER:212-555-5555",)),
    Example("tel (415) 555-2671 ext. 89", ("PHONE_NUMBER:(415) 555-2671 ext. 89",)),
    Example("fax 508-556-1330x1255", ("PHONE_NUMBER:508-556-1330x1255",)),
    Example("order 12345 of 2024-01-02"),
    Example("9999999999999999999999 digits of nothing"),
)

# The countries Presidio looks at by default; a record's own country comes first.
REGIONS = ("US", "GB", "DE", "FR", "IL", "IN", "CA", "BR")
_DIGITS = pattern(r"\d(?:[^\w\n]{0,4}\d){5,}")
_BEFORE, _AFTER = 12, 24  # room for "+", brackets and an extension
# North American numbers that the full plan refuses (555 and other fictional exchanges) but that people write.
_AMERICAN = pattern(
    r"(?<![\w.+-])(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?:\s?(?:x|ext\.?)\s?\d{1,6})?(?![\w-])",
    regex.ASCII,
)


def spans(view: View) -> Iterator[Span]:
    """Each number once, whichever countries accept it."""
    found = {(span.start, span.end) for span in view.spans(_AMERICAN, "PHONE_NUMBER", 0.6, "phone")}
    yield from (Span("PHONE_NUMBER", start, end, 0.6, "phone") for start, end in sorted(found))
    countries = tuple(dict.fromkeys((view.country, *REGIONS))) if view.country else REGIONS
    for start, end in _windows(view):
        for place in phones.find(view.text[start:end], countries):
            shifted = (start + place[0], start + place[1])
            if shifted not in found:
                found.add(shifted)
                yield Span("PHONE_NUMBER", *shifted, 0.4, "phone")


def _windows(view: View) -> Iterator[tuple[int, int]]:
    """Stretches round runs of at least six digits, joined where they touch."""
    open_start, open_end = 0, -1
    for match in view.matches(_DIGITS):
        start, end = max(0, match.start() - _BEFORE), min(len(view.text), match.end() + _AFTER)
        if start <= open_end:
            open_end = end
            continue
        if open_end > 0:
            yield open_start, open_end
        open_start, open_end = start, end
    if open_end > 0:
        yield open_start, open_end
