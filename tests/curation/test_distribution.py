"""Agreement, skew and drift, against figures from the literature and from other programs."""

from __future__ import annotations

import math

import pytest

from curation.distribution import (
    chi_square,
    disagreement,
    kolmogorov_smirnov,
    krippendorff_alpha,
    population_stability,
    skew,
)

# The worked example of Krippendorff 2011 ("Computing Krippendorff's Alpha-Reliability"), nominal: alpha = 0.743.
RATERS = {
    "A": "1 2 3 3 2 1 4 1 2 * * *",
    "B": "1 2 3 3 2 2 4 1 2 5 * 3",
    "C": "* 3 3 3 2 3 4 2 2 5 1 *",
    "D": "1 2 3 3 2 4 4 1 2 5 1 *",
}
UNITS = [
    [(who, label) for who, label in zip(RATERS, column, strict=True) if label != "*"]
    for column in zip(*(row.split() for row in RATERS.values()), strict=True)
]


def test_alpha_is_that_of_the_worked_example() -> None:
    alpha = krippendorff_alpha(UNITS)
    assert alpha is not None
    assert round(alpha, 3) == 0.743


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([], None),
        ([[("a", "x")], [("b", "y")]], None),  # nobody else voted
        ([[("a", "x"), ("b", "x")]], None),  # one label: nothing could differ
        ([[("a", "x"), ("b", "y")], [("a", "y"), ("b", "x")]], -0.5),
    ],
)
def test_alpha_of_little_or_opposed_votes(records: list[list[tuple[str, str]]], expected: float | None) -> None:
    assert krippendorff_alpha(records) == expected


def test_disagreement_is_with_the_majority_of_the_others() -> None:
    votes = [[("a", "x"), ("b", "x"), ("c", "y")], [("a", "x"), ("b", "x"), ("c", "x")], [("a", "x")]]
    # On the first record a and b each face one x and one y: even, so it counts for c alone.
    assert disagreement(votes) == {"a": 0.0, "b": 0.0, "c": 0.5}


def test_skew_tells_the_evenness_and_the_extremes() -> None:
    found = skew({"en": 3, "de": 1, "fr": 0})
    assert found is not None
    assert (found.values, found.top, found.top_share, found.least_share) == (2, "en", 0.75, 0.25)
    assert math.isclose(found.evenness, 0.8112781244591328)
    assert skew({}) is None
    alone = skew({"en": 5})
    assert alone is not None
    assert alone.evenness == 1


def test_population_stability_is_zero_for_the_same_mix_and_known_for_another() -> None:
    assert population_stability({"a": 10, "b": 30}, {"a": 1, "b": 3}) == 0
    index = population_stability({"a": 50, "b": 50}, {"a": 80, "b": 20})
    assert index is not None
    assert math.isclose(index, 0.3 * math.log(0.8 / 0.5) - 0.3 * math.log(0.2 / 0.5))
    assert population_stability({"a": 1}, {}) is None


@pytest.mark.parametrize(
    ("before", "after", "statistic", "p"),
    [
        ({"a": 10, "b": 20}, {"a": 20, "b": 10}, 6.666667, 0.00982327),
        ({"a": 10, "b": 10, "c": 10}, {"a": 12, "b": 9, "c": 9}, 0.287081, 0.866286),
        ({"a": 500, "b": 1}, {"a": 1, "b": 500}, 994.015968, 0.0),
    ],
)
def test_chi_square_gives_scipys_figures(
    before: dict[str, int], after: dict[str, int], statistic: float, p: float
) -> None:
    found = chi_square(before, after)
    assert found is not None
    assert math.isclose(found.statistic, statistic, rel_tol=1e-5)
    assert math.isclose(found.p, p, rel_tol=1e-4, abs_tol=1e-12)


def test_chi_square_effect_is_cramers_v() -> None:
    found = chi_square({"a": 10, "b": 20}, {"a": 20, "b": 10})
    assert found is not None
    assert math.isclose(found.effect, 1 / 3)
    assert chi_square({"a": 3}, {"a": 4}) is None
    assert chi_square({"a": 3}, {}) is None


def test_kolmogorov_smirnov_gives_the_largest_gap() -> None:
    found = kolmogorov_smirnov([1, 2, 3, 4], [3, 4, 5, 6])
    assert found is not None
    assert (found.statistic, found.effect) == (0.5, 0.5)
    same = kolmogorov_smirnov(range(50), range(50))
    assert same is not None
    assert (same.statistic, same.p) == (0, 1)
    far = kolmogorov_smirnov(range(100), range(50, 150))
    assert far is not None
    assert math.isclose(far.p, 2 * math.exp(-2 * (0.5**2) * 50), rel_tol=1e-6)
    assert kolmogorov_smirnov([], [1.0]) is None
