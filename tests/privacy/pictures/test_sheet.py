"""The before/after sheet for a person's check."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from catalog.values import Region
from privacy.pictures.sheet import before_after
from privacy.pictures.values import ImageRedaction


def png(colour: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (100, 60), colour).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(("after", "right"), [(png("blue"), (0, 0, 255)), (None, (255, 255, 255))])
def test_the_sheet_shows_regions_on_the_left_and_the_release_on_the_right(
    after: bytes | None, right: tuple[int, int, int]
) -> None:
    region = Region("FACE", ((10, 10), (40, 10), (40, 40), (10, 40)), 0.9, "faces")

    made = before_after(png("lime"), ImageRedaction(after, (region,), (), ()), ["decision: redact"])
    sheet = Image.open(io.BytesIO(made))

    assert sheet.size == (720, 30 + 60 + 3 * 19)
    assert sheet.getpixel((80, 80)) == (0, 255, 0)
    assert sheet.getpixel((25, 70)) == (255, 0, 0)  # the outline
    assert sheet.getpixel((200, 80)) == right


def test_the_sheet_says_that_it_is_private_and_what_was_found() -> None:
    plain = before_after(png("lime"), ImageRedaction(None, (), (), (), held="still-visible"))
    sheet = Image.open(io.BytesIO(plain))
    assert sheet.getpixel((0, 0)) == (139, 0, 0)
    words = sheet.crop((0, 90, 720, sheet.height)).convert("L")
    assert words.getextrema() == (0, 255)  # something is written there
