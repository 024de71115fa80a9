from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from catalog import cards, facts, formats, manifests
from catalog.errors import FormatError
from catalog.formats import Migrated, Step
from catalog.ledger import Ledger
from catalog.publish import publish
from catalog.queries import query
from catalog.versions import open_version
from catalog.workspace import Workspace

ROOT = Path(__file__).parents[2]
FROZEN = Path(__file__).parent / "frozen" / "first-format.zip"


@pytest.fixture
def first_format(tmp_path: Path) -> Workspace:
    """The invented workspace as the first release wrote it, byte for byte."""
    shutil.unpack_archive(FROZEN, tmp_path)
    return Workspace.open(tmp_path / "first-format")


def test_a_workspace_of_the_first_format_is_opened_read_and_published(first_format: Workspace) -> None:
    assert [one.name for one in manifests.versions(first_format)] == ["harbour@1", "harbour@2"]
    assert next(row["text"] for row in open_version(first_format, "harbour@1").rows()) == "Ship number 1 is in."
    publish(first_format)
    sql = "SELECT version, count(*), count(licence) FROM records GROUP BY version ORDER BY version"
    assert query(first_format, sql).fetchall() == [("harbour@1", 8, 5), ("harbour@2", 8, 6)]
    assert [(row.run, row.epsilon) for row in Ledger(first_format.ledger).rows()] == [("r1", 2.5)]
    assert query(first_format, "SELECT answer FROM reviews").fetchall() == [("accept",)]


def test_its_facts_are_brought_up_to_date_in_memory_and_by_migrate(first_format: Workspace) -> None:
    first = manifests.find(first_format, "harbour@1")
    path = facts.facts_path(first_format, first)
    before = path.read_bytes()
    assert json.loads(before)["format"] == 1
    read = facts.load(first_format, first)
    assert read is not None
    assert (read["title"], read["url"], read["measurements"]) == ("Harbour", None, None)
    assert path.read_bytes() == before
    assert formats.migrate(first_format, dry=True) == [Migrated(path, 1, facts.FORMAT)]
    assert path.read_bytes() == before
    assert formats.migrate(first_format) == [Migrated(path, 1, facts.FORMAT)]
    assert json.loads(path.read_bytes())["format"] == facts.FORMAT
    assert facts.load(first_format, first) == read
    assert formats.migrate(first_format) == []


def test_a_card_of_the_first_format_is_made_anew_with_the_answers_it_had(first_format: Workspace) -> None:
    publish(first_format)
    first = manifests.find(first_format, "harbour@1")
    assert "office@port.example" in cards.write(first_format, first).read_text("utf-8")
    assert cards.verify(first_format, first) == []


def test_steps_are_taken_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "FORMAT", 4)
    steps = [
        Step("facts", 3, "", lambda found: {**found, "path": [*found["path"], 3]}),
        Step("facts", 2, "", lambda found: {**found, "path": [*found["path"], 2]}),
        Step("manifest", 2, "", lambda found: {}),
    ]
    assert formats.up_to_date("facts", {"format": 2, "path": []}, Path("f"), steps) == {"format": 4, "path": [2, 3]}
    with pytest.raises(FormatError, match="has format 2, from which no step leads to 4"):
        formats.up_to_date("facts", {"format": 2}, Path("f"), steps[:1])


@pytest.mark.parametrize("kind", [one for one in formats.ON_DISK if one.json], ids=lambda one: one.kind)
def test_a_newer_format_is_refused_with_a_sentence(workspace: Workspace, kind: formats.OnDisk) -> None:
    path = workspace.root / kind.place.replace("*@*", "harbour@1").replace("*", "harbour")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"format": kind.newest + 1}))
    said = f"has format {kind.newest + 1}, this program knows formats up to {kind.newest}. Update cleartitle."
    with pytest.raises(FormatError, match=re.escape(said)):
        formats.migrate(workspace)


def test_every_format_number_of_this_room_is_in_the_table() -> None:
    owners = {
        f"catalog.{path.stem}"
        for path in (ROOT / "catalog").glob("*.py")
        if re.search(r"^FORMAT = \d+", path.read_text("utf-8"), re.MULTILINE)
    }
    assert owners == {one.module for one in formats.ON_DISK}
    assert [one.newest for one in formats.ON_DISK if one.kind in ("facts", "manifest")] == [manifests.FORMAT, 3]


def test_every_step_ends_at_a_number_that_exists(workspace: Workspace) -> None:
    newest = {one.kind: one.newest for one in formats.ON_DISK}
    assert len({(step.kind, step.before) for step in formats.STEPS}) == len(formats.STEPS)
    for step in formats.STEPS:
        assert 1 <= step.before < newest[step.kind]
        assert step.about
