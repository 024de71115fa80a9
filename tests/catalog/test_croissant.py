from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from catalog import cards, croissant, facts, manifests
from catalog.croissant import missing
from catalog.export import FORMATS, export
from catalog.workspace import Workspace

SAID = {
    "title": "Harbour", "description": "Invented ships.", "url": "https://port.example/data", "limits": "All invented.",
    "controller": "Harbour Office", "contact": "office@port.example", "citation": "Harbour Office: Harbour.",
}  # fmt: skip
RAI = {
    "dataCollection", "dataCollectionType", "dataCollectionMissingData", "dataCollectionRawData",
    "dataCollectionTimeframe", "dataImputationProtocol", "dataManipulationProtocol", "dataPreprocessingProtocol",
    "dataAnnotationProtocol", "dataAnnotationPlatform", "dataAnnotationAnalysis", "annotationsPerItem",
    "annotatorDemographics", "machineAnnotationTools", "dataReleaseMaintenancePlan", "personalSensitiveInformation",
    "dataSocialImpact", "dataBiases", "dataLimitations", "dataUseCases",
}  # fmt: skip


def read(path: Path) -> Any:
    """The dataset as mlcroissant reads it, with its own warnings about Python kept out of the test."""
    mlcroissant = pytest.importorskip("mlcroissant", reason="mlcroissant is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return mlcroissant.Dataset(jsonld=str(path))


def records(dataset: Any) -> list[dict[str, Any]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(dataset.records("records"))


@pytest.mark.parametrize("format", FORMATS)
def test_mlcroissant_reads_the_records_of_an_export_through_its_file(
    harbour: Workspace, tmp_path: Path, format: Any
) -> None:
    cards.write(harbour, manifests.find(harbour, "harbour@1"), SAID)
    out = export(harbour, "harbour@1", tmp_path / "out", format).folder
    dataset = read(out / croissant.NAME)
    assert not dataset.metadata.ctx.issues.errors
    assert not dataset.metadata.ctx.issues.warnings
    rows = records(dataset)
    assert [row["records/text"] for row in rows[:2]] == [b"Ship number 1 is in.", b"<EMAIL> wrote from <EMAIL>."]
    assert [row["records/licence"] for row in rows[:2]] == [b"CC-BY-4.0", b"CC-BY-4.0"]
    assert rows[3]["records/label"] == b"calm"
    picture = rows[2]["records/image"]
    with Image.open(out / picture.decode()) if format == "jsonl" else picture as drawn:
        assert drawn.size == (8, 6)
    assert missing(json.loads((out / croissant.NAME).read_text("utf-8"))) == []


def test_a_card_s_file_passes_and_names_only_properties_that_rai_has(harbour: Workspace) -> None:
    path = cards.write(harbour, manifests.find(harbour, "harbour@1"), SAID).with_name(croissant.NAME)
    assert not read(path).metadata.ctx.issues.errors
    document = json.loads(path.read_text("utf-8"))
    named = {name.removeprefix("rai:") for name in document if name.startswith("rai:")}
    assert named <= RAI
    assert {"dataCollection", "personalSensitiveInformation", "dataLimitations"} <= named
    assert document["license"] == [
        "https://spdx.org/licenses/CC-BY-4.0",
        "No licence: used with consent",
    ]
    assert document["version"] == "1.0.0"


def test_what_the_specification_requires_and_nobody_answered_is_told(seen: Workspace) -> None:
    found = facts.collect(seen, manifests.find(seen, "harbour@1"), {})
    assert missing(croissant.metadata(found)) == [
        "description: answer `description` in the card file",
        "url: answer `url` in the card file",
        "creator: answer `controller` in the card file",
    ]


@pytest.mark.parametrize(
    ("change", "lacks"),
    [
        ({"sha256": "zz"}, ["distribution d: sha256"]),
        ({"contentUrl": ""}, ["distribution d: contentUrl"]),
        ({}, []),
        ({"@type": "cr:FileSet", "includes": "data/*"}, []),  # near miss: a set has no hash
    ],
)
def test_files_that_cannot_be_found_or_checked_are_told(change: dict[str, str], lacks: list[str]) -> None:
    file = {"@type": "cr:FileObject", "@id": "d", "name": "d", "encodingFormat": "text/csv", "contentUrl": "d",
            "sha256": "0" * 64}  # fmt: skip
    document = {**dict.fromkeys(croissant.REQUIRED, "x"), "distribution": [{**file, **change}]}
    assert missing(document) == lacks
