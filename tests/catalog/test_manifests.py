from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType

import pytest

from catalog import manifests
from catalog.errors import FormatError, NotFound
from catalog.manifests import Manifest
from catalog.workspace import Workspace


def test_a_manifest_is_read_back_as_it_was_written(workspace: Workspace, make: Callable[..., Manifest]) -> None:
    made = make()
    assert manifests.versions(workspace) == [made]
    assert (made.name, made.parent, made.counts) == ("harbour@1", None, {"keep": 2, "redact": 2, "hold": 1, "drop": 3})
    assert [path.is_file() for path in made.paths(workspace, "content")] == [True]
    assert made.paths(workspace, "no such family") == []


def test_an_unchanged_result_keeps_its_number_and_a_changed_one_gets_the_next(
    workspace: Workspace, make: Callable[..., Manifest]
) -> None:
    first = make("one")
    assert manifests.commit(workspace, replace(first, run="another", created_at="later")) == first
    second = manifests.commit(workspace, replace(first, hash="two"))
    back = manifests.commit(workspace, replace(first, hash="one"))
    assert [(one.number, one.parent) for one in (first, second, back)] == [(1, None), (2, 1), (3, 2)]


def test_an_amended_version_is_not_taken_for_an_unchanged_one(
    workspace: Workspace, make: Callable[..., Manifest]
) -> None:
    first = make("one")
    manifests.write(workspace, replace(first, amendment=1))
    assert manifests.commit(workspace, first).number == 2


def test_datasets_are_counted_apart_and_sorted_by_number(workspace: Workspace, make: Callable[..., Manifest]) -> None:
    draft = make("h1")
    for number in range(2, 12):
        manifests.commit(workspace, replace(draft, hash=f"h{number}"))
    manifests.commit(workspace, replace(draft, dataset="quay"))
    names = [manifest.name for manifest in manifests.versions(workspace)]
    assert names == [*(f"harbour@{number}" for number in range(1, 12)), "quay@1"]
    assert manifests.find(workspace, "harbour").name == "harbour@11"
    assert manifests.find(workspace, "harbour@2").hash == "h2"


@pytest.mark.parametrize("name", ["harbor", "harbour@7", "", "@1", "harbour@x"])
def test_a_version_that_is_not_there_is_told_with_those_that_are(
    workspace: Workspace, make: Callable[..., Manifest], name: str
) -> None:
    make()
    with pytest.raises(NotFound, match="versions here: harbour@1"):
        manifests.find(workspace, name)


@pytest.mark.parametrize("text", ["", "[]", '{"format": 1}', '{"format": 1, "shards": {"facts": [{"x": 1}]}}'])
def test_a_file_that_is_no_manifest_is_told(workspace: Workspace, text: str) -> None:
    workspace.versions.mkdir()
    (workspace.versions / "harbour@1.json").write_text(text)
    with pytest.raises(FormatError, match="expected a version manifest"):
        manifests.versions(workspace)


def test_a_newer_manifest_is_refused(workspace: Workspace, make: Callable[..., Manifest]) -> None:
    make()
    path = workspace.versions / "harbour@1.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 2}))
    with pytest.raises(FormatError, match="has format 2"):
        manifests.versions(workspace)


def test_the_hash_covers_header_and_rows_and_keeps_fields_apart() -> None:
    header, rows = {"dataset": "harbour", "uses": ("train",)}, [("1", "keep:", "AA"), ("2", "drop:x", "")]
    known = manifests.version_hash(header, rows)
    assert known == manifests.version_hash(dict(reversed(header.items())), iter(rows))
    others = [
        manifests.version_hash({**header, "uses": ("share",)}, rows),
        manifests.version_hash(header, rows[:1]),
        manifests.version_hash(header, [("1", "keep:A", "A"), rows[1]]),
        manifests.version_hash(header, [("1k", "eep:", "AA"), rows[1]]),
    ]
    assert len({known, *others}) == 5


def test_canonical_rows_are_sorted_by_id_whatever_the_order_of_the_shards(
    workspace: Workspace, make: Callable[..., Manifest], invented: ModuleType
) -> None:
    made = make()
    decisions, content = made.paths(workspace, "decisions"), made.paths(workspace, "content")
    rows = list(manifests.canonical_rows(workspace, decisions, content))
    assert rows == list(manifests.canonical_rows(workspace, decisions[::-1], content))
    ids = [str(uuid.UUID(int=number)) for number in range(1, 9)]
    assert [row[0] for row in rows] == ids
    assert rows[:3] == [
        (ids[0], "keep:", "00000001"),
        (ids[1], "redact:", "00000002"),
        (ids[2], "drop:licence-not-accepted,optout-train-ai", ""),
    ]
    assert [row[2] for row in manifests.canonical_rows(workspace, decisions, [])] == [""] * 8
    assert list(manifests.canonical_rows(workspace, [], [])) == []
