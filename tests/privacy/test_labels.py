"""Files of labels, in the forms they come in; what is wrong with one is told with its place and no words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catalog.errors import CleartitleError
from privacy.labels import read

MENTIONS = [
    {"entity_type": kind, "start_offset": start, "end_offset": end, "entity_id": kind, "identifier_type": identifier}
    for kind, start, end, identifier in (("PERSON", 3, 6, "DIRECT"), ("LOC", 31, 35, "NO_MASK"))
]
TAB = [
    {
        "text": "Mr Doe, case 12345/99, born in Kiel.",
        "annotations": {"a": {"entity_mentions": MENTIONS}, "b": {"entity_mentions": []}},
    }
]


def kinds(path: Path, **options: object) -> list[list[tuple[str, str]]]:
    found = read(path, **options)  # type: ignore[arg-type]
    return [[(span.kind, one.text[span.start : span.end]) for span in one.spans] for one in found.labelled]


def test_each_form_is_told_by_its_name_and_read(tmp_path: Path) -> None:
    tab, lines, conll = tmp_path / "a.json", tmp_path / "b.jsonl", tmp_path / "c.bio"
    tab.write_text(json.dumps(TAB), "utf-8")
    lines.write_text('{"text": "Ada left", "spans": [{"kind": "PER", "start": 0, "end": 3}]}\n', "utf-8")
    presidio = tmp_path / "d.json"
    spans = [{"entity_type": "GPE", "start_position": 8, "end_position": 12, "entity_value": "Kiel"}]
    presidio.write_text(json.dumps([{"full_text": "Born in Kiel", "spans": spans}]), "utf-8")
    assert kinds(presidio) == [[("LOCATION", "Kiel")]]
    conll.write_text("Ada B-PER\nLee I-PER\nof O\nKiel B-town\n\nBye O\n", "utf-8")
    assert kinds(tab) == [[("PERSON", "Doe")]]
    annotated = read(tab).annotated
    assert annotated is not None
    assert [[mention.identifier for mention in who] for who in annotated[0].annotators] == [["DIRECT", "NO_MASK"], []]
    assert kinds(lines) == [[("PERSON", "Ada")]]
    assert kinds(conll) == [[("PERSON", "Ada Lee"), ("town", "Kiel")], []]
    assert kinds(conll, kinds={"town": "LOCATION", "PER": ""}) == [[("LOCATION", "Kiel")], []]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.txt", "x", "expected labels in one of the forms tab, presidio, jsonl, conll, found '.txt'"),
        ("a.json", "{", "expected a JSON list of documents"),
        ("a.json", '[{"full_text": "Ada", "spans": [{}]}]', "a.json, document 0: expected `full_text` and `spans`"),
        ("a.json", '[{"text": "Ada"}]', "a.json, document 0: expected `text` and `annotations` by annotator"),
        ("a.jsonl", '{"text": "Ada"}', "a.jsonl, line 1: expected an object with `text` and `spans`"),
        ("a.jsonl", "", "expected labelled texts, found none"),
        ("a.conll", "Ada Lee\n", "expected a word and its BIO tag"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, name: str, content: str, told: str) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(CleartitleError) as error:
        read(tmp_path / name)
    assert told in str(error.value)
    assert "Ada" not in str(error.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(CleartitleError, match="there is no such file of labels"):
        read(tmp_path / "none.json")
