"""Street addresses and postcodes as the English-speaking countries write them."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from catalog.checks import Example
from catalog.values import Span
from privacy.view import View, pattern

VERSION = 2
REPORTS = {"STREET_ADDRESS": "Street and house number, flat or post box.", "ZIP_CODE": "Postcode."}
EXAMPLES = (
    Example("lives at 1600 Amphitheatre Parkway, Apt. 4B", ("STREET_ADDRESS:1600 Amphitheatre Parkway, Apt. 4B",)),
    Example("12a High Street, Oxford OX1 4AA", ("STREET_ADDRESS:12a High Street", "ZIP_CODE:OX1 4AA")),
    Example("P.O. Box 4471, Springfield, IL 62704-1234", ("STREET_ADDRESS:P.O. Box 4471", "ZIP_CODE:62704-1234")),
    Example("HE LIVES AT 47 HARBOUR ROAD", ("STREET_ADDRESS:47 HARBOUR ROAD",)),
    Example("my zip code is 90210", ("ZIP_CODE:90210",)),
    Example("Ottawa ON K1A 0B1", ("ZIP_CODE:K1A 0B1",)),
    Example("In 1999 Wall Street fell; 5 Way Street signs"),
    Example("error 90210, AB1 and version 12 Place"),
)

_KIND = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Square|Sq|Terrace|Ter|Parkway|Pkwy|Highway|Hwy|"
    r"Crescent|Close|Grove|Gardens|Mews|Alley|Throughway|Trail|Circle|Plaza|Row|Hill|Walk|Esplanade|Quay|Turnpike|Motorway|Marg|Nagar)"
)
_FLAT = r"(?:Apt|Apartment|Suite|Ste|Unit|Flat|Room|Floor)\.? ?#?\d{1,4}[A-Za-z]?"
_STREET = pattern(
    rf"(?<![\w.,/-])(?!(?:19|20)\d\d )\d{{1,5}}[A-Za-z]?(?:[-/]\d{{1,4}})?,? (?:(?:[NSEW]|North|South|East|West)\.? )?"
    rf"(?!Way )(?:[A-Z][\w'’.-]{{1,20}} |\d{{1,3}}(?:st|nd|rd|th) ){{1,4}}(?:{_KIND}|{_KIND.upper()})\b"
    rf"(?:\.(?=,| [A-Z]))?(?:,? {_FLAT})?"
)
_BOX = pattern(r"\b(?:P\.? ?O\.? Box|PO Box|Post Office Box) \d{1,6}\b", regex.IGNORECASE)
_STATE = (
    r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]"
    r"|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])"
)
_AFTER_STATE = pattern(rf"(?<=, ){_STATE},? (\d{{5}}(?:-\d{{4}})?)(?![\w-])")
_NAMED = pattern(
    r"\b(?:zip|post(?:al)? ?code|postcode)(?: code)?(?: is|:|=)?\s{1,2}([A-Z0-9]{2,4}[ -]?[A-Z0-9]{2,5})(?!\w)",
    regex.IGNORECASE,
)
_BRITISH = pattern(r"(?<![\w-])[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}(?![\w-])")
_CANADIAN = pattern(r"(?<![\w-])[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] ?\d[ABCEGHJ-NPRSTV-Z]\d(?![\w-])")


def spans(view: View) -> Iterator[Span]:
    """Streets, boxes, then postcodes."""
    yield from view.spans(_STREET, "STREET_ADDRESS", 0.85, "address")
    yield from view.spans(_BOX, "STREET_ADDRESS", 0.9, "address")
    yield from view.spans(_AFTER_STATE, "ZIP_CODE", 0.9, "address", group=1)
    for span in view.spans(_NAMED, "ZIP_CODE", 0.8, "address", group=1):
        if any(sign.isdigit() for sign in view.text[span.start : span.end]):
            yield span
    for one in (_BRITISH, _CANADIAN):
        yield from view.spans(one, "ZIP_CODE", 0.7, "address")
