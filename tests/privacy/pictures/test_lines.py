"""Which lines of text in a picture are private."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from catalog.values import Region, Span
from privacy.pictures.detectors.text import Line
from privacy.pictures.lines import private_kinds

HERE = ((0, 0), (9, 0), (9, 9), (0, 9))


def line(words: str, score: float = 0.95) -> Line:
    return Line(Region("TEXT", HERE, score, "text"), words)


def nobody(texts: Sequence[str]) -> list[Sequence[Span] | None]:
    return [()] * len(texts)


def names(texts: Sequence[str]) -> list[Sequence[Span] | None]:
    """Knows one person, and one organisation."""
    known = (("Ada Berg", "PERSON"), ("Bank Of Oslo", "ORGANIZATION"))
    return [
        [
            Span(kind, text.find(words), text.find(words) + len(words), 0.85, "test")
            for words, kind in known
            if words in text
        ]
        for text in texts
    ]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("ref 7734912", "NUMBER"),
        ("TAKE 2 DAILY, 500 MG", ""),
        ("868 Oak Street", "LOCATION"),
        ("street food", ""),
        ("Hauptstraße 12", "LOCATION"),
        ("Rue de Rivoli 12", "LOCATION"),
        ("PO Box 100", "LOCATION"),
        ("via Roma", ""),
        ("07/21/1966", "DATE_TIME"),
        ("09/29", ""),
        ("BA-738DE", "LICENSE_PLATE"),
        ("ODJ·1599", "LICENSE_PLATE"),
        ("EXIT", ""),
        ("Room 4", ""),
    ],
)
def test_numbers_streets_dates_and_plates_are_private_without_a_recogniser(words: str, kind: str) -> None:
    assert private_kinds([line(words)], nobody) == [kind]


def test_recognisers_see_lines_alone_and_together_and_capitals_as_names() -> None:
    lines = [line("ADA BERG"), line("BANK OF OSLO"), line("Ada"), line("Berg")]

    assert private_kinds(lines, names) == ["PERSON", "", "", ""]


def test_what_lies_over_a_line_break_is_private_on_both_lines() -> None:
    def over_the_break(texts: Sequence[str]) -> list[Sequence[Span] | None]:
        return [[Span("PERSON", 4, 9, 0.9, "test")] if "\n" in text else () for text in texts]

    assert private_kinds([line("to Ada"), line("Berg says"), line("hello")], over_the_break) == ["PERSON", "PERSON", ""]


def test_a_line_that_was_not_read_surely_is_private() -> None:
    assert private_kinds([line("hello", 0.59), line("hello", 0.6)], nobody) == ["TEXT", ""]


def test_lines_that_could_not_be_examined_are_private() -> None:
    def unavailable(texts: Sequence[str]) -> list[Sequence[Span] | None]:
        return [None] * len(texts)

    assert private_kinds([line("hello"), line("there")], unavailable) == ["TEXT", "TEXT"]


def test_a_picture_without_lines_asks_nobody() -> None:
    def unreachable(texts: Sequence[str]) -> list[Sequence[Span] | None]:
        raise AssertionError

    assert private_kinds([], unreachable) == []


def test_words_stay_out_of_the_repr() -> None:
    assert "Ada" not in repr(line("Ada Berg"))
