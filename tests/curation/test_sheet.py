"""The before/after sheet of a record: read from the source again, private, and nothing of it in the workspace."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from catalog.errors import NotFound, UsageError
from catalog.workspace import Workspace
from curation import sheet
from curation.cli import app
from curation.recipe import load
from curation.runner import run

RECIPE = """\
format = 1
dataset = "quay"
as_of = 2026-11-21
[[source]]
path = "photos"
licence = "CC0-1.0"
[quality]
presets = []
[privacy]
text = "patterns"
images = "metadata"
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("sheet")
    (folder / "photos").mkdir()
    for name in ("quay", "pier"):
        Image.effect_noise((90, 60), 80).convert("RGB").save(folder / "photos" / f"{name}.png")
    (folder / "photos" / "note.txt").write_text("The quay will be repainted, said the harbour office.")
    (folder / "recipe.toml").write_text(RECIPE, "utf-8")
    return run(load(folder / "recipe.toml"), folder / "workspace", workers=0).workspace


@pytest.fixture(autouse=True)
def no_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")


def listing(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_why_open_writes_a_private_sheet_and_says_so(workspace: Workspace, tmp_path: Path) -> None:
    before = listing(workspace.root)
    done = CliRunner().invoke(app, ["why", "photos/quay.png", "--open", "-w", str(workspace.root)])
    assert done.exit_code == 0, done.output
    [path] = tmp_path.glob("cleartitle-private-*.png")
    assert path.stat().st_mode & 0o777 == 0o600
    assert f"PRIVATE: {path} (no screen to open it on)" in done.output
    left, right = (Image.open(path).convert("RGB").crop(box) for box in ((0, 30, 90, 90), (102, 30, 192, 90)))
    with Image.open(workspace.root.parent / "photos" / "quay.png") as photo:
        assert left.tobytes() == right.tobytes() == photo.tobytes()
    assert listing(workspace.root) == before


def test_a_picture_that_changed_is_not_shown_for_the_one_that_was_judged(workspace: Workspace) -> None:
    path = workspace.root.parent / "photos" / "pier.png"
    Image.new("RGB", (90, 60), "red").save(path)
    with pytest.raises(NotFound, match="it has changed since the version was made"):
        sheet.write(workspace, "photos/pier.png")
    with pytest.raises(UsageError, match="a sheet shows pictures"):
        sheet.write(workspace, "photos/note.txt")


def test_a_sheet_is_opened_where_there_is_a_screen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    opened: list[str] = []

    def browser(address: str) -> bool:
        opened.append(address)
        return True

    monkeypatch.setattr("webbrowser.open", browser)
    assert not sheet.show(tmp_path / "a.png")
    monkeypatch.setenv("DISPLAY", ":0")
    assert sheet.show(tmp_path / "a.png")
    assert opened == [(tmp_path / "a.png").as_uri()]
