"""Saying less instead of nothing: a date becomes its year, an age ten years, a place its country."""

from __future__ import annotations

import re
from functools import cache

from privacy.surrogates import identity

_YEAR = re.compile(r"(?<!\d)(1[6-9]\d\d|20\d\d)(?!\d)")
_NUMBER = re.compile(r"(?<!\d)\d{1,3}(?!\d)")
_WORDS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_YOUNG = re.compile(r"(?:month|week|day|hour)s?(?![a-z])", re.IGNORECASE)
_YEARS = re.compile(r"y(?:ea)?rs?(?![a-z])", re.IGNORECASE)
OLDEST_BAND = 90  # few people are older: "90 or over" names no decade

_US_POSTCODE = re.compile(r"(\d{3})\d\d(?:-\d{4})?")
_UK_POSTCODE = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?) ?\d[A-Z]{2}", re.IGNORECASE)
# Areas of at most 20,000 people in the census of 2000: 45 CFR 164.514(b)(2)(i)(B) wants these digits out, too.
_SMALL = frozenset((36, 59, 63, 102, 203, 556, 692, 790, 821, 823, 830, 831, 878, 879, 884, 890, 893))


def generalise(kind: str, value: str) -> str:
    """A coarser form of a value; empty where there is none, so that it must be replaced."""
    match kind:
        case "DATE_TIME" | "DATE_OF_BIRTH":
            years = _YEAR.findall(value)
            return years[0] if len(set(years)) == 1 else ""
        case "AGE":
            return _band(value)
        case "LOCATION" | "STREET_ADDRESS":
            last = value.rpartition(",")[2].strip()
            return last if identity(last) in _countries() else ""
        case "ZIP_CODE":
            return _area(value)
    return ""


def _band(value: str) -> str:
    number = _NUMBER.search(value)
    if _YOUNG.search(value) and not _YEARS.search(value):
        # 120 months are ten years; whoever is younger, in whatever measure, is in the first band.
        return "0 to 9" if not number or int(number.group()) < 120 else ""
    word = next((age for word, age in _WORDS.items() if word in value.lower()), None)
    age = int(number.group()) if number else word
    if age is None:
        return ""
    if age >= OLDEST_BAND:
        return f"{OLDEST_BAND} or over"
    low = age // 10 * 10
    return f"{low} to {low + 9}"


def _area(value: str) -> str:
    if american := _US_POSTCODE.fullmatch(value):
        return "" if int(american[1]) in _SMALL else f"{american[1]}**"
    british = _UK_POSTCODE.fullmatch(value)
    return british[1].upper() if british else ""


@cache
def _countries() -> frozenset[str]:
    """Names of countries, in every language that phonenumbers has them in."""
    from phonenumbers.geodata.locale import LOCALE_DATA

    names = (name for names in LOCALE_DATA.values() for name in names.values())
    return frozenset(identity(name) for name in names if name and not name.startswith("*"))
