"""The demo's photographs: drawn with Pillow, given by people who do not exist."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from curation.demo import _exif
from curation.demo._dice import Dice, stock

_SIZE = (480, 360)
_SKIES = {
    "": ((150, 190, 220), (60, 110, 140)),
    "evening": ((230, 150, 100), (90, 80, 110)),
    "night": ((20, 25, 50), (10, 15, 30)),
    "fog": ((205, 208, 210), (170, 178, 182)),
}
_COLUMNS = (
    "file", "contributor", "consent_scope", "granted_at", "expires", "withdrawn", "title", "caption", "licence",
)  # fmt: skip


def write_photos(folder: Path, seed: int) -> None:
    """Draw the photographs and write who gave them, with what consent."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number, photo in enumerate(stock("photos")["photo"]):
        dice = Dice(f"{seed}/photo/{photo['file']}")
        drawn = draw_jpeg(photo, dice) if photo["file"].endswith(".jpg") else _draw_png(photo, dice)
        (folder / photo["file"]).write_bytes(drawn)
        if photo.get("consent") != "none":
            rows.append(_row(photo, number))
    # A row whose picture never arrived: real tables have one, too.
    rows.append({"file": "lost-in-the-post.jpg", "contributor": "rufus", "consent_scope": "train"})
    with (folder / "contributions.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, _COLUMNS, restval="", lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def _row(photo: dict[str, Any], number: int) -> dict[str, str]:
    kept = {name: photo[name] for name in _COLUMNS if name in photo}
    granted = f"2025-{1 + number % 12:02}-15"
    return {**kept, "consent_scope": ";".join(photo["scope"]), "granted_at": granted}


def draw_jpeg(photo: dict[str, Any], dice: Dice) -> bytes:
    """One photograph as a JPEG file, with what hides in it."""
    image, hidden = _draw(photo, dice), photo.get("hidden", ())
    out = io.BytesIO()
    extra: dict[str, Any] = {"xmp": _xmp(photo)} if "xmp" in hidden else {}
    image.save(out, "JPEG", quality=88, exif=_exif.block(image, hidden, photo["file"]), **extra)
    return out.getvalue()


def _draw_png(photo: dict[str, Any], dice: Dice) -> bytes:
    info = PngInfo()
    info.add_text("Title", photo["title"])
    if "xmp" in photo.get("hidden", ()):
        info.add_itxt("XML:com.adobe.xmp", _xmp(photo).decode())
    out = io.BytesIO()
    # Few colours and no compression: compressors differ from machine to machine.
    _draw(photo, dice).quantize(64, dither=Image.Dither.NONE).save(out, "PNG", pnginfo=info, compress_level=0)
    return out.getvalue()


def _xmp(photo: dict[str, Any]) -> bytes:
    kind, _, version = photo["licence"].removeprefix("CC-").rpartition("-")
    path = (
        "publicdomain/zero/1.0" if kind == "CC0" or "CC0" in photo["licence"] else f"licenses/{kind.lower()}/{version}"
    )
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:cc="http://creativecommons.org/ns#" '
        'xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/">'
        f'<cc:license rdf:resource="https://creativecommons.org/{path}/"/>'
        "<xmpRights:Marked>True</xmpRights:Marked>"
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def _draw(photo: dict[str, Any], dice: Dice) -> Image.Image:
    image = Image.new("RGB", _SIZE)
    draw = ImageDraw.Draw(image)
    _background(draw, *_SKIES[photo.get("sky", "")])
    _SCENES[photo["scene"]](draw, photo, dice)
    return image


def _background(draw: ImageDraw.ImageDraw, sky: tuple[int, int, int], sea: tuple[int, int, int]) -> None:
    width, height = _SIZE
    horizon = height * 3 // 5
    for y in range(height):
        if y < horizon:
            colour = tuple(min(255, part + y // 8) for part in sky)
        else:
            colour = tuple(max(0, part - (y - horizon) // 4 + (y % 7 == 0) * 8) for part in sea)
        draw.line((0, y, width, y), fill=colour)


def _lighthouse(draw: ImageDraw.ImageDraw, _: dict[str, Any], dice: Dice) -> None:
    x = 180 + dice.below(120)
    draw.polygon([(x - 120, 250), (x - 60, 205), (x + 70, 200), (x + 130, 250)], fill=(90, 85, 75))
    draw.polygon([(x - 28, 210), (x - 18, 90), (x + 18, 90), (x + 28, 210)], fill=(240, 236, 228))
    for y in (110, 150, 190):
        draw.rectangle((x - 22, y, x + 22, y + 16), fill=(180, 40, 40))
    draw.rectangle((x - 14, 66, x + 14, 90), fill=(250, 230, 140), outline=(40, 40, 40))
    draw.polygon([(x - 18, 66), (x, 46), (x + 18, 66)], fill=(60, 60, 60))


def _boats(draw: ImageDraw.ImageDraw, photo: dict[str, Any], dice: Dice) -> None:
    count = photo["count"]
    for number in range(count):
        x = (number + 1) * _SIZE[0] // (count + 1) - 10 + dice.below(20)
        y = 225 + dice.below(60)
        hull = (60 + dice.below(150), 40 + dice.below(60), 40 + dice.below(120))
        draw.polygon([(x - 36, y), (x + 38, y), (x + 26, y + 20), (x - 26, y + 20)], fill=hull)
        draw.line((x, y, x, y - 84), fill=(70, 50, 30), width=3)
        draw.polygon([(x + 3, y - 80), (x + 34, y - 10), (x + 3, y - 10)], fill=(244, 240, 230))


def _ferry(draw: ImageDraw.ImageDraw, _: dict[str, Any], dice: Dice) -> None:
    x, y = 120 + dice.below(80), 235
    draw.polygon([(x - 60, y), (x + 220, y), (x + 195, y + 40), (x - 40, y + 40)], fill=(200, 195, 60))
    draw.rectangle((x, y - 42, x + 150, y), fill=(245, 245, 245), outline=(90, 90, 90))
    for window in range(5):
        draw.rectangle((x + 10 + window * 28, y - 32, x + 30 + window * 28, y - 14), fill=(80, 120, 150))
    draw.rectangle((x + 60, y - 70, x + 80, y - 42), fill=(170, 50, 40))


def _crane(draw: ImageDraw.ImageDraw, _: dict[str, Any], dice: Dice) -> None:
    x = 150 + dice.below(60)
    steel = (205, 120, 30)
    draw.rectangle((0, 250, _SIZE[0], 262), fill=(110, 108, 104))
    for foot in (x - 30, x + 30):
        draw.line((foot, 250, x, 90), fill=steel, width=7)
    draw.line((x - 60, 90, x + 210, 70), fill=steel, width=9)
    draw.line((x + 180, 72, x + 180, 180), fill=(30, 30, 30), width=2)
    draw.rectangle((x + 155, 180, x + 205, 215), fill=(60, 90, 140), outline=(20, 30, 50))


def _birds(draw: ImageDraw.ImageDraw, _: dict[str, Any], dice: Dice) -> None:
    for _number in range(9):
        x, y, wing = 40 + dice.below(400), 30 + dice.below(150), 10 + dice.below(14)
        draw.arc((x - wing, y - 6, x, y + 10), 190, 350, fill=(30, 30, 30), width=3)
        draw.arc((x, y - 6, x + wing, y + 10), 190, 350, fill=(30, 30, 30), width=3)


def _paper(draw: ImageDraw.ImageDraw, photo: dict[str, Any], dice: Dice) -> None:
    draw.rectangle((0, 0, *_SIZE), fill=(120, 88, 60))
    x, y = 30 + dice.below(20), 20 + dice.below(12)
    draw.rectangle((x, y, x + 400, y + 310), fill=(248, 244, 232), outline=(190, 180, 160))
    _write(draw, photo["lines"], (x + 24, y + 22), 26, (35, 40, 70))


def _receipt(draw: ImageDraw.ImageDraw, photo: dict[str, Any], dice: Dice) -> None:
    draw.rectangle((0, 0, *_SIZE), fill=(70, 74, 78))
    x = 60 + dice.below(30)
    draw.rectangle((x, 10, x + 350, 350), fill=(252, 252, 250))
    _write(draw, photo["lines"], (x + 20, 34), 22, (20, 20, 20))


def _sign(draw: ImageDraw.ImageDraw, photo: dict[str, Any], dice: Dice) -> None:
    x = 90 + dice.below(30)
    draw.rectangle((x + 140, 200, x + 156, 360), fill=(84, 66, 48))
    draw.rectangle((x, 60, x + 300, 205), fill=(238, 238, 228), outline=(30, 60, 110), width=6)
    _write(draw, photo["lines"], (x + 24, 80), 30, (30, 60, 110))


def _write(
    draw: ImageDraw.ImageDraw, lines: list[str], at: tuple[int, int], size: int, fill: tuple[int, int, int]
) -> None:
    font = ImageFont.load_default(size)
    for number, line in enumerate(lines):
        draw.text((at[0], at[1] + number * (size + 12)), line, font=font, fill=fill)


_SCENES: dict[str, Callable[[ImageDraw.ImageDraw, dict[str, Any], Dice], None]] = {
    "lighthouse": _lighthouse,
    "boats": _boats,
    "ferry": _ferry,
    "crane": _crane,
    "birds": _birds,
    "paper": _paper,
    "receipt": _receipt,
    "sign": _sign,
}
