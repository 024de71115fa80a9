from __future__ import annotations

import uuid
from collections.abc import Callable
from types import ModuleType

import pytest

from catalog.diff import Change, Diff, Drift, Shift, changes, diff
from catalog.errors import NotFound
from catalog.manifests import Manifest
from catalog.workspace import Workspace


def rid(number: int) -> str:
    return str(uuid.UUID(int=number))


def test_a_diff_counts_what_changed_and_why(seen: Workspace) -> None:
    assert diff(seen, "harbour@1", "harbour@2") == Diff(
        before="harbour@1",
        after="harbour@2",
        entered=1,
        left=1,
        added=2,
        removed=1,
        changed=1,
        decisions=(Shift("hold", "keep", 1, "review-accepted"),),
        licences=(),
        drift=(
            Drift("lines", None, 3.125, None),
            Drift("words", pytest.approx(11 / 3), 4.0, pytest.approx(0.154, abs=0.001)),
        ),
        shards_shared=1,
        shards_read=9,
    )


def test_every_change_is_listed_by_record(seen: Workspace) -> None:
    assert list(changes(seen, "harbour@1", "harbour@2")) == [
        Change(rid(1), "content", None, None, ""),
        Change(rid(5), "added", None, None, ""),
        Change(rid(5), "decision", "hold", "keep", "review-accepted"),
        Change(rid(7), "left", None, None, ""),
        Change(rid(7), "removed", None, None, ""),
        Change(rid(9), "added", None, None, ""),
        Change(rid(9), "entered", None, None, ""),
    ]


def test_the_other_way_round_is_the_mirror_image(seen: Workspace) -> None:
    there, back = diff(seen, "harbour@1", "harbour@2"), diff(seen, "harbour@2", "harbour@1")
    assert (back.entered, back.left, back.added, back.removed) == (
        there.left,
        there.entered,
        there.removed,
        there.added,
    )
    assert back.decisions == (Shift("keep", "hold", 1, "nd-needs-redaction"),)


def test_a_version_differs_from_itself_in_nothing_and_nothing_is_read(seen: Workspace) -> None:
    same = diff(seen, "harbour@2", "harbour@2")
    assert (same.entered, same.left, same.added, same.removed, same.changed, same.decisions) == (0, 0, 0, 0, 0, ())
    assert same.shards_read == 0


def test_a_record_that_moved_to_another_shard_did_not_change(
    make: Callable[..., Manifest], workspace: Workspace, invented: ModuleType
) -> None:
    make("a")
    rows = invented.first_rows()
    turned = {family: (lambda given: given[::-1]) for family in ("facts", "decisions", "content")}
    make("b", changes=turned)
    found = diff(workspace, "harbour@1", "harbour@2")
    assert found.shards_shared == 0
    assert (found.entered, found.left, found.changed, found.decisions) == (0, 0, 0, ())
    assert len(rows["facts"]) == 8


def test_a_licence_that_shifted_is_told(make: Callable[..., Manifest], workspace: Workspace) -> None:
    make("a")
    make("b", changes={"content": lambda rows: [{**rows[0], "licence": "CC-BY-3.0", "row_digest": b"n"}, *rows[1:]]})
    found = diff(workspace, "harbour@1", "harbour@2")
    assert found.licences == (Shift("CC-BY-4.0", "CC-BY-3.0", 1),)
    assert found.changed == 0


def test_a_version_that_is_not_there_is_named(seen: Workspace) -> None:
    with pytest.raises(NotFound, match="harbour@9"):
        diff(seen, "harbour@1", "harbour@9")
