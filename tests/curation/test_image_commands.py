"""Pictures without a recipe: `cleartitle image redact`."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from typer.testing import CliRunner

from catalog.errors import UsageError
from curation.cli import app


def redact(*names: str, out: Path) -> tuple[int, str, BaseException | None]:
    done = CliRunner().invoke(app, ["image", "redact", *names, "--out", str(out), "--mode", "metadata"])
    return done.exit_code, done.output, done.exception


def test_photos_are_written_beside_never_over_each_other(tmp_path: Path) -> None:
    photo, broken, out = tmp_path / "a.png", tmp_path / "b.jpg", tmp_path / "out"
    Image.new("RGB", (8, 8), "red").save(photo)
    broken.write_bytes(b"\xff\xd8\xff no picture")
    before = photo.read_bytes()
    code, told, _ = redact(str(photo), str(broken), out=out)
    assert (code, [path.name for path in out.iterdir()]) == (3, ["a.png"])
    assert "unreadable-image" in told
    _, _, error = redact(str(photo), out=tmp_path)
    assert isinstance(error, UsageError)
    assert photo.read_bytes() == before
