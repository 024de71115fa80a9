from __future__ import annotations

import pytest

from catalog import manifests, tags
from catalog.diff import diff
from catalog.errors import FormatError, NotFound, UsageError
from catalog.publish import publish
from catalog.queries import query
from catalog.versions import open_version
from catalog.workspace import Workspace


def test_a_tag_is_usable_wherever_a_version_is(harbour: Workspace) -> None:
    tags.put(harbour, "harbour", 1, "paper")
    assert manifests.find(harbour, "harbour@paper").name == "harbour@1"
    assert open_version(harbour, "harbour@paper").name == "harbour@1"
    assert diff(harbour, "harbour@paper", "harbour").after == "harbour@2"
    publish(harbour)
    assert query(harbour, "FROM tags").fetchall() == [("harbour", "paper", "harbour@1")]


def test_a_tag_moves_only_where_that_is_asked_for(harbour: Workspace) -> None:
    tags.put(harbour, "harbour", 1, "paper")
    tags.put(harbour, "harbour", 1, "paper")
    with pytest.raises(UsageError, match=r"harbour@paper is version 1 already.*--move"):
        tags.put(harbour, "harbour", 2, "paper")
    tags.put(harbour, "harbour", 2, "paper", move=True)
    assert tags.read(harbour) == {"harbour": {"paper": 2}}


@pytest.mark.parametrize("label", ["2", "", "a b", "a@b", "-a", "a/b"])
def test_a_label_that_could_be_mistaken_is_refused(harbour: Workspace, label: str) -> None:
    with pytest.raises(UsageError, match="a tag begins with a letter"):
        tags.put(harbour, "harbour", 1, label)


def test_a_tag_is_taken_away_and_the_version_stays(harbour: Workspace) -> None:
    tags.put(harbour, "harbour", 1, "paper")
    tags.remove(harbour, "harbour", "paper")
    with pytest.raises(NotFound, match="harbour@paper"):
        manifests.find(harbour, "harbour@paper")
    with pytest.raises(NotFound, match="no tag 'paper'"):
        tags.remove(harbour, "harbour", "paper")
    assert manifests.find(harbour, "harbour@1").number == 1


def test_a_file_that_holds_no_tags_is_told(harbour: Workspace) -> None:
    (harbour.versions / "tags.json").write_text('{"format": 1, "tags": 3}')
    with pytest.raises(FormatError, match="expected tags"):
        manifests.find(harbour, "harbour@1")
