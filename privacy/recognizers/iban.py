"""International bank account numbers with the right check digits (ISO 13616)."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from catalog.checks import Example
from catalog.values import Span
from privacy import checksums
from privacy.view import View, pattern

VERSION = 1
REPORTS = {"IBAN_CODE": "International bank account number with valid check digits."}
EXAMPLES = (
    Example("pay to GB82 WEST 1234 5698 7654 32 please", ("IBAN_CODE:GB82 WEST 1234 5698 7654 32",)),
    Example("iban DE89370400440532013000.", ("IBAN_CODE:DE89370400440532013000",)),
    Example("deposit in DE89370400440532013000 2 days from today", ("IBAN_CODE:DE89370400440532013000",)),
    Example("GB82 WEST 1234 5698 7654 33 has a wrong check digit"),
)

_LIKELY = pattern(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}(?![A-Za-z0-9])", regex.ASCII)


def spans(view: View) -> Iterator[Span]:
    """The longest number that checks out: the words after one may look like its last group."""
    for match in view.matches(_LIKELY):
        end = _valid_end(match.group())
        if end:
            yield Span("IBAN_CODE", match.start(), match.start() + end, 1.0, "iban")


def _valid_end(written: str) -> int:
    for end in range(len(written), 14, -1):
        at_edge = end == len(written) or not written[end].isalnum()
        value = written[:end].replace(" ", "").replace("-", "")
        if at_edge and written[end - 1].isalnum() and 15 <= len(value) <= 34 and checksums.iban(value):
            return end
    return 0
