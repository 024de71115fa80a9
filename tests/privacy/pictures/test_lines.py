"""Which lines of text in a picture are private."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from PIL import Image

from catalog.values import Region, Span
from privacy.pictures.detectors import text
from privacy.pictures.detectors.text import Line
from privacy.pictures.lines import Recognise, private_kinds, private_lines
from privacy.pictures.values import ImageOptions

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
        ("868 Oak Street", "STREET_ADDRESS"),
        ("street food", ""),
        ("Hauptstraße 12", "STREET_ADDRESS"),
        ("Rue de Rivoli 12", "STREET_ADDRESS"),
        ("PO Box 100", "STREET_ADDRESS"),
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


def finds(kind: str, words: str) -> Recognise:
    """Knows one thing."""
    return lambda texts: [
        [Span(kind, text.find(words), text.find(words) + len(words), 0.9, "test")] if words in text else ()
        for text in texts
    ]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("868 Oak Street", "", "LOCATION"),
        ("", "PO Box 100", "LOCATION"),
        ("", "ODJ-1599", "LOCATION"),
        ("", "", ""),
        ("hello", "there", ""),
    ],
)
def test_a_place_is_private_beside_an_address_or_on_a_plate(before: str, after: str, kind: str) -> None:
    lines = [line(before), line("Springfield"), line(after)]

    assert private_kinds(lines, finds("LOCATION", "Springfield"))[1] == kind


@pytest.mark.parametrize(
    ("kind", "words", "found"),
    [
        ("PHONE_NUMBER", "METFORMIN 500 MG", ""),
        ("PHONE_NUMBER", "call 555 0142", "PHONE_NUMBER"),
        ("STREET_ADDRESS", "RENAULT", ""),
        ("ZIP_CODE", "LONDON SW1A 1AA", "ZIP_CODE"),
        ("DATE_OF_BIRTH", "DOB", ""),
        ("DATE_OF_BIRTH", "born 5 May", "DATE_OF_BIRTH"),
        ("PERSON", "NAME:", ""),
        ("PERSON", "NAME: ADA", "PERSON"),
        ("EMAIL_ADDRESS", "BANK OF OSLO", ""),
        ("EMAIL_ADDRESS", "ada(at)example.org", "EMAIL_ADDRESS"),
    ],
)
def test_a_number_without_digits_and_a_form_s_own_words_are_not_believed(kind: str, words: str, found: str) -> None:
    assert private_kinds([line(words)], lambda texts: [[Span(kind, 0, 3, 0.9, "test")]] * len(texts)) == [found]


def test_a_name_does_not_run_on_over_three_lines() -> None:
    lines = [line("Covers"), line("Core"), line("Extension")]

    assert private_kinds(lines, finds("PERSON", "Covers\nCore\nExtension")) == ["", "", ""]


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


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Call 0800  123456", ""),
        ("harbour road 12", ""),
        ("Call 0800 1234567", "NUMBER"),
        ("0800 123456 or 555 0142", "NUMBER"),
        ("12 Harbour Road", "STREET_ADDRESS"),
    ],
)
def test_allowed_words_are_nobodys_by_any_rule(words: str, kind: str) -> None:
    assert private_kinds([line(words)], nobody, ("0800 123456", "Harbour Road 12")) == [kind]


def test_an_allowed_part_makes_no_number_smaller() -> None:
    def phone(texts: Sequence[str]) -> list[Sequence[Span] | None]:
        return [[Span("PHONE_NUMBER", 5, 18, 0.8, "phone")] for _ in texts]

    assert private_kinds([line("Call 020 7946 0958")], phone, ("020 7946",)) == ["PHONE_NUMBER"]


def test_what_was_read_is_covered_closely_and_a_plate_or_what_was_not_read_widely(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    close = ((2, 2), (7, 2), (7, 7), (2, 7))
    read = [replace(line(*words), close=close) for words in (("ref 7734912",), ("BA-738DE",), ("hello", 0.2))]
    monkeypatch.setattr(text, "lines", lambda _images, _side: [read])
    monkeypatch.setattr("privacy.pictures.lines.recogniser", lambda _options: nobody)

    [found] = private_lines([Image.new("RGB", (9, 9))], ImageOptions(), again=False)

    assert [(region.kind, region.polygon) for region in found] == [
        ("NUMBER", close),
        ("LICENSE_PLATE", HERE),
        ("TEXT", HERE),
    ]


def test_words_stay_out_of_the_repr() -> None:
    assert "Ada" not in repr(line("Ada Berg"))
