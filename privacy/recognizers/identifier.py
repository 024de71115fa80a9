"""Numbers that papers and customers are known by: passports, licences, accounts, patients, orders, members."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from catalog.checks import Example
from catalog.values import Span
from privacy.view import View, pattern

VERSION = 1
REPORTS = {"ID_NUMBER": "Number of an identity paper, account, patient, order, member or employee."}
EXAMPLES = (
    Example("Passport No: X1234567", ("ID_NUMBER:X1234567",)),
    Example("my driver's license is GB-DL-7401525", ("ID_NUMBER:GB-DL-7401525",)),
    Example("Patient ID 00-4471-2", ("ID_NUMBER:00-4471-2",)),
    Example("MRN: 4471223", ("ID_NUMBER:4471223",)),
    Example("order #A-99812-7 was lost", ("ID_NUMBER:A-99812-7",)),
    Example("The passport is blue and the order of 1999 stands."),
    Example("in order to pay, account for 12 items"),
)

_COUNTRY = pattern(r"(?<![\w-])[A-Z]{2}-(?:ID|DL|PP|SSN|NID)-?\d{5,14}(?![\w-])")
_NAMED = pattern(
    r"\b(?:(?:passport|licen[cs]e|permit|id(?:entity)?(?: card)?|national id|member(?:ship)?|account|acct|patient|"
    r"customer|client|policy|employee|staff|student|order|ticket|booking|reservation|invoice|reference|ref|claim|"
    r"vehicle|plate|tax|ssn|social security|insurance|card|badge|serial)"
    r"\s{0,2}(?:(?:no|nr|num|id|code)\b\.?|number|#)|mrn|imei|iccid|vin)"
    r"\s{0,2}(?:is|are|was|:|=|#)?\s{0,2}[\"'(]?((?=[A-Z0-9./-]{0,24}\d)[A-Z0-9](?:[A-Z0-9/-]|\.(?=\w)){3,24})(?!\w)",
    regex.IGNORECASE,
)
_PAPER = pattern(
    r"\b(?:passport|licen[cs]e|permit|identity card|national id)\b[^.\n\d]{0,24}?"
    r"\b([A-Z]{1,3}-?(?:[A-Z]{2}-)?\d{6,14})(?!\w)"
)


def spans(view: View) -> Iterator[Span]:
    """The number alone, without the words that say what it is."""
    yield from view.spans(_COUNTRY, "ID_NUMBER", 0.9, "identifier")
    found = set()
    for one in (_NAMED, _PAPER):
        for span in view.spans(one, "ID_NUMBER", 0.8, "identifier", group=1):
            written = view.text[span.start : span.end]
            if span.start not in found and not _COUNTRY.compiled.fullmatch(written):
                found.add(span.start)
                yield span
