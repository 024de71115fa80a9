"""What the picture detectors were measured to find, kept on a version: the card and the catalog show it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import privacy
from catalog import measurements
from catalog.measurements import Measurement
from catalog.versions import open_version
from catalog.workspace import Workspace
from privacy.pictures.recall import Recall
from privacy.pictures.values import Mode

TOPIC = "picture-recall"
OWN_TOPIC = "picture-recall-own"


def note(workspace: Workspace, version: str, mode: Mode) -> None:
    """Keep the figures that ship with cleartitle on a version that holds pictures."""
    if privacy.image_recall(mode) and "image" in open_version(workspace, version).columns():
        where = "measured on cleartitle's evaluation pictures and not on this data"
        measurements.save(workspace, version, TOPIC, _measured(privacy.image_recall(mode), mode, TOPIC, where))


def note_own(workspace: Workspace, version: str, found: Sequence[Recall], mode: Mode) -> None:
    """Keep figures that a user measured on labels of their own."""
    measurements.save(
        workspace, version, OWN_TOPIC, _measured(found, mode, OWN_TOPIC, "measured on labels of the user")
    )


def _measured(found: Sequence[Recall], mode: Mode, topic: str, where: str) -> list[Measurement]:
    how = "; ".join(f"{name}: {about}" for name, about in privacy.image_thresholds())
    today = f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"
    return [
        Measurement(
            topic=topic,
            name=f"{one.kind}: share covered in mode {mode}",
            value=round(one.covered / one.total, 3),
            low=one.interval[0],
            high=one.interval[1],
            trials=one.total,
            method=f"{where} ({one.measured_on}); Wilson interval; {how}",
            at=one.at or today,
        )
        for one in found
    ]
