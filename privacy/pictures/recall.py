"""What the detectors were measured to cover, for data cards: figures, intervals, thresholds.

The figures come from tests/evals/privacy_pictures; they hold for its pictures, not for yours.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt


@dataclass(frozen=True, slots=True)
class Recall:
    """Of so many private things of one class, so many were covered."""

    kind: str
    covered: int
    total: int
    measured_on: str

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share, rounded to three places."""
        return wilson(self.covered, self.total)


def wilson(covered: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share."""
    z, share = 1.96, covered / total
    middle = share + z * z / (2 * total)
    spread = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    low, high = (middle - spread) / (1 + z * z / total), (middle + spread) / (1 + z * z / total)
    return round(low, 3), round(high, 3)
