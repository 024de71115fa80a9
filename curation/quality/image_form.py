"""The form of a picture file: size, shape, frames, and whether it decodes."""

from __future__ import annotations

import io

from PIL import Image

from catalog.checks import Example
from curation.pictures import PictureView

VERSION = 1
MODALITY = "image"
REPORTS = {
    "image_readable": "1 where the whole picture decodes within the limits, else 0.",
    "image_damaged": "1 where the header can be read and the pixels cannot (truncated files), else 0.",
    "image_width": "Pixels across, as stored.",
    "image_height": "Pixels down, as stored.",
    "image_aspect": "The longer side over the shorter one.",
    "image_frames": "Frames; more than one in an animation or a multi-page file.",
    "image_bytes_per_pixel": "File size over pixels of all frames; tiny for flat or padded files.",
}


def _wide() -> bytes:
    return _png(Image.new("RGB", (40, 10), "navy"))


def _truncated() -> bytes:
    return _png(Image.effect_noise((64, 64), 80))[:-2000]


def _png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


EXAMPLES = (
    Example(_wide, ("image_readable=1", "image_damaged=0", "image_width=40", "image_aspect=4", "image_frames=1")),
    Example(_truncated, ("image_readable=0", "image_damaged=1", "image_width=64", "image_aspect=1")),
    Example(lambda: b"not a picture", ("image_readable=0", "image_damaged=0", "image_width=None")),
)


def signals(view: PictureView) -> dict[str, float | None]:
    form = view.form
    found: dict[str, float | None] = dict.fromkeys(REPORTS)
    found["image_readable"] = float(not form.problem)
    found["image_damaged"] = float(form.problem == "damaged-picture")
    if form.width and form.height:
        found["image_width"] = form.width
        found["image_height"] = form.height
        found["image_aspect"] = max(form.width, form.height) / min(form.width, form.height)
        found["image_frames"] = form.frames
        found["image_bytes_per_pixel"] = len(view.data) / (form.width * form.height * form.frames)
    return found
