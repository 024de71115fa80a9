"""Whole licence texts: found however they are set and filled in, and not where only a piece or a mention is there."""

from __future__ import annotations

import pytest
from identify.vendor.licenses import LICENSES

from licenses import classify, ids, texts

TEXTS = dict(LICENSES)


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_every_text_is_known_as_it_stands_and_rewrapped(name: str) -> None:
    licence = ids.spdx_ids()[name.lower()]
    rewrapped = " ".join(TEXTS[name].split()).replace(". ", ".\n")
    for text in (TEXTS[name], rewrapped, "Licence of this data set\n\n" + TEXTS[name].upper()):
        assert [match.licence for match in texts.find(text)] == [licence]


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("MIT", (("[year] [fullname]", "2020-2024 Jane Doe and contributors (https://example.org)"),)),
        (
            "BSD-3-Clause",
            (("[year], [fullname]", "1999, The Regents"), ("the copyright holder nor", "the University nor")),
        ),
        ("ISC", (("[year], [fullname]", "2011 A. Nobody"),)),
        ("Apache-2.0", (("   ", " "),)),
    ],
)
def test_names_and_years_change_nothing(name: str, changes: tuple[tuple[str, str], ...]) -> None:
    text = TEXTS[name]
    for old, new in changes:
        text = text.replace(old, new)
    assert text != TEXTS[name]
    assert [match.licence for match in texts.find(text)] == [ids.spdx_ids()[name.lower()]]


def test_two_texts_in_one_file_are_both_there() -> None:
    both = texts.find(TEXTS["MIT"] + "\n\n" + TEXTS["Apache-2.0"])
    assert {match.licence for match in both} == {"MIT", "Apache-2.0"}
    assert classify(TEXTS["MIT"] + "\n\n" + TEXTS["Apache-2.0"]).licence in ("MIT", "Apache-2.0")


@pytest.mark.parametrize(
    "text",
    [
        TEXTS["GPL-3.0"][: len(TEXTS["GPL-3.0"]) // 2],
        "This file is released under the MIT license, without warranty.",
        "The warranty of your toaster ends with its licence.",
        "",
    ],
)
def test_a_piece_or_a_mention_is_no_licence_text(text: str) -> None:
    assert texts.find(text) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TEXTS["MIT"], ("MIT", "release")),
        (TEXTS["GPL-2.0"], ("GPL-2.0-only", "release")),
        (TEXTS["BSD-2-Clause"], ("BSD-2-Clause", "release")),
        (TEXTS["OFL-1.1"], ("OFL-1.1", "release")),
        (TEXTS["CC-BY-SA-4.0"], ("CC-BY-SA-4.0", "release")),
        ('"Commons Clause" License Condition v1.0\n\n' + TEXTS["Apache-2.0"], ("Apache-2.0", "review")),
        (TEXTS["MIT"] + "\nThe Software shall be used for Good, not Evil.\n", ("MIT", "review")),
        (f"<html><body><pre>{TEXTS['MIT']}</pre></body></html>", (None, "none")),
    ],
)
def test_a_licence_file_is_under_its_licence_and_a_page_that_shows_one_is_not(
    text: str, expected: tuple[str | None, str]
) -> None:
    verdict = classify(text)
    assert (verdict.licence, verdict.point) == expected
