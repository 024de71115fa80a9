"""A hostile picture costs its child process and nothing else."""

from __future__ import annotations

import io
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from PIL import Image

from catalog.errors import CheckError
from catalog.values import Region
from privacy.custom import Custom
from privacy.pictures import child
from privacy.pictures.redact import redact_image, scan_image
from privacy.pictures.values import ImageLimits, ImageOptions

DETECTOR = (
    "from catalog.checks import Example\nVERSION = 1\nREPORTS = {'X': 'x'}\nEXAMPLES = (Example(None),)\n"
    "def regions(images):\n    "
)


def png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        ("import time; time.sleep(60)", "over-time"),
        ("import os; os._exit(9)", "crashed"),
        ("raise MemoryError", "over-memory"),
        ("raise ZeroDivisionError", "crashed"),
    ],
)
def test_a_picture_that_breaks_its_child_is_held_and_the_next_one_is_served(
    tmp_path: Path, deed: str, reason: str
) -> None:
    (tmp_path / "hostile.py").write_text(DETECTOR + deed + "\n")
    limits = ImageLimits(seconds=3.0) if reason == "over-time" else ImageLimits()
    options = ImageOptions(checks=str(tmp_path), limits=limits)

    done = redact_image(png(), "all", options=options)

    assert (done.data, done.regions, done.held) == (None, None, reason)
    assert redact_image(png(), "metadata").held == ""


def test_memory_over_the_limit_is_refused_by_the_system(tmp_path: Path) -> None:
    (tmp_path / "hungry.py").write_text(DETECTOR + "bytearray(3 * 2**30)\n    return [[] for _ in images]\n")
    options = ImageOptions(checks=str(tmp_path), limits=ImageLimits(memory=2 * 2**30))

    assert redact_image(png(), "all", options=options).held == "over-memory"


def test_a_file_over_the_limit_is_not_even_sent() -> None:
    options = ImageOptions(limits=ImageLimits(bytes=10))

    assert redact_image(png(), "metadata", options=options).held == "image-too-large"
    assert scan_image(png(), "all", options).status == "image-too-large"


def test_the_child_tells_the_same_as_the_work_done_here() -> None:
    here = redact_image(png(), "metadata", options=ImageOptions(guarded=False))

    assert redact_image(png(), "metadata") == here


def test_a_message_that_is_cut_short_is_no_message() -> None:
    whole = child.pack({"held": ""}, b"pixels")

    assert child.unpack(io.BytesIO(whole).read) == ({"held": ""}, b"pixels")
    for length in (0, 5, len(whole) - 1):
        with pytest.raises(EOFError):
            child.unpack(io.BytesIO(whole[:length]).read)


def test_a_child_answers_each_request_and_ends_with_its_input() -> None:
    head = {"mode": "metadata", "regions": None, "options": asdict(ImageOptions())}
    requests = (
        child.pack(head | {"call": "scan"}, b""),
        child.pack(head | {"call": "redact"}, png()),
        child.pack(head | {"call": "redact", "mode": "everything"}, b""),
        child.pack({}, b""),
    )
    sink = io.BytesIO()

    child.serve(io.BytesIO(b"".join(requests)), sink)

    sink.seek(0)
    scan, redaction, usage, broken = (child.unpack(sink.read) for _ in requests)
    assert child.scan_from_head(scan[0]).status == "not-examined"
    assert child.redaction_from_head(*redaction) == redact_image(png(), "metadata", options=ImageOptions(guarded=False))
    assert usage[0]["error"] == "UsageError"
    assert broken[0] == {"failed": "crashed", "type": "KeyError"}
    assert sink.read() == b""


def test_what_the_child_says_of_regions_comes_back_as_it_was() -> None:
    regions = (Region("FACE", ((1, 2), (3, 2), (3, 4), (1, 4)), 0.5, "faces", 2),)

    assert child.regions_from_lists(child.regions_as_lists(regions)) == regions
    assert child.regions_from_lists(child.regions_as_lists(None)) is None


def test_a_usage_error_in_the_child_is_raised_here(tmp_path: Path) -> None:
    (tmp_path / "half.py").write_text("def regions(images):\n    return []\n")

    with pytest.raises(CheckError, match="VERSION"):
        redact_image(png(), "all", options=ImageOptions(checks=str(tmp_path)))


def test_the_child_is_told_every_option_and_works_unguarded() -> None:
    options = ImageOptions(
        text="fast",
        language="de",
        checks="checks",
        countries=("in", "au"),
        model="own.npz",
        allow=("Pier 4",),
        custom=(Custom("BERTH", "Q[0-9]", context=("pier",)), Custom("PLAN", words=("Halyard",), score=1.0)),
        files=("more.yaml",),
        pipeline="xx_own_pipeline",
        limits=ImageLimits(seconds=3.0),
    )

    head, _ = child.unpack(io.BytesIO(child.pack({"options": asdict(options)}, b"")).read)

    assert child._options(head["options"]) == replace(options, guarded=False)
    assert "Halyard" not in repr(options)
