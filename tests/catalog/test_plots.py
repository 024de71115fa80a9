from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from catalog import plots


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0"), (999, "999"), (1000, "1k"), (3812, "3.8k"), (12_345, "12k"), (2_000_000, "2M"), (1_500_000_000, "1.5G")],
)
def test_a_number_over_a_column_is_short(count: int, said: str) -> None:
    assert plots.short(count) == said


@pytest.mark.parametrize(
    ("drawing", "words"),
    [
        (plots.histogram([(32, 0), (64, 3812)], "Texts"), "Texts by class: from 32: 0; from 64: 3,812"),
        (plots.histogram([], "Texts"), "Texts by class: "),
        (plots.pair(40, 10, 40, "40 found, 10 replaced"), "40 found, 10 replaced"),
        (plots.pair(0, 0, 0, 'none of "a" & <b>'), 'none of "a" & <b>'),
        (plots.interval(0.04, 0.03, 0.06, 1.0), "0.04, between 0.03 and 0.06"),
        (plots.interval(0.0, None, None, 0.0), "0"),
    ],
)
def test_every_drawing_is_whole_and_says_in_words_what_it_shows(drawing: str, words: str) -> None:
    element = ET.fromstring(drawing)
    assert (element.get("role"), element.get("aria-label")) == ("img", words)


def test_lengths_are_true_to_the_numbers_and_what_is_there_is_seen() -> None:
    def widths(drawing: str) -> list[float]:
        return [float(rect.get("width", "0")) for rect in ET.fromstring(drawing).iter("rect")]

    assert widths(plots.pair(40, 10, 80, "")) == [50, 12.5]
    assert widths(plots.pair(1, 0, 100_000, "")) == [0.6, 0]
    assert widths(plots.interval(0.04, 0.03, 0.06, 1.0)) == [3, 1.2]
    heights = [
        float(rect.get("height", "0")) for rect in ET.fromstring(plots.histogram([(1, 5), (2, 10)], "")).iter("rect")
    ]
    assert heights == [59, 118]
