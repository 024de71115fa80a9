"""A before/after sheet of one picture, for a person's check. It shows the private picture: keep it private."""

from __future__ import annotations

import io
import textwrap
from collections import Counter
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from catalog.values import Region
from privacy.pictures import rebuild
from privacy.pictures.values import ImageRedaction

SIDE = 900
WARNING = "PRIVATE: the left side shows the picture before redaction. Look, then delete this file."
_INK = {"FACE": "red", "TEXT": "orange", "QR_CODE": "magenta", "BARCODE": "magenta"}
_GAP = 12
_LETTER = 15
_LEAST_WIDTH = 720  # room for a line of words under small pictures
_COLUMN = 92  # letters in a line of that width


def before_after(data: bytes, done: ImageRedaction, notes: Sequence[str] = ()) -> bytes:
    """A PNG with the picture and its regions by kind on the left, the released one on the right.

    A held picture has no right side. Only the first frame is shown. Under both stand what the
    regions are and `notes`, such as the reasons of a decision.
    """
    before = _marked(rebuild.decode(data).images[0].convert("RGB"), done.regions or ())
    after = None if done.data is None else rebuild.decode(done.data).images[0].convert("RGB")
    for image in filter(None, (before, after)):
        image.thumbnail((SIDE, SIDE))
    told = [line for note in (*_counts(done), *notes) for line in textwrap.wrap(note, _COLUMN)]
    head, foot = 2 * _LETTER, (len(told) + 1) * (_LETTER + 4) if told else 0
    width = max(2 * before.width + _GAP, _LEAST_WIDTH)
    sheet = Image.new("RGB", (width, head + before.height + foot), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(_LETTER)
    pen.rectangle((0, 0, width, head - 1), fill="darkred")
    pen.text((_GAP, 6), WARNING, fill="white", font=font)
    sheet.paste(before, (0, head))
    if after is not None:
        sheet.paste(after, (before.width + _GAP, head))
    for number, line in enumerate(told):
        pen.text((_GAP, head + before.height + _LETTER // 2 + number * (_LETTER + 4)), line, fill="black", font=font)
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG")
    return buffer.getvalue()


def _counts(done: ImageRedaction) -> list[str]:
    if done.held:
        return [f"held: {done.held}"]
    if done.regions is None:
        return ["the pixels were not examined"]
    counted = Counter((region.kind, region.detector) for region in done.regions)
    kinds = ", ".join(f"{count} {kind} (found by {detector})" for (kind, detector), count in sorted(counted.items()))
    return [f"covered: {kinds or 'nothing'}; {done.covered or 0:.1%} of the picture"]


def _marked(image: Image.Image, regions: Sequence[Region]) -> Image.Image:
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(max(12, max(image.size) // 60))
    for region in regions:
        if region.frame == 0:
            ink = _INK.get(region.kind, "cyan")
            pen.polygon(region.polygon, outline=ink, width=max(2, max(image.size) // 400))
            pen.text(region.polygon[0], f"{region.kind} {region.score:.2f}", fill=ink, font=font)
    return image
