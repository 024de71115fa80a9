"""Pictures: form, faults and hashes; whatever the file, a fact and never an error."""

from __future__ import annotations

import io
import random
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from catalog.values import Signals
from curation.pictures import PictureView
from curation.signals import checks, measure
from curation.similarity import CHECK_DISTANCE, PICTURE_DISTANCE


def scene(seed: int) -> Image.Image:
    """A drawn picture with large and small shapes, unlike that of any other seed."""
    chooser = random.Random(seed)
    image = Image.linear_gradient("L").resize((480, 360)).rotate(chooser.choice((0, 90, 180))).convert("RGB")
    draw = ImageDraw.Draw(image)
    for _ in range(60):
        x, y, size = chooser.randrange(480), chooser.randrange(360), chooser.randrange(8, 120)
        colour = tuple(chooser.randrange(256) for _ in range(3))
        shape = chooser.choice((draw.ellipse, draw.rectangle))
        shape((x, y, x + size, y + size), fill=colour)
    return image


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def signals(data: bytes) -> Signals:
    return measure(checks("image"), PictureView(data))


def distances(one: bytes, other: bytes) -> tuple[int, int]:
    views = PictureView(one), PictureView(other)
    pairs = [(view.hash, view.check) for view in views]
    (short, long), (other_short, other_long) = pairs
    assert short is not None
    assert other_short is not None
    assert long is not None
    assert other_long is not None
    return (short ^ other_short).bit_count(), sum((a ^ b).bit_count() for a, b in zip(long, other_long, strict=True))


COPIES = {
    "compressed": lambda image: saved(image, "JPEG", quality=60),
    "smaller": lambda image: saved(image.resize((320, 240))),
    "brighter": lambda image: saved(ImageEnhance.Brightness(image).enhance(1.1)),
    "as webp": lambda image: saved(image, "WEBP", quality=70),
    "grey": lambda image: saved(image.convert("L")),
}


@pytest.mark.parametrize("copy", COPIES)
@pytest.mark.parametrize("seed", range(3))
def test_a_copy_stays_within_both_distances(copy: str, seed: int) -> None:
    short, long = distances(saved(scene(seed)), COPIES[copy](scene(seed)))
    assert short <= PICTURE_DISTANCE
    assert long <= CHECK_DISTANCE


def test_other_pictures_lie_beyond_both_distances() -> None:
    pictures = [saved(scene(seed)) for seed in range(8)]
    pairs = [distances(one, other) for place, one in enumerate(pictures) for other in pictures[:place]]
    assert min(short for short, _ in pairs) > PICTURE_DISTANCE
    assert min(long for _, long in pairs) > 2 * CHECK_DISTANCE


def test_a_picture_turned_by_its_orientation_tag_has_the_hash_of_the_upright_one() -> None:
    tags = Image.Exif()
    tags[274] = 6  # shown turned a quarter to the right
    assert distances(saved(scene(1)), saved(scene(1).rotate(90, expand=True), "PNG", exif=tags)) == (0, 0)


@pytest.mark.parametrize(
    "image", [Image.new("RGB", (64, 64), "white"), Image.new("L", (1, 1)), Image.new("RGB", (300, 1))]
)
def test_a_flat_picture_has_no_hash(image: Image.Image) -> None:
    view = PictureView(saved(image))
    assert (view.hash, view.check) == (None, None)


# Each fault and the signal that must tell it from the picture without it: (fault, signal, below or above).
FAULTS = {
    "blurred": (lambda image: image.filter(ImageFilter.GaussianBlur(6)), "image_sharpness", "below", 40),
    "dark": (lambda image: ImageEnhance.Brightness(image).enhance(0.1), "image_bright_end", "below", 0.32),
    "washed out": (lambda image: image.point(lambda level: 200 + level // 5), "image_dark_end", "above", 0.6),
    "blank": (lambda image: Image.new("RGB", image.size, "white"), "image_entropy", "below", 1),
    "grey": (lambda image: image.convert("L"), "image_colour", "below", 0.01),
    "odd shape": (lambda image: image.resize((500, 50)), "image_aspect", "above", 4),
    "small": (lambda image: image.resize((40, 30)), "image_width", "below", 64),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("seed", range(3))
def test_a_fault_shows_and_its_absence_too(fault: str, seed: int) -> None:
    spoil, signal, side, bound = FAULTS[fault]
    sound, spoiled = signals(saved(scene(seed)))[signal], signals(saved(spoil(scene(seed))))[signal]
    assert sound is not None
    assert spoiled is not None
    assert (spoiled < bound <= sound) if side == "below" else (sound <= bound < spoiled)


def test_a_blurred_background_is_no_fault() -> None:
    image = scene(1).filter(ImageFilter.GaussianBlur(8))
    image.paste(scene(2).crop((100, 100, 300, 300)), (140, 80))
    assert (signals(saved(image))["image_sharpness"] or 0) > 40


def animation(frames: int) -> bytes:
    pictures = [scene(seed).resize((32, 24)) for seed in range(frames)]
    return saved(pictures[0], "GIF", save_all=True, append_images=pictures[1:])


def test_an_animation_tells_its_frames() -> None:
    assert signals(animation(3))["image_frames"] == 3


@pytest.mark.parametrize(
    ("data", "readable", "damaged"),
    [
        (b"", 0, 0),
        (b"<html>no picture</html>", 0, 0),
        (saved(scene(1))[:3000], 0, 1),
        (saved(scene(1), "JPEG")[:-3000], 0, 1),
        (saved(scene(1), "JPEG"), 1, 0),
        (saved(Image.new("1", (8, 8))), 1, 0),
        (saved(Image.new("RGBA", (8, 8))), 1, 0),
        (saved(Image.new("P", (8, 8)), "GIF"), 1, 0),
        (saved(Image.new("I;16", (8, 8))), 1, 0),
        (saved(Image.new("CMYK", (8, 8)), "TIFF"), 1, 0),
    ],
)
def test_every_file_is_measured_and_none_is_an_error(data: bytes, readable: int, damaged: int) -> None:
    found = signals(data)
    assert (found["image_readable"], found["image_damaged"]) == (readable, damaged)
    assert (found["image_entropy"] is None) == (not readable)


def test_a_bomb_is_not_decoded() -> None:
    # A header that claims 60,000 x 60,000 pixels, in a few bytes.
    data = bytearray(saved(Image.new("1", (8, 8))))
    data[16:24] = (60000).to_bytes(4, "big") * 2
    view = PictureView(bytes(data))
    assert view.form.problem
    assert view.colours is None


def test_flipped_bytes_never_raise() -> None:
    chooser = random.Random(3)
    sound = saved(scene(1).resize((96, 72)), "JPEG"), saved(scene(2).resize((48, 36))), animation(2)
    for data in sound:
        for _ in range(40):
            broken = bytearray(data)
            for _ in range(8):
                broken[chooser.randrange(len(broken))] = chooser.randrange(256)
            assert signals(bytes(broken))["image_readable"] in (0, 1)


def test_the_picture_stays_out_of_the_repr() -> None:
    view = PictureView(saved(scene(1)))
    assert repr(view) == "PictureView()"
    assert view.colours is not None
    assert view.colours.shape == (360, 480, 3)
    assert np.issubdtype(view.colours.dtype, np.uint8)
