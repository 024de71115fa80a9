"""The gate and the windows lose nothing that Presidio's own recognisers find."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import phonenumbers
import pytest
import regex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from privacy import exact, phones, presidio
from privacy.gate import Gate, fold, widen
from privacy.recognizers import phone
from privacy.view import View

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
LANGUAGES = ("en", "es", "it", "pl", "fi", "ko", "sv", "th", "tr", "de")
# Pieces that recognisers of many countries look for, in digits and letters of several scripts.
PIECES = (
    "4111 1111 1111 1111", "078-05-1120", "GB82 WEST 1234 5698 7654 32", "ada@bücher.example", "192.0.2.1",
    "http://a.example.com/x?y=1", "2001:db8::1", "00:1B:44:11:3A:B7", "12345678Z", "RSSMRA85T10A562S", "44051401359",
    "131052-308T", "900101-1234567", "8112189876", "1101700230708", "10000000146", "34 ABC 123", "AB123456C",
    "DE89370400440532013000", "943 476 5919", "S1234567A", "51 824 753 556", "2123 45670 1", "ABCPD1234D",
    "2024-01-31T10:00:00Z", "12/05/1980", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
    "١٢٣٤٥٦٧٨٩", "passport 912803456",
    "ſocial ſecurity 078-05-1120", "K", "İ", "é", "\u0301", "–", "\u00a0", "driver license H1234567",
)  # fmt: skip


@cache
def recognizers(language: str) -> presidio.Recognizers:
    return presidio.load(language, ("au", "in", "uk", "sg", "za", "ng", "ph", "ca", "us"))


def theirs(language: str, text: str) -> set[tuple[str, int, int]]:
    """What Presidio's own `analyze` of each recogniser reports."""
    found = set()
    for recognizer in recognizers(language).all:
        for result in recognizer.analyze(text, recognizer.supported_entities, None):
            found.add((result.entity_type, result.start, result.end))
    return found


def ours(language: str, text: str) -> set[tuple[str, int, int]]:
    return {(span.kind, span.start, span.end) for span in recognizers(language).spans(View(text, language))}


@pytest.mark.parametrize("language", LANGUAGES)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=8).map(" ".join))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_match_of_presidio_is_lost_on_mixed_text(language: str, text: str) -> None:
    found = ours(language, text)
    assert theirs(language, text) <= found
    with patch.object(exact, "PAYS", 1):  # RE2 finds where matches begin in short texts, too
        assert ours(language, text) == found


@given(st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_folding_keeps_length_and_leaves_ascii_alone(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert fold(text).isascii()
    assert all(new == old for new, old in zip(fold(text), text, strict=True) if old.isascii())


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"(?<!\d)\d{3}(?!\d)", "é123ü"),
        (r"([:-])ab\1cd", "-ab-cd"),
        (r"[^ ]x", "–x"),
        (r"\bäöü\b", "äöü"),
        (r"(?<![\w-])[A-ZÄÖÜ]{1,3}\s\d+", "Ä 12"),
        (r"(?=[A-Z(]*\d)[A-Z()\d]+", "A(B)1"),
        (r"EMP[\s\S]\d{4}", "EMP-1234"),
        (r"[\p{L}]+", "ab"),
        (r"PN[\S]{4}", "PN–12a"),
        (r"AB\d{,4}X", "AB12X"),
        (r"AB\d{,}X", "AB12X"),
        (r"\\\\Server", r"\\Server"),
        (r"\\1x", r"\1x"),
        (r"\(?=x", "(=x"),
        (r"Caf\xe9", "Café"),
        (r"Caf\351", "Café"),
        (r"[^[:digit:]]", "x"),
        (r"[[:alpha:]–]{3}", "a–b"),
        (r"\pL\P{N}", "ab"),
        (r"[a-ÿ]{2}x", "byx"),
        (r"a[\s]b\sc", "a\vb\vc"),
        (r"(?:jones){e<=1}", "jonas"),
        (r"[](]x(?=y)", "(xy"),
    ],
)
def test_a_widened_pattern_matches_wherever_its_own_does(pattern: str, text: str) -> None:
    assert Gate([pattern]).open_for(text) == [0]


PARTS = (
    "a", "é", "[a-z]", "[^a]", "[^]é]", "[]a]", r"[\s\S]", r"[\w-]", r"[\p{L}]", r"[a-ÿ]", r"[\x80-\xff]",
    "[[:alpha:]]", "[^[:digit:]]", r"\s", r"\S", r"\d", r"\D", r"\w", r"\W", r"\b", r"\B", r"\p{L}", r"\P{L}", r"\pN",
    r"\xe9", r"\x41", r"\\S", r"\(", "(a)", "(?:b|1)", "(?=a)", r"(?<!\d)", r"(?![(\]])", "^", "$", ".", "–", r"\.",
    "ſ", "k", "(?|a|(b))", "(?>a|ab)",
)  # fmt: skip
COUNTS = ("", "", "", "?", "*", "+", "*?", "{2}", "{,2}", "{1,}", "{0,3}", "{1,9}", "?+", "*+", "++", "{1,9}+")


