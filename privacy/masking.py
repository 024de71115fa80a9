"""A quick mask for what is stored beside records, such as quotes and addresses: patterns, and names where asked."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import regex

from catalog.values import Span
from privacy import segments
from privacy.encodings import readings
from privacy.recognizers import card, email, iban, ip, phone, secret
from privacy.view import View, pattern

# Long numbers in an address are ids and dates; a phone number there follows one of these.
_PHONE_LINK = pattern(r"(?i)(?:\btel:|\bcallto:|\bsms:|\bwa\.me/|[?&](?:phone|tel|mobile)=)\+?([\d().%-]{6,24})")
_ADDRESS = regex.compile(r"\b[a-z][a-z0-9+.-]{1,20}://\S+", regex.IGNORECASE)
_SSN = pattern(r"(?<![\w-])(?!000|666|9\d\d)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?![\w-])")
_LOGIN = pattern(r"(?<=://)[^\s/@?#]+@")


def mask(text: str) -> str:
    """The text with e-mail addresses, phones, cards, IBANs, IPs and secrets masked as "[KIND]".

    >>> mask("https://example.org/people/2024/10/17/story-123456?from=ada@example.org")
    'https://example.org/people/2024/10/17/story-123456?from=[EMAIL_ADDRESS]'
    """
    masked, last = [], 0
    for span in sorted(_found(text), key=lambda span: (span.start, -span.end)):
        if span.start >= last:
            masked += [text[last : span.start], f"[{span.kind}]"]
        last = max(last, span.end)
    return "".join([*masked, text[last:]])


def mask_names(text: str) -> str:
    """`mask`, and names of people as the small tagger sees them: for quotes, which are kept of refused records, too.

    >>> mask_names("Photo by Jane Doe, CC BY 4.0")
    'Photo by [PERSON], CC BY 4.0'
    """
    masked, last = [], 0
    for span in _reader().tag([text])[0]:
        if span.kind == "PERSON" and span.start >= last:
            masked += [text[last : span.start], "[PERSON]"]
            last = span.end
    return mask("".join([*masked, text[last:]]))


@cache
def _reader() -> segments.Memory:
    from privacy import tagger
    from privacy.engine import TAGGER

    return segments.Memory(tagger.Tagger(tagger.load(TAGGER)).tag)


def _found(text: str) -> Iterator[Span]:
    yield from _written(View(text))
    # Phones are looked for outside addresses only: there a long number is an id or a date, unless it is escaped.
    yield from phone.spans(View(_ADDRESS.sub(lambda match: " " * len(match.group()), text)))
    for reading in readings(text):
        view = View(reading.text)
        yield from reading.placed([*_written(view), *phone.spans(view)])


def _written(view: View) -> Iterator[Span]:
    for recogniser in (email, secret, ip, card, iban):
        yield from recogniser.spans(view)
    yield from view.spans(_LOGIN, "SECRET", 1.0, "mask")
    yield from view.spans(_SSN, "US_SSN", 0.85, "mask")
    yield from view.spans(_PHONE_LINK, "PHONE_NUMBER", 1.0, "mask", group=1)
