"""Figures on a version that are not counted from its shards: leaks found, recall, agreement, drift, ...

One JSON file for each topic, `measurements/NAME@N/<topic>.json`. They never hold a personal value.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from catalog.errors import FormatError, UsageError
from catalog.workspace import Workspace, refuse_newer, write_text

FORMAT = 1
_TOPIC = re.compile(r"[a-z][a-z0-9-]{0,40}")


@dataclass(frozen=True, slots=True)
class Measurement:
    """One figure, with its interval and how it was come by."""

    topic: str  # "leaks", "recall", "reidentification", "agreement", "conflicts", "drift", ...
    name: str
    value: float
    low: float | None  # interval of 95 %, where there is one
    high: float | None
    trials: int | None  # how many things were looked at
    method: str  # one plain line: detectors, thresholds, which data by fingerprint
    at: str  # ISO date


def save(workspace: Workspace, version: str, topic: str, measurements: Sequence[Measurement]) -> None:
    """Keep the figures of one topic on a version, in place of those it had.

    The published catalog and the card show them from the next `publish` and `cards.write` on.
    """
    if not _TOPIC.fullmatch(topic):
        raise UsageError(f"a topic is lower-case letters, digits and hyphens, found {topic!r}")
    for one in measurements:
        _refuse_unfit(one, topic)
    content = {"format": FORMAT, "measurements": [asdict(one) for one in measurements]}
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    write_text(_folder(workspace, version) / f"{topic}.json", text)


def load(workspace: Workspace, version: str) -> list[Measurement]:
    """All figures on a version, by topic, in the order they were saved in."""
    return [one for path in sorted(_folder(workspace, version).glob("*.json")) for one in _read(path)]


def remove(workspace: Workspace, version: str, topics: Sequence[str]) -> None:
    """Give the figures of these topics up: they no longer hold."""
    for topic in topics:
        (_folder(workspace, version) / f"{topic}.json").unlink(missing_ok=True)


def _folder(workspace: Workspace, version: str) -> Path:
    return workspace.root / "measurements" / version


def _refuse_unfit(one: Measurement, topic: str) -> None:
    if one.topic != topic:
        raise UsageError(f"{one.name}: expected a measurement of topic {topic!r}, found {one.topic!r}")
    numbers = [number for number in (one.value, one.low, one.high) if number is not None]
    if not all(math.isfinite(number) for number in numbers):
        raise UsageError(
            f"{one.name}: expected finite numbers, found {numbers}", cure="Leave out what could not be measured."
        )


def _read(path: Path) -> list[Measurement]:
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        refuse_newer(found["format"], FORMAT, path)
        return [Measurement(**one) for one in found["measurements"]]
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(
            "expected a file of measurements (JSON), found something else",
            cure="Measure again, or remove the file.",
            place=str(path),
        ) from error