@given(
    st.lists(st.tuples(st.sampled_from(PARTS), st.sampled_from(COUNTS)), min_size=1, max_size=4),
    st.lists(st.text("aAbkKsſé–1٣ _-\\S(]\n\v\x1c\u00a0\u0301", max_size=5), min_size=1, max_size=8),
)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_a_pattern_matches_passes_its_gate(parts: list[tuple[str, str]], texts: list[str]) -> None:
    source = "".join(part if part.startswith(("^", "$", "(?=", "(?<", "(?!", r"\b", r"\B")) else part + count
                     for part, count in parts)  # fmt: skip
    compiled = regex.compile(source, regex.IGNORECASE | regex.MULTILINE | regex.DOTALL)
    gate = Gate([source])
    matched = [text for text in texts if compiled.search(text)]
    assert [text for text in matched if not gate.open_for(text)] == []


def test_the_gate_stays_shut_where_nothing_can_match() -> None:
    assert Gate([r"\d{9}", r"[a-z]+@[a-z]+"]).open_for("nothing here but words") == []
    assert Gate([]).open_for("text") == []


def test_a_pattern_re2_does_not_know_is_tried_on_every_text() -> None:
    assert Gate([r"a{2000}", r"b"]).ungated == (0,)
    assert Gate([r"a{2000}", r"b"]).open_for("x") == [0]


def test_assertions_and_back_references_are_taken_out() -> None:
    assert widen(r"(?<!x)(a|b)(?!\))c\1") == "(a|b)c.*"
    assert widen(r"(?|(a++)|(?>b*+c?+)(?=d))[e]{3,}+\++") == r"(?:(a+)|(?:b*c?))[e]{3,}\++"


def shared_texts() -> list[str]:
    if not SHARED.exists():
        pytest.skip("the shared measuring data is not on this machine")
    texts = [one["full_text"] for one in json.loads((SHARED / "pii/synth_dev.json").read_text("utf-8"))]
    texts += [one["text"] for one in json.loads((SHARED / "pii/tab_dev.json").read_text("utf-8"))[::16]]
    texts += [
        json.loads(line)["text"] for line in (SHARED / "pii/panorama_151.jsonl").read_text("utf-8").split("\n") if line
    ]
    with gzip.open(SHARED / "text/open_docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts += [json.loads(line)["text"][:5000] for number, line in enumerate(lines) if number % 125 == 0]
    return texts


def test_no_match_of_presidio_is_lost_on_the_shared_texts() -> None:
    lost = [sorted(kind for kind, *_ in theirs("en", text) - ours("en", text)) for text in shared_texts()]
    assert [kinds for kinds in lost if kinds] == []


def test_no_phone_number_of_presidio_is_lost_on_the_shared_texts() -> None:
    from presidio_analyzer.predefined_recognizers import PhoneRecognizer

    recognizer: Any = PhoneRecognizer()
    lost = 0
    for text in shared_texts()[::3]:
        found = [(span.start, span.end) for span in phone.spans(View(text))]
        for result in recognizer.analyze(text, ["PHONE_NUMBER"], None):
            lost += not any(start <= result.start and result.end <= end for start, end in found)
    assert lost == 0


# Numbers as people write them in many countries, and digits that are none.
NUMBERS = st.one_of(
    st.sampled_from(
        [
            phonenumbers.format_number(one, style)
            for country in ("US", "GB", "DE", "FR", "IL", "IN", "BR", "IT", "AT", "MX", "AU", "SG", "SM", "JM", "KZ")
            for kind in (0, 1, 3, 4, 6)
            if (one := phonenumbers.example_number_for_type(country, kind)) is not None
            for style in (0, 1, 2)
        ]
    ),
    st.text("0123456789012345678901234567890123456789-  ./()+x", min_size=6, max_size=22),
    st.sampled_from(["00", "011", "+49 ", "(0)", "0", " ext. 12", "x55", "/12", "١٢٣٤٥٦٧٨٩", "\n"]),
)


@given(st.lists(NUMBERS, min_size=1, max_size=4), st.sampled_from(["", " "]))
@settings(max_examples=300, deadline=None)
def test_asking_only_the_likely_countries_for_a_phone_number_loses_and_adds_none(parts: list[str], joint: str) -> None:
    text = joint.join(parts)
    everybody = {
        (match.start, match.end)
        for country in phone.REGIONS
        for match in phonenumbers.PhoneNumberMatcher(text, country, leniency=phonenumbers.Leniency.VALID)
    }
    assert set(phones.find(text, phone.REGIONS)) == everybody


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"(?<!\d)\d{3}(?!\d)", "1234 567 89 é123ü 1234"),
        (r"\b[a-z]+@[a-z]+\b", "a@b@c d@e\n@ f@g"),
        (r"([:-])\w\1", "-a-b- :c:"),
        (r"x*", "axxb"),
        (r"AB\d{,4}X", "AB12X AB12345X"),
        (r"(?:jones){e<=1}", "jonas jones"),
    ],
)
def test_where_re2_finds_the_beginnings_the_matches_are_the_patterns_own(pattern: str, text: str) -> None:
    text *= 3
    own = [match.span() for match in regex.finditer(pattern, text) if match.group()]
    for pays in (1, 10, 10_000):
        with patch.object(exact, "PAYS", pays):
            found = exact.Exact(pattern).finditer(text, fold(text).encode())
            assert [match.span() for match in found if match.group()] == own


def test_a_long_count_loses_its_end_and_nothing_else() -> None:
    assert widen(r"[a-z]{1,64}x{0,30}\d{3,9}\{1,9}[{1,9}]\d{2,6}") == r"[a-z]+x*\d{3,}\{1,9}[{1,9}]\d{2,6}"
