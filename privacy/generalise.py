"""Saying less instead of nothing: a date becomes its year, an age a band of ten years."""

from __future__ import annotations

import re

_YEAR = re.compile(r"(?<!\d)(1[6-9]\d\d|20\d\d)(?!\d)")
_NUMBER = re.compile(r"(?<!\d)\d{1,3}(?!\d)")
_WORDS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
OLDEST_BAND = 90  # few people are older: "90 or over" names no decade


def generalise(kind: str, value: str) -> str:
    """A coarser form of a value; empty where there is none, so that it must be replaced."""
    if kind in ("DATE_TIME", "DATE_OF_BIRTH"):
        years = _YEAR.findall(value)
        return years[0] if len(set(years)) == 1 else ""
    return _band(value) if kind == "AGE" else ""


def _band(value: str) -> str:
    number = _NUMBER.search(value)
    word = next((age for word, age in _WORDS.items() if word in value.lower()), None)
    age = int(number.group()) if number else word
    if age is None:
        return ""
    if age >= OLDEST_BAND:
        return f"{OLDEST_BAND} or over"
    low = age // 10 * 10
    return f"{low} to {low + 9}"
