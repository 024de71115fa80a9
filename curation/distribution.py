"""How a set of records is made up, and how two sets differ: agreement of annotators, skew, drift.

Pure functions over counts and values; nothing here reads a record.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Counts = Mapping[str, int]
Votes = Sequence[tuple[str, str]]  # (annotator, label) for one record

Values = Sequence[float] | npt.NDArray[np.float64]

_ABSENT = 1e-4  # stands for a share of zero, where a logarithm is taken


@dataclass(frozen=True, slots=True)
class Drift:
    """A test's outcome: `effect` is its size (Cramér's V, or Kolmogorov's D), 0 to 1."""

    statistic: float
    p: float
    effect: float


@dataclass(frozen=True, slots=True)
class Skew:
    """How unevenly values are represented: evenness 1 is the same number of each."""

    values: int
    evenness: float  # entropy over the entropy of equal shares
    top: str
    top_share: float
    least_share: float


def krippendorff_alpha(records: Iterable[Votes]) -> float | None:
    """Krippendorff's alpha for nominal labels (2011): 1 full agreement, 0 as by chance.

    None where fewer than two labels were given to any record, or only one label ever was.

    >>> krippendorff_alpha([[("a", "x"), ("b", "x")], [("a", "y"), ("b", "y")]])
    1.0
    """
    agreeing = 0.0
    totals: Counter[str] = Counter()
    for votes in records:
        labels = Counter(label for _, label in votes)
        size = labels.total()
        if size < 2:
            continue
        totals.update(labels)
        for count in labels.values():
            agreeing += count * (count - 1) / (size - 1)
    pairable = totals.total()
    expected = sum(count * (pairable - count) for count in totals.values())
    if not expected:
        return None
    observed = pairable - agreeing
    return 1 - (pairable - 1) * observed / expected


def disagreement(records: Iterable[Votes]) -> dict[str, float]:
    """For each annotator, the share of their votes that differ from what most of the others said.

    Records on which the others are even, or are none, do not count.
    """
    differing: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    for votes in records:
        for place, (annotator, label) in enumerate(votes):
            ranked = Counter(other for at, (_, other) in enumerate(votes) if at != place).most_common(2)
            if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
                continue
            counted[annotator] += 1
            differing[annotator] += ranked[0][0] != label
    return {annotator: differing[annotator] / counted[annotator] for annotator in sorted(counted)}


def skew(counts: Counts) -> Skew | None:
    """How evenly the values of one column are represented; None for an empty column."""
    total = sum(counts.values())
    if not total:
        return None
    shares = sorted(((count / total, value) for value, count in counts.items() if count), reverse=True)
    entropy = -sum(share * math.log(share) for share, _ in shares)
    evenness = entropy / math.log(len(shares)) if len(shares) > 1 else 1.0
    return Skew(len(shares), evenness, shares[0][1], shares[0][0], shares[-1][0])


def population_stability(before: Counts, after: Counts) -> float | None:
    """Population stability index: under 0.1 is usually called stable, over 0.25 a shift."""
    totals = sum(before.values()), sum(after.values())
    if not all(totals):
        return None
    index = 0.0
    for value in sorted(before.keys() | after.keys()):
        was = max(before.get(value, 0) / totals[0], _ABSENT)
        now = max(after.get(value, 0) / totals[1], _ABSENT)
        index += (now - was) * math.log(now / was)
    return index


def chi_square(before: Counts, after: Counts) -> Drift | None:
    """Pearson's test that two sets are made up alike; None where there is nothing to compare."""
    values = sorted(value for value in before.keys() | after.keys() if before.get(value, 0) + after.get(value, 0))
    table = np.array([[counts.get(value, 0) for value in values] for counts in (before, after)], dtype=np.float64)
    if len(values) < 2 or not table.sum(axis=1).all():
        return None
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    statistic = float(((table - expected) ** 2 / expected).sum())
    return Drift(statistic, _chi_square_tail(statistic, len(values) - 1), math.sqrt(statistic / float(table.sum())))


def kolmogorov_smirnov(before: Values, after: Values) -> Drift | None:
    """Two-sample Kolmogorov-Smirnov test, with its asymptotic p-value."""
    if not len(before) or not len(after):
        return None
    one, other = np.sort(np.asarray(before)), np.sort(np.asarray(after))
    everything = np.concatenate((one, other))
    shares = [np.searchsorted(part, everything, side="right") / len(part) for part in (one, other)]
    distance = float(np.abs(shares[0] - shares[1]).max())
    size = math.sqrt(len(one) * len(other) / (len(one) + len(other)))
    return Drift(distance, _kolmogorov_tail(distance * size), distance)


def _kolmogorov_tail(value: float) -> float:
    if value < 0.2:  # the series does not converge, and the answer is 1 to nine digits
        return 1.0
    terms = (2.0 * (1 if k % 2 else -1) * math.exp(-2 * k * k * value * value) for k in range(1, 101))
    return min(max(sum(terms), 0.0), 1.0)


def _chi_square_tail(statistic: float, freedom: int) -> float:
    """The upper tail: the incomplete gamma function (Abramowitz and Stegun 6.5.29 and 6.5.31)."""
    a, x = freedom / 2, statistic / 2
    if x <= 0:
        return 1.0
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        step = a
        while abs(term) > abs(total) * 1e-15:
            step += 1
            term *= x / step
            total += term
        return max(1 - scale * total, 0.0)
    return min(scale * _continued_fraction(a, x), 1.0)


def _continued_fraction(a: float, x: float) -> float:
    """Lentz's method."""
    b = x + 1 - a
    c, d = math.inf, 1 / b
    value = d
    for step in range(1, 10000):
        numerator = -step * (step - a)
        b += 2
        d = 1 / (numerator * d + b)
        c = b + numerator / c
        value *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return value
