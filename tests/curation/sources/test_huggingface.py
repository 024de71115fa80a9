"""Data sets that the `datasets` library saved."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from catalog.errors import RecipeError
from curation.sources import SourceOptions

ReadSource = Callable[..., Any]

datasets = pytest.importorskip("datasets")


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    features = datasets.Features(
        {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["calm", "gale"])}
    )
    splits = {
        name: datasets.Dataset.from_dict({"text": [f"{name} {n}" for n in range(2)], "label": [0, 1]}, features)
        for name in ("train", "test")
    }
    datasets.DatasetDict(splits).save_to_disk(tmp_path / "set")
    return tmp_path


def test_every_split_is_read_and_labels_get_their_names(saved: Path, read_source: ReadSource) -> None:
    found = read_source(SourceOptions(path="set"), saved)
    assert [(record.id, record.text, record.declared.label) for record in found.records] == [
        ("set/test:0|", "test 0", "calm"),
        ("set/test:1|", "test 1", "gale"),
        ("set/train:2|", "train 0", "calm"),
        ("set/train:3|", "train 1", "gale"),
    ]
    assert {record.source.container for record in found.records} == {"set"}
    assert found.entries == {"row of test": 2, "row of train": 2}


def test_one_split_can_be_asked_for(saved: Path, read_source: ReadSource) -> None:
    found = read_source(SourceOptions(path="set", split="train"), saved)
    assert [record.text for record in found.records] == ["train 0", "train 1"]
    with pytest.raises(RecipeError, match=r"the split 'trian', found test, train|found train, test"):
        read_source(SourceOptions(path="set", split="trian"), saved)


def test_pictures_keep_the_bytes_they_were_saved_with(tmp_path: Path, read_source: ReadSource) -> None:
    out = io.BytesIO()
    Image.new("RGB", (8, 6), (40, 90, 120)).save(out, "JPEG", quality=31)
    features = datasets.Features({"image": datasets.Image(), "license": datasets.Value("string")})
    rows = {"image": [{"bytes": out.getvalue(), "path": None}], "license": ["CC0-1.0"]}
    datasets.Dataset.from_dict(rows, features).save_to_disk(tmp_path / "pictures")
    [record] = read_source(SourceOptions(path="pictures"), tmp_path).records
    assert (record.modality, record.image, record.declared.licence) == ("image", out.getvalue(), "CC0-1.0")


def test_a_data_set_that_is_not_there_is_an_error_with_a_cure(tmp_path: Path, read_source: ReadSource) -> None:
    (tmp_path / "set").mkdir()
    with pytest.raises(RecipeError, match="cannot be opened: FileNotFoundError"):
        read_source(SourceOptions(path="set", kind="huggingface"), tmp_path)
