"""What models take for names: public bodies and lengths of time apart, code and headings not at all."""

from __future__ import annotations

import pytest

from catalog.values import Span
from privacy import redact
from privacy.plausible import is_public, judged, nationals_apart
from privacy.redaction import taken_out


def kinds(text: str, words: str, kind: str) -> list[str]:
    start = text.index(words)
    return [span.kind for span in judged(text, [Span(kind, start, start + len(words), 0.85, "model")])]


@pytest.mark.parametrize(
    ("name", "public"),
    [
        ("the Supreme Administrative Court", True),
        ("the Federal Ministry of Foreign Affairs", True),
        ("Administrative Court (Verwaltungsgerichtshof)", True),
        ("the Polish Government", True),
        ("Foreign Affairs", True),
        ("Turkey", True),
        ("the Motor Vehicles Act 1967", True),
        ("the Act of Ada Lovelace", False),
        ("the Civil Code", True),
        ("Söke Labour Court", False),
        ("Nordwind Segel GmbH", False),
        ("the Court of Lindau", False),
        ("Court Plumbing", False),
    ],
)
def test_a_body_is_public_where_every_word_of_its_name_is(name: str, public: bool) -> None:
    assert is_public(name) is public


@pytest.mark.parametrize(
    ("text", "words", "kind", "expected"),
    [
        ("run Get-ChildItem now", "Get-ChildItem", "PERSON", []),
        ("in app_settings or so", "app_settings", "PERSON", []),
        ("see foo.ps1 and go", "foo.ps1", "ORGANIZATION", []),
        ("for 7.2.1 only", "7.2.1", "ORGANIZATION", []),
        ("inter alia by him", "inter alia", "ORGANIZATION", []),
        ("a\nFACTS\nb", "FACTS", "ORGANIZATION", []),
        ("the NATO states", "NATO", "LOCATION", ["LOCATION"]),
        ("a\nSMITH\nb", "SMITH", "PERSON", ["PERSON"]),
        ("by Ewan McDonald", "Ewan McDonald", "PERSON", ["PERSON"]),
        ("Three Rooms", "Three Rooms", "PERSON", []),
        ("Three Rooms", "Three Rooms", "ORGANIZATION", ["ORGANIZATION"]),
        ("Paint goes on thin", "Paint", "PERSON", []),
        ("said Mr. Paint to", "Paint", "PERSON", ["PERSON"]),
        ("said Miss Paint to", "Miss Paint", "PERSON", ["PERSON"]),
        ("by Grace Hope", "Grace Hope", "PERSON", ["PERSON"]),
        ("by Mark", "Mark", "PERSON", ["PERSON"]),
        ("by LaTonya Price", "LaTonya Price", "PERSON", ["PERSON"]),
        *(
            (f"by {name} of it", name, "PERSON", ["PERSON"])
            for name in ("Leonardo DiCaprio", "DiMaggio", "FitzGerald", "VanDyke", "Ana DeLaCruz", "StClair")
        ),
        ("by JoAnn Smith", "JoAnn Smith", "PERSON", ["PERSON"]),
        ("by W.E.B. DuBois", "W.E.B. DuBois", "PERSON", ["PERSON"]),
        ("by Mary Smith-DiMaggio", "Mary Smith-DiMaggio", "PERSON", ["PERSON"]),
        ("call parseJson twice", "parseJson", "PERSON", []),
        ("call Parse parseJson twice", "Parse parseJson", "PERSON", []),
        ("load DiMaggio2 first", "DiMaggio2", "PERSON", []),
        ("to the Supreme Court", "the Supreme Court", "ORGANIZATION", ["PUBLIC_BODY"]),
        ("in Germany since", "Germany", "LOCATION", ["LOCATION"]),
        ("against the Republic of Poland by", "Republic of Poland", "LOCATION", ["PUBLIC_BODY"]),
        ("United Kingdom of Great Britain and Northern Ireland", "Northern Ireland", "LOCATION", ["PUBLIC_BODY"]),
        ("in the Republic of Utopia", "Utopia", "LOCATION", ["LOCATION"]),
        ("in the United Kingdom", "United Kingdom", "LOCATION", ["LOCATION"]),
        ("after three months", "three months", "DATE_TIME", ["DURATION"]),
        ("after some years", "some years", "DATE_TIME", ["DURATION"]),
        ("to three years in prison", "three years", "DATE_TIME", ["DATE_TIME"]),
        ("on 3 May", "3 May", "DATE_TIME", ["DATE_TIME"]),
        ("in 1997", "1997", "DATE_TIME", ["DATE_TIME"]),
        ("yesterday", "yesterday", "DATE_TIME", ["DATE_TIME"]),
        ("no. 3713", "3713", "DATE_TIME", []),
        ("mail a_b@example.org", "a_b@example.org", "EMAIL_ADDRESS", ["EMAIL_ADDRESS"]),
    ],
)
def test_names_and_dates_are_judged_by_their_words(text: str, words: str, kind: str, expected: list[str]) -> None:
    assert kinds(text, words, kind) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Anne Frank*", ["Anne Frank"]),
        ("Jane Doe |", ["Jane Doe"]),
        ("**Jane Doe**", ["Jane Doe"]),
        ("_Jane Doe", ["Jane Doe"]),
        ("Jane Quillfeather's", ["Jane Quillfeather"]),
        ("Jane Quillfeather’s", ["Jane Quillfeather"]),
        ("Jane O'Sullivan", ["Jane O'Sullivan"]),
        ("*args", []),
        ("Jane_Doe", []),
    ],
)
def test_signs_at_the_edges_of_a_name_are_no_part_of_it(words: str, expected: list[str]) -> None:
    found = judged(f"of {words} so", [Span("PERSON", 3, 3 + len(words), 0.85, "model")])
    assert [f"of {words} so"[span.start : span.end] for span in found] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Polish Government said of a Polish national", "PUBLIC_BODY"),
        ("The Polish Government said of a Swedish national", "NRP"),
        ("The Polish cook said of a Polish national", "NRP"),
    ],
)
def test_a_national_of_the_state_whose_bodies_are_named_is_told_with_them(text: str, expected: str) -> None:
    last = Span("NRP", text.rindex(" a ") + 3, len(text), 0.8, "m")
    first = [span for span in judged(text, [Span("ORGANIZATION", 0, text.index(" said"), 0.9, "m")]) if "Gov" in text]
    assert [span.kind for span in nationals_apart(text, [*first, last])][-1] == expected


def test_a_rule_for_organisations_is_one_for_public_bodies_unless_they_have_their_own() -> None:
    spans = [Span("PUBLIC_BODY", 0, 5, 0.9, "m"), Span("DURATION", 6, 13, 0.9, "m")]
    text = "Court 2 years"
    assert taken_out(spans) == []
    assert redact(text, spans, {"ORGANIZATION": "replace"}).text == "[PUBLIC_BODY] 2 years"
    assert redact(text, spans, {"ORGANIZATION": "replace", "PUBLIC_BODY": "keep"}).text == text
    assert redact(text, spans, {"*": "replace", "DATE_TIME": "keep"}).text == "[PUBLIC_BODY] 2 years"
