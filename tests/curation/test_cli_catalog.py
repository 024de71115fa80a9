"""The commands that keep the catalog, on a workspace of the first format."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from catalog.workspace import Workspace
from curation.doctor import workspace_findings

FROZEN = Path(__file__).parents[1] / "catalog" / "frozen" / "first-format.zip"


@pytest.fixture(autouse=True)
def frozen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The frozen workspace stands where commands look."""
    shutil.unpack_archive(FROZEN, tmp_path)
    monkeypatch.setenv("CLEARTITLE_WORKSPACE", str(tmp_path / "first-format"))
    monkeypatch.setenv("COLUMNS", "200")


def test_publish_writes_the_catalog_and_the_one_to_give_away(call, tmp_path: Path) -> None:
    out = tmp_path / "given" / "harbour.duckdb"
    code, printed, _ = call("publish", "harbour@1", "--public", "--out", out)
    written = [tmp_path / "first-format" / "catalog.duckdb", out, out.with_suffix(".md")]
    assert (code, printed.splitlines()) == (0, [str(path) for path in written])
    with duckdb.connect(str(out), read_only=True) as connection:
        assert connection.execute("SELECT version FROM versions").fetchall() == [("harbour@1",)]


@pytest.mark.parametrize("arguments", [("harbour@1",), ("--public",), ("--out", "x")])
def test_publish_says_what_goes_together(call, arguments: tuple[str, ...]) -> None:
    assert call("publish", *arguments)[0] == 2


def test_a_tag_is_given_listed_used_and_taken_away(call) -> None:
    assert call("tag", "harbour@1", "paper")[0] == 0
    assert "paper" in call("tag", "harbour")[1]
    assert "(paper)" in call("status")[1]
    assert call("card", "harbour@paper")[1].startswith("---\n")
    code, _, err = call("tag", "harbour@2", "paper")
    assert (code, "--move" in err) == (2, True)
    assert "harbour@paper is harbour@2 now" in call("tag", "harbour@2", "paper", "--move")[1]
    assert call("tag", "harbour", "paper", "--remove")[0] == 0
    assert call("card", "harbour@paper")[0] == 2


def test_migrate_tells_first_then_does_it(call, tmp_path: Path) -> None:
    facts = tmp_path / "first-format" / "cards" / "harbour@1" / "facts.json"
    code, out, _ = call("migrate", "--dry-run")
    assert (code, "1 files of an older format" in out, json.loads(facts.read_text())["format"]) == (0, True, 1)
    assert ("note", "1 files of an older format, read all the same") in _told(tmp_path / "first-format")
    assert call("migrate")[0] == 0
    assert json.loads(facts.read_text())["format"] == 3
    assert "0 files of an older format" in call("migrate")[1]
    assert ("ok", "all as of today") in _told(tmp_path / "first-format")


def _told(root: Path) -> list[tuple[str, str]]:
    return [(one.state, one.found) for one in workspace_findings(Workspace.open(root))]


def test_an_export_carries_the_public_catalog_and_says_what_its_croissant_lacks(call, tmp_path: Path) -> None:
    call("publish")
    code, out, _ = call("export", "harbour@1", "--out", tmp_path / "out", "--catalog")
    assert code == 0
    assert "croissant.json lacks url: answer `url` in the card file" in " ".join(out.split())
    assert {"catalog.duckdb", "croissant.json"} <= {path.name for path in (tmp_path / "out").iterdir()}


def test_answers_make_the_card_anew_without_a_run(call, tmp_path: Path) -> None:
    (tmp_path / "card.yaml").write_text("url: https://port.example/data\n")
    assert "https://port.example/data" not in call("card", "harbour@1")[1]
    assert "https://port.example/data" in call("card", "harbour@1", "--answers", tmp_path / "card.yaml")[1]
    assert "https://port.example/data" in call("card", "harbour@1", "--anew")[1]
    assert call("card", "harbour@1", "--verify")[0] == 0
