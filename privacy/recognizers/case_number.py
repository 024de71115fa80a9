"""Numbers of court cases and applications, which name the people in them."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from catalog.checks import Example
from catalog.values import Span
from privacy.view import View, pattern

VERSION = 1
REPORTS = {"CASE_NUMBER": "Number of a court case, application or docket."}
EXAMPLES = (
    Example("an application (no. 12345/99) against", ("CASE_NUMBER:12345/99",)),
    Example("applications nos. 4321/08 and 987/08", ("CASE_NUMBER:4321/08", "CASE_NUMBER:987/08")),
    Example("Case C-131/12 P", ("CASE_NUMBER:C-131/12 P",)),
    Example("docket 1:20-cv-01234 and 3 K 77/05", ("CASE_NUMBER:1:20-cv-01234", "CASE_NUMBER:3 K 77/05")),
    Example("case no. AB-2019-00017 is closed", ("CASE_NUMBER:AB-2019-00017",)),
    Example("on 24/12 and in 2011/12, with 3/4 of 1/2"),
    Example("the case of nobody"),
)

# Four digits or more before a year of two are no date and no fraction.
_APPLICATION = pattern(r"(?<![\w/.,-])\d{3,6}/\d{2}(?![\w/,-]|\.\d)")
_COURT = pattern(r"(?<![\w/-])[CTF][-‑]\d{1,4}/\d{2}(?: (?:P|R|PPU|RX))?(?![\w/])")
_DOCKET = pattern(r"(?<![\w:-])\d:\d{2}-(?:cv|cr|mc|md|bk|ap)-\d{3,6}(?:-[A-Z]{2,4}){0,2}(?![\w-])", regex.IGNORECASE)
_CHAMBER = pattern(r"(?<![\w/-])(?:[IVX]{1,4}|\d{1,2}) [A-Z][A-Za-z]{0,3} \d{1,5}/\d{2,4}(?![\w/])")
_NAMED = pattern(
    r"\b(?:case|docket|file|application|appeal|claim|judgment)\s{1,2}(?:nos?\.?|numbers?|#)\s?:?\s{0,2}"
    r"([A-Z0-9][A-Z0-9./-]{2,24}\d[A-Z0-9/-]{0,8})(?!\w)",
    regex.IGNORECASE,
)
_YEARS = regex.compile(r"(?:19|20)?\d\d")


def spans(view: View) -> Iterator[Span]:
    """Case numbers; two years with a stroke between are none."""
    if not any(sign.isdigit() for sign in view.text):
        return
    for one in (_APPLICATION, _COURT, _DOCKET, _CHAMBER):
        for span in view.spans(one, "CASE_NUMBER", 0.85, "case_number"):
            if not _season(view.text[span.start : span.end]):
                yield span
    for span in view.spans(_NAMED, "CASE_NUMBER", 0.8, "case_number", group=1):
        if not _APPLICATION.compiled.fullmatch(view.text[span.start : span.end]):
            yield span


def _season(written: str) -> bool:
    first, _, second = written.partition("/")
    return bool(_YEARS.fullmatch(first)) and len(first) == 4 and int(second) == (int(first) + 1) % 100
