"""The page: elements, offsets and words of whole, broken and hostile markup."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licenses import classify
from licenses.page import Page, text_of

CC = '<a rel="license" href="http://creativecommons.org/licenses/by/4.0/">licence</a>'


def test_elements_know_their_place_and_parents() -> None:
    page = Page("<ul><li>one<li id='b'>two</ul><p>three")
    assert [(e.name, page.markup[e.inner : e.close]) for e in page.elements] == [
        ("ul", "<li>one<li id='b'>two"),
        ("li", "one"),
        ("li", "two"),
        ("p", "three"),
    ]
    assert page.elements[2].get("id") == "b"
    assert page.elements[2].parent is page.elements[0]


def test_what_stands_in_scripts_and_comments_is_no_element() -> None:
    page = Page("<script>if (a<b) '<p>'</script><!-- <p> --><p>")
    assert [element.name for element in page.elements] == ["script", "p"]
    assert [page.markup[start:end] for start, end in page.comments] == ["<!-- <p> -->"]


def test_an_attribute_may_hold_brackets_and_entities() -> None:
    page = Page('<a title="a > b" href="?x=1&amp;y=2" href="second">x</a>')
    assert page.elements[0].attributes == {"title": "a > b", "href": "?x=1&y=2"}


@pytest.mark.parametrize(
    ("markup", "kind"),
    [
        ("<!doctype html><p>x", "html"),
        ('<?xml version="1.0"?><resource/>', "xml"),
        ("<svg><metadata/></svg>", "xml"),
        ('<?xml version="1.0"?><!DOCTYPE html><html>', "html"),
        ('  {"a": 1}', "json"),
        ("SPDX-License-Identifier: MIT", "text"),
        ("a < b", "text"),
        ("Copyright (C) <year> <name of author>, see <https://example.org/>", "text"),
        ("Words <b>and</b> words", "html"),
        ("<devsite-content>x</devsite-content>", "html"),
    ],
)
def test_the_kind_is_read_from_the_beginning(markup: str, kind: str) -> None:
    assert Page(markup).kind == kind


def test_the_lower_case_markup_keeps_every_offset() -> None:
    page = Page("İÉ€ CREATIVECOMMONS.ORG")
    assert len(page.lowered) == len(page.markup)
    assert page.offsets(("creativecommons",)) == [4]


@given(st.text(alphabet="<>/ab=\"'!- \n&;", max_size=300))
def test_no_markup_breaks_the_page(markup: str) -> None:
    page = Page(markup)
    for element in page.elements:
        assert 0 <= element.start < element.inner <= element.close <= len(markup)
        assert element.attributes is not None
    assert "<a" not in text_of("<a>" + markup.replace("<", ""))


@given(st.text(max_size=200))
def test_no_text_breaks_the_verdict(text: str) -> None:
    verdict = classify(f"<p>{text} CC BY {text}</p>{text}", declared=None)
    assert verdict.point in ("release", "review", "none")


HOSTILE = {
    "nested ten thousand deep": "<div>" * 10_000 + f"This page: {CC}",
    "ten megabytes": "<p>word</p>" * 900_000 + f"<footer>This page: {CC}</footer>",
    "a thousand notices": f"<p>This page: {CC}</p>" * 1_000,
    "unclosed tags": "<a " * 100_000 + f">This page: {CC}",
    "open quotes": "<a ='" * 50_000 + f"'>This page: {CC}",
    "unclosed links": '<a href="http://creativecommons.org/licenses/by/4.0/">This page ' * 5_000,
    "an attribute of a megabyte": f'<i x="{"y" * 1_000_000}">This page: {CC}',
    "lone surrogates and nulls": "\x00\ud800" * 10_000 + f"This page: {CC}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_markup_ends_with_the_licence_that_it_states(name: str) -> None:
    assert classify(HOSTILE[name]).licence == "CC-BY-4.0"


@pytest.mark.parametrize(
    "markup",
    [
        "[" * 200_000,
        '{"license":' * 100_000,
        '<script type="application/ld+json">' + "[" * 200_000,
        "<!--" * 200_000,
        "<" * 500_000,
        "cc by " * 100_000,
        "SPDX-License-Identifier: " * 20_000,
        "---\n" + "license: x\n" * 50_000,
        "all" + " " * 500_000 + "rights",
    ],
    ids=lambda markup: markup[:30],
)
def test_hostile_markup_without_a_licence_ends_without_one(markup: str) -> None:
    assert classify(markup).point == "none"
