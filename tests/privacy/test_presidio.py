"""Presidio's recognisers here, and this engine in Presidio."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from presidio_analyzer import Pattern, PatternRecognizer

from catalog.errors import Unavailable
from privacy import presidio
from privacy.as_presidio import EngineRecognizer
from privacy.view import View


def kinds(recognizers: presidio.Recognizers, text: str, language: str = "en") -> dict[str, float]:
    found: dict[str, float] = {}
    for span in recognizers.spans(View(text, language)):
        found[span.kind] = max(found.get(span.kind, 0), round(span.score, 2))
    return found


@pytest.mark.parametrize(
    ("text", "kind", "score"),
    [
        ("passport 912803456", "US_PASSPORT", 0.4),
        ("number 912803456", "US_PASSPORT", 0.05),
        ("his driver license is H1234567", "US_DRIVER_LICENSE", 0.65),
        # "lic" is in "public" and counts with Presidio; a short context word must be a word here.
        ("the public H1234567", "US_DRIVER_LICENSE", 0.3),
    ],
)
def test_context_words_raise_a_score(text: str, kind: str, score: float) -> None:
    assert kinds(presidio.load("en"), text)[kind] == score


def test_a_checksum_refuses_what_only_looks_alike() -> None:
    recognizers = presidio.load("en")
    assert "CREDIT_CARD" in kinds(recognizers, "4111 1111 1111 1111")
    assert "CREDIT_CARD" not in kinds(recognizers, "4111 1111 1111 1112")


def test_countries_bring_their_recognisers_and_other_languages_all_of_theirs() -> None:
    names = {one.name for one in presidio.load("en", ("in",)).all}
    assert "InAadhaarRecognizer" in names
    assert "InAadhaarRecognizer" not in {one.name for one in presidio.load("en").all}
    assert "DeTaxIdRecognizer" in {one.name for one in presidio.load("de").all}


def test_a_users_own_recogniser_runs_unchanged() -> None:
    class Even(PatternRecognizer):  # type: ignore[misc]
        def validate_result(self, pattern_text: str) -> bool:
            return int(pattern_text[-1]) % 2 == 0

    mine = Even("EVEN", patterns=[Pattern("digits", r"E\d+", 0.3)])
    assert kinds(presidio.Recognizers([mine]), "E12 E13") == {"EVEN": 1.0}


def test_presidio_logs_nothing_of_the_text(caplog: pytest.LogCaptureFixture) -> None:
    recognizers = presidio.load("en")
    with caplog.at_level(logging.DEBUG):
        list(recognizers.spans(View("iban GB82 WEST 1234 5698 7654 3² and ada@example.org")))
        logging.getLogger("presidio-analyzer").error("Failed to validate text %s", "ada@example.org")
    assert "ada@example" not in caplog.text


def test_no_recogniser_goes_to_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr("socket.socket.connect", refuse)
    assert "EMAIL_ADDRESS" in kinds(presidio.load("en"), "ada@somewhere.co.uk")


def test_the_engine_is_one_of_presidios_recognisers() -> None:
    recognizer = EngineRecognizer(["EMAIL_ADDRESS"], mode="patterns")
    results = recognizer.analyze("call 212-555-0100 or ada@example.org", ["EMAIL_ADDRESS"])
    assert [(one.entity_type, one.start, one.end) for one in results] == [("EMAIL_ADDRESS", 21, 36)]


def test_in_presidio_too_an_unexamined_text_is_no_empty_answer() -> None:
    with pytest.raises(Unavailable, match="language-unsupported"):
        EngineRecognizer(["PERSON"], mode="patterns", language="zz").analyze("text", ["PERSON"])
