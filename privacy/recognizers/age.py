"""Ages of people, and dates of birth, told by the words around them."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from catalog.checks import Example
from catalog.values import Span
from privacy.view import View, pattern

VERSION = 1
REPORTS = {"AGE": "Age of a person.", "DATE_OF_BIRTH": "Date on which a person was born."}
EXAMPLES = (
    Example("She is 37 years old.", ("AGE:37 years old",)),
    Example("a 9-year-old boy, aged 81 now", ("AGE:9-year-old", "AGE:81")),
    Example("Age: 44; I'm 29 and happy; M/34", ("AGE:44", "AGE:29")),
    Example("is sixty-one years old", ("AGE:sixty-one years old",)),
    Example("born on 12 May 1980 in Rome", ("DATE_OF_BIRTH:12 May 1980",)),
    Example("DOB: 1980-05-12", ("DATE_OF_BIRTH:1980-05-12",)),
    Example("born in 1954", ("DATE_OF_BIRTH:1954",)),
    Example("12 years of work; page 37; a 30-year mortgage; aged cheese"),
)

_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_UNITS = "one|two|three|four|five|six|seven|eight|nine"
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_NUMBER = rf"(?:1[01]\d|\d{{1,2}}|(?:{_TENS})(?:[- ](?:{_UNITS}))?|{_TEENS}|{_UNITS})"
_OLD = pattern(rf"(?<![\w.,/-]){_NUMBER}(?:[- ]?(?:years?|yrs?|months?)[- ]old|[- ]?y/?o)(?!\w)", regex.IGNORECASE)
_SAID = pattern(
    rf"\b(?:aged?(?: of)?|turn(?:ed|s|ing))\s?:?\s({_NUMBER})"
    r"(?![\w.,]?\d|\w|%|\s?(?:days|hours|minutes|months|weeks)\b)",
    regex.IGNORECASE,
)
_OWN = pattern(
    r"\b(?:I am|I'm|I’m|he's|she's|he is|she is) (\d{1,2})(?=[,.;!?)]| and\b|\s*$)", regex.IGNORECASE | regex.MULTILINE
)
_DATE = (
    r"(?:\d{1,2}(?:st|nd|rd|th)?[ ./-](?:\d{1,2}|[A-Z][a-z]{2,8})[ ./,-]{1,2}\d{2,4}|\d{4}-\d{2}-\d{2}"
    r"|[A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}|(?:19|20)\d\d)"
)
_BORN = pattern(
    r"\b(?:born(?: on| in)?|(?i:date of birth|birth ?date|birthday|d\.?o\.?b\.?))"
    rf"\s?[:=]?\s?(?:is |the )?({_DATE})(?!\w)"
)


def spans(view: View) -> Iterator[Span]:
    """Ages, then dates of birth."""
    yield from view.spans(_OLD, "AGE", 0.85, "age")
    for one in (_SAID, _OWN):
        yield from view.spans(one, "AGE", 0.7, "age", group=1)
    yield from view.spans(_BORN, "DATE_OF_BIRTH", 0.85, "age", group=1)
