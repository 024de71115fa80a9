"""The Croissant file of a version: metadata 1.1 with the RAI extension; beside an export, its records too."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from catalog.facts import DatasetFacts, unlicensed

NAME = "croissant.json"
CONFORMS = ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"]

# What the specification requires. mlcroissant accepts files without most of these, so we look ourselves.
REQUIRED = ("name", "description", "url", "license", "creator", "datePublished", "version")
_CURES = {
    "url": "answer `url` in the card file",
    "creator": "answer `controller` in the card file",
    "description": "answer `description` in the card file",
}

_CONTEXT: dict[str, Any] = {
    "@language": "en", "@vocab": "https://schema.org/", "arrayShape": "cr:arrayShape", "citeAs": "cr:citeAs",
    "column": "cr:column", "conformsTo": "dct:conformsTo", "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/", "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"}, "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/", "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty", "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract", "field": "cr:field", "fileProperty": "cr:fileProperty", "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet", "format": "cr:format", "includes": "cr:includes", "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath", "key": "cr:key", "md5": "cr:md5",
    "name": {"@container": "@language"}, "parentField": "cr:parentField", "path": "cr:path",
    "recordSet": "cr:recordSet", "references": "cr:references", "regex": "cr:regex", "repeated": "cr:repeated",
    "replace": "cr:replace", "samplingRate": "cr:samplingRate", "sc": "https://schema.org/",
    "separator": "cr:separator", "source": "cr:source", "subField": "cr:subField", "transform": "cr:transform",
}  # fmt: skip

# RAI's words for how data was collected, by kind of source.
_COLLECTED = {"warc": "Web Scraping", "contributions": "User-generated content data"}

_MEDIA = {"parquet": "application/x-parquet", "huggingface": "application/x-parquet", "jsonl": "application/jsonlines"}
_COLUMNS = {
    "id": "Record id; the same in every version.",
    "text": "The text, without the personal data that was replaced.",
    "image": "The picture, rebuilt without metadata.",
    "media_type": "Media type of the content.",
    "label": "Label, where there is one.",
    "licence": "Licence of this record; empty where its use rests on consent, or on a person's word.",
    "language": "ISO 639-1 code of the main language, where it was examined.",
}


def card(facts: DatasetFacts) -> str:
    """The metadata alone: what lies beside a card, where there are no files to describe."""
    return _text(metadata(facts))


def write(facts: DatasetFacts, told: DatasetFacts, folder: Path, format: str, columns: list[str]) -> Path:
    """Write croissant.json of an export; its files are hashed. Counts are those of `told` (`facts.disclosed`)."""
    document = metadata(facts, told)
    document["distribution"] = [*_files(folder, format), *_sets(folder, format)]
    document["recordSet"] = [_records(format, columns)]
    path = folder / NAME
    path.write_text(_text(document), "utf-8")
    return path


def metadata(facts: DatasetFacts, told: DatasetFacts | None = None) -> dict[str, Any]:
    """What is known of the version as schema.org, Croissant and RAI name it; the unknown is left out.

    What leaves counts no more than `told`.
    """
    found = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS,
        "name": facts["title"] or facts["dataset"],
        "alternateName": facts.version,
        "description": facts["description"],
        "url": facts["url"],
        "license": [_licence(row) for row in facts["licences"]],
        "creator": _creator(facts),
        "datePublished": facts["created_at"][:10],
        "version": f"{facts['number']}.{facts['amendment']}.0",
        "inLanguage": [row["language"] for row in facts["languages"] if row["language"]],
        "keywords": [row["modality"] for row in facts["modalities"] if row["released"]],
        "citeAs": facts["citation"],
        "isLiveDataset": False,
        **{f"rai:{name}": words for name, words in rai(told or facts)},
    }
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def rai(facts: DatasetFacts) -> Iterator[tuple[str, Any]]:
    """The properties of the RAI extension that the facts answer; None: they do not."""
    files = [f"{row['kind']}: {row['files']:,} files, {_count(row)}" for row in facts["sources"]]
    yield "dataCollection", "; ".join(files)
    yield "dataCollectionType", sorted({_COLLECTED.get(row["kind"], "Others") for row in facts["sources"]})
    yield "dataCollectionMissingData", _missing_data(facts)
    yield "dataCollectionTimeframe", [facts[name][:10] for name in ("fetched_from", "fetched_until") if facts[name]]
    yield "dataPreprocessingProtocol", [f"{row['name']} ({_count(row)})" for row in facts["transforms"]]
    duplicates = [f"{row['records']:,} {row['kind']} duplicates left out" for row in facts["duplicates"]]
    reasons = [f"{row['action']} for {row['reason']}: {_count(row)}" for row in facts["reasons"]]
    yield "dataManipulationProtocol", [*duplicates, *reasons]
    yield "dataAnnotationProtocol", facts["annotators_asked"]
    labelled = sum(row["records"] for row in facts["labels"])
    yield "annotationsPerItem", f"{facts['annotations'] / labelled:.2f}" if labelled and facts["annotations"] else None
    yield "machineAnnotationTools", [f"cleartitle {facts['code_version']}"]
    yield "personalSensitiveInformation", [
        f"{row['kind']} ({row['modality']}): {_number(row['found'])} found, {_number(row['replaced'])} replaced"
        for row in facts["personal_data"]
    ]  # fmt: skip
    yield "dataBiases", facts["biases"]
    yield "dataLimitations", facts["limits"]
    yield "dataUseCases", facts["purpose"]
    yield "dataSocialImpact", facts["out_of_scope"]
    yield "dataReleaseMaintenancePlan", " ".join(filter(None, (facts["maintenance"], facts["retention"])))


def _missing_data(facts: DatasetFacts) -> str:
    unread = facts["input_problems"]
    told = "" if unread is None else f"{unread:,} parts of the input could not be read; "
    outside = f"records held: {_number(facts['held'])}; dropped: {_number(facts['dropped'])}; each with its reason."
    return told + outside


def _count(row: Mapping[str, Any]) -> str:
    return f"{_number(row['records'])} records" if row["records"] is not None else f"{_number(None)} of records"


def _number(count: int | None) -> str:
    return "a hidden number" if count is None else f"{count:,}"


def missing(document: Mapping[str, Any]) -> list[str]:
    """What the specification requires and the file lacks, in words; mlcroissant does not say all of it."""
    lacking = [f"{name}: {_CURES.get(name, 'not known')}" for name in REQUIRED if not document.get(name)]
    for file in document.get("distribution", ()):
        parts = ("name", "encodingFormat", *(("contentUrl",) if file["@type"] == "cr:FileObject" else ("includes",)))
        lacking += [f"distribution {file.get('@id')}: {part}" for part in parts if not file.get(part)]
        if file["@type"] == "cr:FileObject" and not re.fullmatch(r"[0-9a-f]{64}", file.get("sha256", "")):
            lacking.append(f"distribution {file.get('@id')}: sha256")
    return lacking


def _creator(facts: DatasetFacts) -> dict[str, Any] | None:
    if not facts["controller"]:
        return None
    return {"@type": "sc:Organization", "name": facts["controller"], "description": facts["contact"] or ""}


def _licence(row: Mapping[str, Any]) -> str:
    name = row["licence"]
    if name is None:
        return unlicensed(row["licence_basis"]).capitalize()
    return name if name.startswith("LicenseRef-") else f"https://spdx.org/licenses/{name}"


def _files(folder: Path, format: str) -> Iterator[dict[str, Any]]:
    for path in sorted((folder / "data").iterdir()):
        name = str(path.relative_to(folder))
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        yield {
            "@type": "cr:FileObject",
            "@id": name,
            "name": name,
            "contentUrl": name,
            "contentSize": f"{path.stat().st_size} B",
            "encodingFormat": _MEDIA[format],
            "sha256": digest,
        }


def _sets(folder: Path, format: str) -> Iterator[dict[str, Any]]:
    suffix = "jsonl" if format == "jsonl" else "parquet"
    yield _set("data", f"data/*.{suffix}", _MEDIA[format])
    if (folder / "images").is_dir():
        yield _set("pictures", "images/*/*", "image/png")


def _set(name: str, includes: str, media: str) -> dict[str, Any]:
    return {"@type": "cr:FileSet", "@id": name, "name": name, "encodingFormat": media, "includes": includes}


def _records(format: str, columns: list[str]) -> dict[str, Any]:
    fields = [_field(format, column) for column in columns]
    key = {"@id": "records/id"}
    return {"@type": "cr:RecordSet", "@id": "records", "name": "records", "key": key, "field": fields}


def _field(format: str, column: str) -> dict[str, Any]:
    picture = column == "image" and format != "jsonl"
    source: dict[str, Any] = {"fileSet": {"@id": "data"}, "extract": {"column": column}}
    if picture and format == "huggingface":
        source["transform"] = {"jsonPath": "bytes"}
    return {
        "@type": "cr:Field",
        "@id": f"records/{column}",
        "name": column,
        "description": _COLUMNS[column] + (" As a path in this folder." if column == "image" and not picture else ""),
        "dataType": "sc:ImageObject" if picture else "sc:Text",
        "source": source,
    }


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
