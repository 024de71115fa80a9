"""Measuring what is left."""

from __future__ import annotations

import pytest

from catalog.values import Span
from privacy import redact
from privacy.engine import Engine
from privacy.leaks import Canary, Recapture, canaries, missed, plant, recapture, sample, wilson

HOST = "First line.\nSecond line."


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        (0, 0, 0.0, 1.0),
        (0, 10, 0.0, 0.278),
        (10, 10, 0.722, 1.0),
        (5, 10, 0.237, 0.763),
        (95, 100, 0.888, 0.978),
    ],
)
def test_wilson_bounds_are_those_of_the_tables(hits: int, of: int, low: float, high: float) -> None:
    rate = wilson(hits, of)
    assert (round(rate.low, 3), round(rate.high, 3)) == (low, high)
    assert rate.share == (hits / of if of else 0.0)


def test_capture_recapture_estimates_what_neither_found() -> None:
    seen = Recapture(first=80, second=60, both=48)
    assert round(seen.total) == 100
    assert seen.recall == pytest.approx(0.92, abs=0.005)
    assert Recapture(0, 0, 0).recall is None


def test_findings_that_overlap_count_once() -> None:
    def at(*places: tuple[int, int]) -> list[Span]:
        return [Span("X", start, end, 1.0, "test") for start, end in places]

    assert recapture([at((0, 5), (3, 8), (20, 30))], [at((4, 6), (40, 41))]) == Recapture(2, 2, 1)


def test_a_sample_takes_from_each_stratum_and_is_drawn_again_the_same() -> None:
    strata = {"web": [f"w{n}" for n in range(90)], "mail": ["m1", "m2"], "none": []}
    drawn = sample(strata, 10, b"seed")
    assert {name: len(ids) for name, ids in drawn.items()} == {"mail": 1, "none": 0, "web": 10}
    assert sample(strata, 10, b"seed") == drawn
    assert sample(strata, 10, b"other") != drawn


def test_canaries_that_stay_are_counted_by_kind() -> None:
    planted = [
        Canary("PERSON", "Odile Lindqvist"),
        Canary("PERSON", "Bram Tarrantino"),
        Canary("US_SSN", "219-09-9999"),
    ]
    left = missed(["Odile Lindqvist came", "[PERSON] came", "SSN: [US_SSN]"], planted, ["", "", ""])
    assert {kind: (rate.hits, rate.of) for kind, rate in left.items()} == {"PERSON": (1, 2), "US_SSN": (0, 1)}
    assert "Odile" not in repr(planted)


@pytest.mark.parametrize(
    ("kind", "value", "host", "text", "left"),
    [
        ("PERSON", "Marla Quillfeather", "", "Yesterday Marla [PERSON] came to see us.", 1),
        ("PERSON", "Marla Quillfeather", "", "Signed: [PERSON] Quillfeather.", 1),
        ("PERSON", "Marla Quillfeather", "Marla rows.", "Marla rows.\nSigned: [PERSON]", 0),
        ("PERSON", "Odile Okonjo-Hart", "", "Signed: [PERSON]-Hart", 1),
        ("PERSON", "Odile Lindqvist", "", "Signed: Odiles", 0),
        ("EMAIL_ADDRESS", "marla1234@example.net", "", "Contact: [PERSON]@example.net", 0),
        ("EMAIL_ADDRESS", "marla1234@example.net", "", "Contact: marla1234@[URL]", 1),
        ("STREET_ADDRESS", "12 Lindqvist Street", "", "Address: [STREET_ADDRESS] Street", 0),
        ("STREET_ADDRESS", "12 Lindqvist Street", "", "Address: 12 Lindqvist [LOCATION]", 1),
        ("PHONE_NUMBER", "+1 212-555-0142", "", "Tel. [PHONE_NUMBER]-0142", 1),
        ("IP_ADDRESS", "198.51.100.7", "", "ping [IP_ADDRESS] failed", 0),
    ],
)
def test_a_canary_of_which_a_part_can_be_read_is_left(kind: str, value: str, host: str, text: str, left: int) -> None:
    assert missed([text], [Canary(kind, value)], [host])[kind].hits == left


def test_planted_values_of_exact_kinds_are_all_taken_out() -> None:
    planted = [one for one in canaries(140, b"seed") if one.kind not in ("PERSON", "STREET_ADDRESS")]
    texts = [plant(HOST, canary, bytes([place])) for place, canary in enumerate(planted)]
    assert all(canary.value in text for canary, text in zip(planted, texts, strict=True))
    scans = Engine("patterns").scan(texts, ["en"] * len(texts))
    redacted = [redact(text, scan.spans).text for text, scan in zip(texts, scans, strict=True)]
    assert {
        kind: rate.hits for kind, rate in missed(redacted, planted, [HOST] * len(planted)).items() if rate.hits
    } == {}
