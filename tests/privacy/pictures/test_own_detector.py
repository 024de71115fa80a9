"""A user's own ONNX model, by path: the example of docs/explanation/pictures.md, run as it stands there."""

from __future__ import annotations

import io
import re
import struct
from pathlib import Path

import pytest
from PIL import Image

from catalog import checks
from privacy.pictures.looks import image_fingerprint
from privacy.pictures.redact import redact_image
from privacy.pictures.values import ImageOptions

pytest.importorskip("onnxruntime")
PAGE = Path(__file__).parents[3] / "docs/explanation/pictures.md"


def field(number: int, value: int | bytes) -> bytes:
    """One field of a protocol buffer."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value: int) -> bytes:
    low = bytes([value & 127 | (128 if value > 127 else 0)])
    return low + (varint(value >> 7) if value > 127 else b"")


def port(number: int, name: bytes, *sizes: int) -> bytes:
    shape = b"".join(field(1, field(1, size)) for size in sizes)
    return field(number, field(1, name) + field(2, field(1, field(1, 1) + field(2, shape))))


def model(*box: float) -> bytes:
    """An ONNX file that finds this one box (left, top, right, bottom, score) whatever it is shown."""
    tensor = field(1, 1) + field(1, 5) + field(2, 1) + field(9, struct.pack("<5f", *box))
    constant = (
        field(2, b"boxes") + field(4, b"Constant") + field(5, field(1, b"value") + field(5, tensor) + field(20, 4))
    )
    graph = field(1, constant) + field(2, b"g") + port(11, b"input", 1, 320, 320, 3) + port(12, b"boxes", 1, 5)
    return field(1, 8) + field(7, graph) + field(8, field(2, 13))


def test_a_detector_of_ones_own_covers_what_its_model_finds(tmp_path: Path) -> None:
    (tmp_path / "tattoo.onnx").write_bytes(model(80, 80, 160, 160, 0.9))
    folder = tmp_path / "checks"
    folder.mkdir()
    [code] = re.findall(r"```python\n(\"\"\"Tattoos.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (folder / "tattoo.py").write_text(code.replace("/models/tattoo.onnx", str(tmp_path / "tattoo.onnx")), "utf-8")
    assert "tattoo" in {check.name for check in checks.discover("regions", folder)}
    assert image_fingerprint(str(folder)) != image_fingerprint()

    out = io.BytesIO()
    Image.effect_noise((640, 640), 30).convert("RGB").save(out, "PNG")
    done = redact_image(out.getvalue(), "all", options=ImageOptions(checks=str(folder), guarded=False))

    found = [region for region in done.regions or () if region.kind == "TATTOO"]
    assert {(region.polygon, region.detector) for region in found} == {
        (((160, 160), (320, 160), (320, 320), (160, 320)), "tattoo")
    }
    assert done.held == "still-visible"  # this model finds it for ever: a person must look
