"""A before/after sheet of one picture, for a person's check. It shows the private picture: keep it private."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from catalog.values import Region
from privacy.pictures import rebuild
from privacy.pictures.values import ImageRedaction

SIDE = 900
_INK = {"FACE": "red", "TEXT": "orange", "QR_CODE": "magenta", "BARCODE": "magenta"}


def before_after(data: bytes, done: ImageRedaction) -> bytes:
    """A PNG with the picture and its regions by kind on the left, the released one on the right.

    A held picture has no right side. Only the first frame is shown.
    """
    before = _marked(rebuild.decode(data).images[0].convert("RGB"), done.regions or ())
    after = None if done.data is None else rebuild.decode(done.data).images[0].convert("RGB")
    for image in filter(None, (before, after)):
        image.thumbnail((SIDE, SIDE))
    sheet = Image.new("RGB", (2 * before.width + 12, before.height), "white")
    sheet.paste(before, (0, 0))
    if after is not None:
        sheet.paste(after, (before.width + 12, 0))
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG")
    return buffer.getvalue()


def _marked(image: Image.Image, regions: Sequence[Region]) -> Image.Image:
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(max(12, max(image.size) // 60))
    for region in regions:
        if region.frame == 0:
            ink = _INK.get(region.kind, "cyan")
            pen.polygon(region.polygon, outline=ink, width=max(2, max(image.size) // 400))
            pen.text(region.polygon[0], f"{region.kind} {region.score:.2f}", fill=ink, font=font)
    return image
