"""Patterns and word lists of a user's own find what they name, however it is set."""

from __future__ import annotations

import unicodedata

import pytest

from catalog.errors import UsageError
from privacy.custom import Custom
from privacy.engine import Engine

NAMES = ("Jane Doe", "Jane Doe Smith", "José Núñez", "O'Brien", "C++ (R)", "Strauß", "  ")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("with Jane Doe.", ["Jane Doe"]),
        ("with JANE DOE.", ["JANE DOE"]),
        ("with Jane\nDoe.", ["Jane\nDoe"]),
        ("with Jane  Doe.", ["Jane  Doe"]),
        ("with Jane\u00a0Doe.", ["Jane\u00a0Doe"]),
        ("with Jane Doe Smith.", ["Jane Doe Smith"]),
        ("with JaneDoe.", []),
        ("with Jane Does.", []),
        ("with xJane Doe.", []),
        ("with Jane, Doe.", []),
        ("by José Núñez.", ["José Núñez"]),
        (unicodedata.normalize("NFD", "by José Núñez."), [unicodedata.normalize("NFD", "José Núñez")]),
        ("by Jose Nunez.", []),
        ("by O'Brien.", ["O'Brien"]),
        ("by O’Brien.", ["O’Brien"]),
        ("by OBrien.", []),
        ("in C++ (R).", ["C++ (R)"]),
        ("in Cxx (R).", []),
        ("by Strauß.", ["Strauß"]),
    ],
)
def test_words_are_found_however_they_are_set(text: str, found: list[str]) -> None:
    scan = Engine("patterns", custom=[Custom("LISTED", words=NAMES, score=1.0)]).scan([text], ["en"])[0]
    assert [text[span.start : span.end] for span in scan.spans if span.kind == "LISTED"] == found


@pytest.mark.parametrize(
    ("pattern", "text"), [(r"EMP[\s\S]\d{4}", "EMP-1234"), (r"AB\d{,4}X", "AB12X"), (r"Caf\xe9", "Café")]
)
def test_a_pattern_runs_whatever_it_is_made_of(pattern: str, text: str) -> None:
    scan = Engine("patterns", custom=[Custom("EMP", pattern)]).scan([f"see {text} there"], ["en"])[0]
    assert [(span.kind, span.start, span.end) for span in scan.spans] == [("EMP", 4, 4 + len(text))]


def test_words_and_a_pattern_may_stand_together() -> None:
    text = "berth Q7 or the Long Pier"
    both = Custom("BERTH", r"Q\d", words=("Long Pier",))
    assert [text[one.start : one.end] for one in Engine("patterns", custom=[both]).scan([text], ["en"])[0].spans] == [
        "Q7",
        "Long Pier",
    ]


def test_blank_words_are_no_words() -> None:
    with pytest.raises(UsageError, match="expected a pattern or words, found neither"):
        Custom("LISTED", words=(" ", ""))
