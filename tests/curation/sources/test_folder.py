"""A folder of works with sidecars."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from curation.sources import SourceOptions

ReadSource = Callable[..., Any]


def picture(kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 6), (40, 90, 120)).save(out, kind)
    return out.getvalue()


@pytest.fixture
def works(tmp_path: Path) -> Path:
    folder = tmp_path / "works"
    (folder / "inner").mkdir(parents=True)
    return folder


def test_works_come_sorted_and_the_rest_is_tallied(works: Path, read_source: ReadSource) -> None:
    (works / "b.txt").write_text("Second.")
    (works / "a.jpg").write_bytes(picture())
    (works / "inner" / "c.html").write_text("<title>Third</title><p>Low at noon.</p>")
    (works / "notes.docx").write_bytes(b"PK")
    (works / ".hidden.txt").write_text("not a work")
    found = read_source(SourceOptions(path="works"), works.parent)
    assert [(record.source.address, record.source.media_type) for record in found.records] == [
        ("works/a.jpg", "image/jpeg"),
        ("works/b.txt", "text/plain"),
        ("works/inner/c.html", "text/html"),
    ]
    assert (found.records[2].text, found.records[2].declared.title) == ("Low at noon.", "Third")
    assert found.entries == {"file": 3, "other file .docx": 1, "other file .txt": 1}


@pytest.mark.parametrize(
    ("name", "content", "licence"),
    [
        ("a.json", '{"license": "CC-BY-4.0"}', "CC-BY-4.0"),
        ("a.jpg.json", '{"license": "CC-BY-4.0"}', "CC-BY-4.0"),
        ("a.jpg.license", "SPDX-FileCopyrightText: The Office\nSPDX-License-Identifier: CC0-1.0\n", "CC0-1.0"),
        ("a.jpg.license", "<!-- SPDX-License-Identifier: MIT OR CC0-1.0 -->\n", "MIT OR CC0-1.0"),
        ("b.json", '{"license": "CC-BY-4.0"}', ""),
        ("a.jpg.license", "All my own work.\n", ""),
    ],
)
def test_a_sidecar_speaks_for_the_work_beside_it(
    name: str, content: str, licence: str, works: Path, read_source: ReadSource
) -> None:
    (works / "a.jpg").write_bytes(picture())
    (works / name).write_text(content)
    [record] = read_source(SourceOptions(path="works", kind="folder"), works.parent).records
    assert record.declared.licence == licence
    assert record.markup == ("" if name.startswith("b") else content)


def test_an_xmp_sidecar_gives_its_fields(works: Path, read_source: ReadSource) -> None:
    (works / "a.png").write_bytes(picture("PNG"))
    (works / "a.xmp").write_text(
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:cc="http://creativecommons.org/ns#">'
        '<cc:license rdf:resource="https://creativecommons.org/licenses/by/4.0/"/>'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    [record] = read_source(SourceOptions(path="works"), works.parent).records
    assert record.declared.get("XMP-cc:license") == "https://creativecommons.org/licenses/by/4.0/"


def test_a_work_that_cannot_be_read_is_a_problem_and_the_others_are_read(works: Path, read_source: ReadSource) -> None:
    (works / "a.jpg").write_bytes(b"not a picture")
    (works / "b.txt").write_text("Here.")
    (works / "c.txt").write_text("Here, too, but with a sidecar that is broken.")
    (works / "c.json").write_text("{")
    found = read_source(SourceOptions(path="works"), works.parent)
    assert found.problems == [(0, "unreadable-picture"), (2, "bad-sidecar")]
    assert [record.text for record in found.records] == ["Here."]


def test_a_file_that_may_not_be_read_is_named(
    works: Path, read_source: ReadSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_given: object, **_named: object) -> None:
        raise PermissionError

    monkeypatch.setattr("fsspec.implementations.local.LocalFileSystem.open", refuse)
    (works / "a.txt").write_text("Here.")
    [problem] = read_source(SourceOptions(path="works"), works.parent).found
    assert (problem.message, problem.found, problem.address) == ("unreadable-file", "PermissionError", "works/a.txt")


def test_include_chooses_among_the_works(works: Path, read_source: ReadSource) -> None:
    for name in ("a.txt", "b.md", "inner/c.txt"):
        (works / name).write_text(json.dumps(name))
    found = read_source(SourceOptions(path="works", include=("*.md", "inner/*")), works.parent)
    assert [record.source.address for record in found.records] == ["works/b.md", "works/inner/c.txt"]


def test_a_sidecar_tells_the_words_that_belong_to_a_picture(works: Path, read_source: ReadSource) -> None:
    (works / "a.jpg").write_bytes(picture())
    (works / "a.json").write_text(json.dumps({"title": "Noon", "caption": ["The\nquay", "Noon"], "alt": "A quay"}))
    (works / "b.jpg").write_bytes(picture())
    found = read_source(SourceOptions(path="works"), works.parent).records
    assert [record.text for record in found] == ["Noon\nThe quay\nA quay", ""]
