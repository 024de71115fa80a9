from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from catalog import keys, suppression
from catalog.errors import FormatError, GateRefused, Unavailable
from catalog.gate import gate
from catalog.manifests import Manifest
from catalog.suppression import Entry, Suppression
from catalog.workspace import Workspace

DAY = dt.date(2086, 5, 1)


pytestmark = pytest.mark.usefixtures("key_folder")


def put(workspace: Workspace, kind: str, value: str | bytes, until: str = "2096-01-01") -> None:
    token = Suppression(keys.of_suppression(workspace)).token(kind, value).hex()
    suppression.add(workspace, [Entry(kind, token, until)])


def test_an_empty_list_keeps_nothing_out_and_makes_no_key(workspace: Workspace, key_folder: Path) -> None:
    listed = suppression.load(workspace)
    assert (bool(listed), listed.state, listed.hit(record="x", host="y")) == (False, "", "")
    assert not key_folder.exists()


@pytest.mark.parametrize(
    ("kind", "asked"),
    [("record", "record"), ("address", "address"), ("host", "host"), ("contributor", "contributor")],
)
def test_what_is_listed_is_met_under_its_own_kind_alone(workspace: Workspace, kind: str, asked: str) -> None:
    put(workspace, kind, "anna")
    listed = suppression.load(workspace)
    assert listed.hit(**{asked: "anna"}) == kind
    assert listed.hit(**{asked: "anne"}) == ""
    others = {"record", "address", "host", "contributor"} - {asked}
    assert listed.hit(**dict.fromkeys(others, "anna")) == ""
    assert listed.hit(content=b"anna") == ""


def test_the_list_names_nobody(workspace: Workspace) -> None:
    put(workspace, "host", "blog.example")
    text = suppression.path(workspace).read_text()
    assert "blog" not in text
    assert "blog" not in repr(suppression.load(workspace))
    assert keys.of_suppression(workspace).hex() not in text


def test_an_entry_ends_with_its_day_and_the_later_end_stands(workspace: Workspace) -> None:
    put(workspace, "host", "blog.example", "2086-05-01")
    put(workspace, "host", "news.example", "2086-05-01")
    put(workspace, "host", "news.example", "2086-06-01")
    put(workspace, "host", "news.example", "2086-02-01")
    at = {day: suppression.load(workspace, day) for day in (DAY, DAY + dt.timedelta(1), dt.date(2086, 6, 2))}
    assert [(bool(one.hit(host="blog.example")), bool(one.hit(host="news.example"))) for one in at.values()] == [
        (True, True), (False, True), (False, False),
    ]  # fmt: skip
    assert len({one.state for one in at.values()}) == 3


def test_the_list_without_its_key_is_told(workspace: Workspace, key_folder: Path) -> None:
    put(workspace, "host", "blog.example")
    (key_folder / "suppression.key").unlink()
    with pytest.raises(Unavailable, match=r"another key than the one that is here\. Restore suppression\.key"):
        suppression.load(workspace)


def test_a_damaged_list_is_told(workspace: Workspace) -> None:
    suppression.path(workspace).write_text(json.dumps({"format": 1, "entries": [{}]}))
    with pytest.raises(FormatError, match="expected a suppression list"):
        suppression.load(workspace)
    suppression.path(workspace).write_text(json.dumps({"format": 2}))
    with pytest.raises(FormatError, match="has format 2"):
        suppression.load(workspace)


def test_a_stone_can_be_found_again_with_the_key_and_not_without() -> None:
    one, other = Suppression(b"1" * 32), Suppression(b"2" * 32)
    assert one.tombstone("id", "a.warc", 7) == one.tombstone("id", "a.warc", 7)
    assert len({one.tombstone("id", "a.warc", 7), one.tombstone("id", "a.warc", 8), one.tombstone("id", "b", 7),
                one.tombstone("other", "a.warc", 7), other.tombstone("id", "a.warc", 7)}) == 5  # fmt: skip


def test_an_old_version_is_closed_at_once(
    make: Callable[..., Manifest], workspace: Workspace, invented: ModuleType
) -> None:
    manifest = make()
    assert gate(workspace, manifest, "train").records == 4
    put(workspace, "record", invented.rid(9))  # of another version
    assert gate(workspace, manifest, "train").records == 4
    put(workspace, "host", "quay.example")
    with pytest.raises(GateRefused, match="1 of 4 records are on the suppression list"):
        gate(workspace, manifest, "train")
    put(workspace, "contributor", invented.ANNA)
    with pytest.raises(GateRefused, match="may not be opened: 2 of 4 records are on the suppression list"):
        gate(workspace, manifest)


def test_a_version_found_clean_is_not_looked_through_again(make: Callable[..., Manifest], workspace: Workspace) -> None:
    manifest = make()
    put(workspace, "host", "elsewhere.example")
    gate(workspace, manifest)
    (kept,) = (workspace.stages / "cleared").iterdir()
    assert kept.name.startswith(f"{manifest.name}-{manifest.hash}-")
    gate(workspace, manifest)
    put(workspace, "host", "port.example")
    with pytest.raises(GateRefused, match="suppression list"):
        gate(workspace, manifest)
