"""Pictures are compared before redaction, and again as they leave."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import privacy
from catalog.queries import query
from curation.recipe import load
from curation.runner import run

RECIPE = """\
format = 1
dataset = "quay"
[[source]]
path = "photos"
licence = "CC0-1.0"
[quality]
presets = []
[privacy]
text = "patterns"
images = "all"
"""


def photo(seed: int) -> bytes:
    """A picture that is mostly words, so that covering them changes what it looks like."""
    tones = np.random.default_rng(seed).integers(0, 255, (10, 15, 3), dtype=np.uint8)
    image = Image.fromarray(tones).resize((900, 600), Image.Resampling.BICUBIC)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(110)
    for row, line in enumerate(("ADA BERG 4711", "QUAY STREET 12", "TEL 020 79460123")):
        ground, ink = ("black", "white") if (row + seed) % 2 else ("white", "black")
        draw.rectangle((10, 20 + 190 * row, 890, 170 + 190 * row), fill=ground)
        draw.text((25, 30 + 190 * row), line, font=font, fill=ink)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=92)
    return out.getvalue()


def smaller(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        out = io.BytesIO()
        image.resize((image.width * 9 // 10, image.height * 9 // 10)).save(out, "JPEG", quality=85)
        return out.getvalue()


def test_a_copy_that_came_in_redacted_is_a_duplicate_of_what_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLEARTITLE_KEYS", str(tmp_path / "keys"))
    folder = tmp_path / "photos"
    folder.mkdir()
    redacted = privacy.redact_image(photo(1), mode="all").data
    assert redacted
    for name, data in {"whole": photo(1), "copy": smaller(redacted), "other": photo(2)}.items():
        (folder / f"{name}.jpg").write_bytes(data)
    (tmp_path / "recipe.toml").write_text(RECIPE, "utf-8")
    done = run(load(tmp_path / "recipe.toml"), workers=0)
    sql = "SELECT address, action, reasons FROM records ORDER BY address"
    found = {Path(address).stem: told for address, *told in query(done.workspace, sql).fetchall()}
    assert found["other"] == ["redact", ""]
    assert sorted([found["whole"], found["copy"]]) in (
        [["drop", "duplicate-near"], ["keep", ""]],
        [["drop", "duplicate-near"], ["redact", ""]],
    )
    sql = "SELECT kind, similarity > 0.9 FROM clusters"
    assert query(done.workspace, sql).fetchall() == [("near", True)]
    assert query(done.workspace, "SELECT count(*) FROM released").fetchall() == [(2,)]
    again = run(load(tmp_path / "recipe.toml"), workers=0)
    assert (again.manifest.name, again.work) == ("quay@1", {})
