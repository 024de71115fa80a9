"""Segments, overlaps and the document pass."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.values import Span
from privacy.document import spread
from privacy.overlaps import merge
from privacy.segments import LONGEST, Memory, cut, whole


def at(text: str, words: str, kind: str = "PERSON", score: float = 0.9) -> Span:
    return Span(kind, text.index(words), text.index(words) + len(words), score, "test")


@pytest.mark.parametrize(
    ("text", "words", "kind", "expected"),
    [
        ("Anna Weber came. Anna Weber left.", "Anna Weber", "PERSON", ["Anna Weber", "Anna Weber"]),
        ("Anna Weber came. Mrs Weber left; Anna stayed.", "Anna Weber", "PERSON", ["Anna Weber", "Weber", "Anna"]),
        ("Mark Young came. Mark it; he is Young.", "Mark Young", "PERSON", ["Mark Young"]),
        ("Anna came. Annabel and SusAnna left.", "Anna", "PERSON", ["Anna"]),
        ("on 1 May and on 1 May", "1 May", "DATE_TIME", ["1 May"]),
        ("user ada_l9 and ada_l9 again", "ada_l9", "USERNAME", ["ada_l9"]),
        ("Case 12345/99, see 12345/99", "12345/99", "CASE_NUMBER", ["12345/99", "12345/99"]),
        ("Bo came and Bo left", "Bo", "PERSON", ["Bo"]),
    ],
)
def test_what_was_found_once_is_found_everywhere(text: str, words: str, kind: str, expected: list[str]) -> None:
    spans = sorted(spread(text, [at(text, words, kind)]), key=lambda span: span.start)
    assert [text[span.start : span.end] for span in spans] == expected


def test_a_place_is_not_found_again_in_the_name_of_a_public_body_but_a_person_is() -> None:
    text = "Graz. The Graz Court. Anna. The Anna Court."
    bodies = [at(text, "The Graz Court", "PUBLIC_BODY"), at(text, "The Anna Court", "PUBLIC_BODY")]
    spans = [at(text, "Graz", "LOCATION"), at(text, "Anna"), *bodies]
    assert [text[span.start : span.end] for span in spread(text, spans)[4:]] == ["Anna"]


def found_as(text: str, spans: list[Span]) -> list[str]:
    return [f"{span.kind}:{text[span.start : span.end]}" for span in spread(text, spans)[len(spans) :]]


def test_a_name_that_is_also_a_firms_stays_a_persons_everywhere() -> None:
    text = "Jane Moss came. Jane Moss sells. Jane Moss left."
    firm = Span("ORGANIZATION", 16, 25, 0.9, "test")
    for spans in ([at(text, "Jane Moss"), firm], [firm, at(text, "Jane Moss")]):
        places = [(span.kind, span.start) for span in spread(text, spans)]
        assert {("PERSON", start) for start in (0, 16, 33)} <= set(places)


def test_a_firm_named_for_a_person_hides_the_whole_name_nowhere_but_the_surname_in_it() -> None:
    text = "Law Offices of Priya Raman. Priya Raman came. The Law Offices of Priya Raman closed. Raman Law. Raman Law."
    firms = [at(text, "Law Offices of Priya Raman", "ORGANIZATION"), at(text, "Raman Law", "ORGANIZATION")]
    person = Span("PERSON", 28, 39, 0.9, "test")
    assert found_as(text, [person, *firms]) == [
        "ORGANIZATION:Law Offices of Priya Raman",
        "PERSON:Priya Raman",
        "PERSON:Priya Raman",
        "ORGANIZATION:Raman Law",
    ]


def test_an_unsure_finding_is_not_spread() -> None:
    text = "Anna Weber came. Anna Weber left."
    assert spread(text, [at(text, "Anna Weber", score=0.5)]) == [at(text, "Anna Weber", score=0.5)]


def test_overlaps_of_one_kind_become_one_and_of_two_stay_two() -> None:
    spans = [
        Span("A", 0, 5, 0.4, "x"),
        Span("A", 3, 9, 0.9, "y"),
        Span("B", 4, 6, 0.5, "z"),
        Span("A", 9, 10, 0.5, "x"),
    ]
    assert merge(spans) == (Span("A", 0, 9, 0.9, "y"), Span("B", 4, 6, 0.5, "z"), Span("A", 9, 10, 0.5, "x"))
    assert merge([]) == ()


@given(st.text(alphabet="ab \n\t\r", max_size=80))
def test_segments_hold_everything_but_blanks(text: str) -> None:
    places = list(cut(text))
    assert "".join("".join(text[start:end].split()) for start, end in places) == "".join(text.split())
    assert all(text[start:end].strip() for start, end in places)


def test_a_long_text_is_cut_at_a_line_or_a_blank() -> None:
    text = "word " * (LONGEST // 2)
    pieces = [text[start:end] for start, end in whole(text)]
    assert "".join(pieces) == text
    assert all(len(piece) <= LONGEST for piece in pieces)
    assert all(piece.strip().startswith("word") for piece in pieces)


def test_each_distinct_segment_is_read_once_and_the_oldest_are_forgotten() -> None:
    read: list[str] = []

    def tag(segments: Sequence[str]) -> list[list[Span]]:
        read.extend(segments)
        return [[Span("X", 0, 1, 1.0, "t")] for _ in segments]

    memory = Memory(tag, size=2)
    found = memory.tag(["menu\n\nbody one\n\nmenu", "menu"])
    assert [[span.start for span in spans] for spans in found] == [[0, 6, 16], [0]]
    assert read == ["menu", "body one"]
    memory.tag(["a\n\nb\n\nmenu"])
    assert read == ["menu", "body one", "a", "b"]
    memory.tag(["body one"])
    assert read == ["menu", "body one", "a", "b", "body one"]
