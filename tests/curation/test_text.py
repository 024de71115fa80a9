"""The one reading of a text: words, lines, paragraphs, n-grams, character classes."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.text import ALPHA, ENDING, INVISIBLE, MARK, SINGLE, TOKEN, TextView, character_classes


@settings(deadline=None)  # tables are built at first use
@given(st.text())
def test_word_bounds_are_the_words_of_split(text: str) -> None:
    view = TextView(text)
    starts, ends = view.word_bounds
    assert [text[start:end] for start, end in zip(starts, ends, strict=True)] == text.split()


@settings(deadline=None)
@given(st.text(st.sampled_from("ab1 .-中の\u0e01\u093fé")))
def test_tokens_are_runs_of_letters_or_one_character_where_no_spaces_are_written(text: str) -> None:
    starts, ends = TextView(text).tokens
    expected = re.findall("[中の\u0e01]|[ab1é\u093f]+", text)
    assert [text[start:end] for start, end in zip(starts, ends, strict=True)] == expected


@settings(deadline=None)  # tables are built at first use
@given(st.text())
def test_symbol_words_hold_marks_alone(text: str) -> None:
    table = character_classes()
    expected = [all(table[ord(character)] & MARK for character in word) for word in text.split()]
    assert TextView(text).symbol_words.tolist() == expected


LINES = st.text(st.sampled_from(" ab.-•…\t\n\r\x0c\x1c\x85\u2028"))


@settings(deadline=None)
@given(LINES)
def test_written_bounds_are_the_written_lines(text: str) -> None:
    view = TextView(text)
    expected = [line for line in text.split("\n") if line.strip()]
    assert view.written_lines == expected
    assert [text[start:end] for start, end in zip(*view.written_bounds, strict=True)] == expected


@settings(deadline=None)
@given(LINES)
def test_line_edges_are_those_of_splitlines(text: str) -> None:
    opening, closing, lines = TextView(text).line_edges
    words = text.split()
    assert lines == len(text.splitlines())
    assert [words[place] for place in opening] == [line.split()[0] for line in text.splitlines() if line.strip()]
    assert [words[place] for place in closing] == [line.split()[-1] for line in text.splitlines() if line.strip()]


def test_lines_and_paragraphs_keep_their_order() -> None:
    view = TextView("\none\n \ntwo\n\n\nthree\n")
    assert view.lines == ["", "one", " ", "two", "", "", "three", ""]
    assert view.written_lines == ["one", "two", "three"]
    assert view.paragraphs == ["one\n \ntwo", "three"]


@pytest.mark.parametrize(
    ("character", "bits", "absent"),
    [
        ("a", ALPHA | TOKEN, MARK | SINGLE),
        ("$", MARK, ALPHA | TOKEN),
        ("→", 0, MARK | ALPHA),
        ("。", MARK | ENDING, TOKEN),
        ("中", ALPHA | TOKEN | SINGLE, MARK),
        ("\u093f", TOKEN, ALPHA | MARK),  # a vowel sign: inside a Hindi word
        ("\u200b", INVISIBLE, TOKEN),
        ("\U000e0041", INVISIBLE, TOKEN),
    ],
)
def test_a_character_has_its_classes(character: str, bits: int, absent: int) -> None:
    found = int(character_classes()[ord(character)])
    assert found & bits == bits
    assert found & absent == 0


@given(st.text(st.sampled_from("ab \n\n")))
def test_paragraphs_part_at_two_newlines_or_more(text: str) -> None:
    assert TextView(text).paragraphs == re.split(r"\n{2,}", text.strip())


@pytest.mark.parametrize(("text", "expected"), [("to the sea", True), ("the\n", True), ("then", False), ("The", False)])
def test_a_word_is_there_whole_or_not_at_all(text: str, expected: bool) -> None:
    assert TextView(text).has_word("the") is expected


def test_the_text_stays_out_of_the_repr() -> None:
    assert repr(TextView("secret words")) == "TextView()"
    assert np.array_equal(TextView("é").codes, [0xE9])
