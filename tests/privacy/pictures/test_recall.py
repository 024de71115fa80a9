"""Measuring on labels of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from catalog.errors import UsageError
from privacy.pictures.detectors import text
from privacy.pictures.recall import measure_recall, read_labels
from privacy.pictures.values import ImageOptions

UNGUARDED = ImageOptions(guarded=False)


def labels(folder: Path, boxes: str) -> Path:
    text.EXAMPLES[0].given().save(folder / "note.png")
    Image.new("RGB", (40, 40)).save(folder / "plain.png")
    table = folder / "labels.csv"
    table.write_text(f'file,boxes\nnote.png,"{boxes}"\nplain.png,[]\nlost.txt,\n', "utf-8")
    (folder / "lost.txt").write_bytes(b"no picture")
    return table


def test_marked_places_are_counted_by_class_as_covered_or_not(tmp_path: Path) -> None:
    boxes = """[{""kind"": ""NUMBER"", ""box"": [180, 50, 100, 40]}, {""kind"": ""CORNER"", ""box"": [0, 0, 20, 10]},
                {""kind"": ""NUMBER"", ""polygon"": [[50, 55], [140, 55], [140, 85], [50, 85]]}]"""
    found = measure_recall(read_labels(labels(tmp_path, boxes)), "all", UNGUARDED)
    assert [(one.kind, one.covered, one.total) for one in found] == [("CORNER", 0, 1), ("NUMBER", 2, 2)]


@pytest.mark.parametrize("boxes", ["{", "[1]", '[{""kind"": ""FACE""}]'])
def test_labels_that_cannot_be_read_are_told_with_their_line(boxes: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"labels\.csv:2: expected the columns file and boxes"):
        read_labels(labels(tmp_path, boxes))
