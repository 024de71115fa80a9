"""Files of labelled texts in the forms they come in: TAB's, presidio-research's, JSON lines, CoNLL."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog.errors import FormatError, NotFound, UsageError
from catalog.values import Span
from privacy.evaluation import Annotated, Mention
from privacy.labelled import Labelled, read_conll, read_jsonl

FORMS = ("tab", "presidio", "jsonl", "conll")
_SUFFIXES = {
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".conll": "conll",
    ".bio": "conll",
    ".iob": "conll",
}
# The kinds of other schemes in our names. What is not here keeps its name.
KINDS = {
    "PER": "PERSON", "person": "PERSON", "LOC": "LOCATION", "GPE": "LOCATION", "location": "LOCATION",
    "geo-loc": "LOCATION", "ORG": "ORGANIZATION", "corporation": "ORGANIZATION", "company": "ORGANIZATION",
    "CODE": "CODE", "DEM": "DEM", "DATETIME": "DATE_TIME", "DATE": "DATE_TIME", "NORP": "NRP",
}  # fmt: skip
# TAB's kinds are wider than ours: these of ours are one of its. What names no person but the state is none.
TAB_KINDS = {
    "CASE_NUMBER": "CODE", "ID_NUMBER": "CODE", "IBAN_CODE": "CODE", "CREDIT_CARD": "CODE", "PHONE_NUMBER": "CODE",
    "EMAIL_ADDRESS": "CODE", "URL": "CODE", "STREET_ADDRESS": "LOCATION", "ZIP_CODE": "LOCATION", "NRP": "DEM",
    "AGE": "DEM", "DEMOGRAPHIC": "DEM", "HEALTH": "DEM", "BELIEF": "DEM", "CHILD": "DEM", "DATE_OF_BIRTH": "DATE_TIME",
    "MONEY": "QUANTITY", "DURATION": "QUANTITY", "TITLE": "", "PUBLIC_BODY": "", "MISC": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Labels:
    """A file of labels: texts with spans (those of the first annotator), and all annotators where TAB has them."""

    form: str
    labelled: tuple[Labelled, ...] = field(repr=False)
    annotated: tuple[Annotated, ...] | None = field(default=None, repr=False)


def read(path: Path, form: str = "", kinds: Mapping[str, str] | None = None, licence: str = "") -> Labels:
    """Read a file; its form is told by its name where `form` is empty. `kinds` rename kinds, "" leaves one out."""
    if not path.is_file():
        raise NotFound("there is no such file of labels", cure="Check the path.", place=str(path))
    form = form or _SUFFIXES.get(path.suffix.lower(), "")
    if form == "json":
        form = "presidio" if _documents(path)[0].keys() >= {"full_text", "spans"} else "tab"
    if form not in FORMS:
        raise UsageError(
            f"expected labels in one of the forms {', '.join(FORMS)}, found {form or path.suffix!r}",
            cure="Name the form with --form.",
            place=str(path),
        )
    names = {**KINDS, **(kinds or {})}
    if form == "tab":
        annotated = tuple(_tab(path, names))
        return Labels(form, tuple(_first(one, path.name, licence) for one in annotated), annotated)
    if form == "presidio":
        return _whole(form, path, tuple(_presidio(path, names, licence)))
    if form == "conll":
        tags = {tag: tag for tag in _tags(path)} | names
        return _whole(form, path, tuple(read_conll(path, tags, licence)))
    return _whole(form, path, tuple(_renamed(one, names) for one in read_jsonl(path, licence)))


def _whole(form: str, path: Path, labelled: tuple[Labelled, ...]) -> Labels:
    if not labelled:
        raise FormatError("expected labelled texts, found none", place=str(path))
    return Labels(form, labelled)


def _renamed(one: Labelled, names: Mapping[str, str]) -> Labelled:
    spans = (Span(names.get(span.kind, span.kind), span.start, span.end, 1.0, "label") for span in one.spans)
    return Labelled(one.text, tuple(span for span in spans if span.kind), one.source, one.licence)


def _tags(path: Path) -> set[str]:
    tags = {line.split()[-1] for line in path.read_text("utf-8").split("\n") if len(line.split()) >= 2}
    if not any(tag.startswith(("B-", "I-")) for tag in tags):
        raise FormatError("expected a word and its BIO tag (such as B-PER) on each line, found no tag", place=str(path))
    return {tag.partition("-")[2] for tag in tags if "-" in tag}


def _documents(path: Path) -> list[dict[str, Any]]:
    try:
        documents: Any = json.loads(path.read_text("utf-8"))
    except ValueError:
        documents = None
    if not isinstance(documents, list) or not documents or not all(isinstance(one, dict) for one in documents):
        raise FormatError("expected a JSON list of documents with `text` and `annotations`", place=str(path))
    return documents


def _presidio(path: Path, names: Mapping[str, str], licence: str) -> Iterator[Labelled]:
    for number, document in enumerate(_documents(path)):
        try:
            found = [
                (
                    names.get(one["entity_type"], one["entity_type"]),
                    int(one["start_position"]),
                    int(one["end_position"]),
                )
                for one in document["spans"]
            ]
            spans = tuple(Span(kind, start, end, 1.0, "label") for kind, start, end in found if kind)
            yield Labelled(str(document["full_text"]), spans, path.name, licence)
        except (KeyError, TypeError, ValueError):
            raise FormatError(
                "expected `full_text` and `spans` of `entity_type`, `start_position` and `end_position`",
                place=f"{path}, document {number}",
            ) from None


def _tab(path: Path, names: Mapping[str, str]) -> Iterator[Annotated]:
    for number, document in enumerate(_documents(path)):
        try:
            everybody = document["annotations"].values()
            annotators = tuple(tuple(_mention(one, names) for one in who["entity_mentions"]) for who in everybody)
            yield Annotated(str(document["text"]), annotators)
        except (KeyError, TypeError, AttributeError, ValueError):
            raise FormatError(
                "expected `text` and `annotations` by annotator, each with `entity_mentions`",
                cure="See the Text Anonymization Benchmark's format, or write JSON lines with `text` and `spans`.",
                place=f"{path}, document {number}",
            ) from None


def _mention(one: dict[str, Any], names: Mapping[str, str]) -> Mention:
    kind = names.get(one["entity_type"], one["entity_type"])
    start, end = int(one["start_offset"]), int(one["end_offset"])
    return Mention(kind, start, end, str(one["entity_id"]), str(one["identifier_type"]))


def _first(document: Annotated, source: str, licence: str) -> Labelled:
    mentions = document.annotators[0] if document.annotators else ()
    spans = (Span(one.kind, one.start, one.end, 1.0, "label") for one in mentions if one.identifier != "NO_MASK")
    return Labelled(document.text, tuple(spans), source, licence)
