"""Payment card numbers: 13 to 19 digits with a Luhn check digit and a card network's first digit."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from catalog.checks import Example
from catalog.values import Span
from privacy.checksums import luhn
from privacy.view import View, pattern

VERSION = 1
REPORTS = {"CREDIT_CARD": "Payment card number with a valid Luhn check digit."}
EXAMPLES = (
    Example("card 4111 1111 1111 1111, thanks", ("CREDIT_CARD:4111 1111 1111 1111",)),
    Example("AmEx 378282246310005.", ("CREDIT_CARD:378282246310005",)),
    Example("5555-5555-5555-4444", ("CREDIT_CARD:5555-5555-5555-4444",)),
    Example("card 4111 1111 1111 1112 has a wrong check digit"),
    Example("order 0000 0000 0000 0000 is not a card"),
)

_DIGITS = pattern(r"(?<![\w.,-])[2-6]\d{3}(?:[ -]?\d{3,6}){2,3}(?:[ -]?\d{1,4})?(?![\w-])", regex.ASCII)


def spans(view: View) -> Iterator[Span]:
    """Numbers that pass the check; others that look alike are not reported."""
    for span in view.spans(_DIGITS, "CREDIT_CARD", 1.0, "card"):
        digits = [int(sign) for sign in view.text[span.start : span.end] if sign.isdigit()]
        if 13 <= len(digits) <= 19 and luhn(digits):
            yield span
