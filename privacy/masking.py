"""A quick mask for what is stored beside records, such as quotes and addresses: patterns only, no model."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog.values import Span
from privacy.recognizers import card, email, iban, ip, phone, secret
from privacy.view import View

# Long numbers in an address are ids and dates; a phone number there follows one of these.
_PHONE_LINK = re.compile(r"(?i)(?:\btel:|\bcallto:|\bsms:|\bwa\.me/|[?&](?:phone|tel|mobile)=)\+?([\d().%-]{6,24})")
_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://\S+", re.IGNORECASE)
_LOGIN = re.compile(r"(?<=://)[^\s/@?#]+@")
_ENOUGH_DIGITS = re.compile(r"\d(?:[^\w\n]{0,4}\d){5}")
_SECRET_SIGNS = re.compile(r"(?i)key|token|secret|passw|pwd|bearer|://|[A-Za-z0-9_-]{16}")


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


def _found(text: str) -> Iterator[Span]:
    view = View(text)
    if "@" in text or "%40" in text or "at" in text:
        yield from email.spans(view)
    if "@" in text:
        yield from view.spans(_LOGIN, "SECRET", 1.0, "mask")
    if _SECRET_SIGNS.search(text):
        yield from secret.spans(view)
    if ":" in text or "." in text:
        yield from ip.spans(view)
    if _ENOUGH_DIGITS.search(text):
        yield from view.spans(_PHONE_LINK, "PHONE_NUMBER", 1.0, "mask", group=1)
        yield from card.spans(view)
        yield from iban.spans(view)
        addresses = [match.span() for match in _ADDRESS.finditer(text)]
        for span in phone.spans(view):
            if not any(start <= span.start < end for start, end in addresses):
                yield span
