"""Lines of text, printed or on screens and plates, at any angle, with RapidOCR."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from math import hypot
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from catalog.checks import Example
from catalog.values import Region
from privacy.pictures.cover import Polygon, grown
from privacy.pictures.extra import needs, opencv
from privacy.pictures.sizes import scaled

VERSION = 3
REPORTS = {"TEXT": "A line of text, whatever it says."}
MARGIN = 0.25  # of the line's height, on each side
CLOSE_MARGIN = 0.05  # of a line that was read surely
LEAST = 12.0  # pixels of height that a margin reckons with at least
SIDE = 832  # to which the longer side is brought; pictures over WHOLE keep up to LARGE
WHOLE = 1200
LARGE = 2000
READABLE = 0.5
SURELY_READABLE = 0.9  # of what is as large as a wall
BATCH = 6  # lines read at once; on one core more are no faster
GPU_BATCH = 64
STEP = 32  # the detector takes sides that are multiples of it
LINE_HEIGHT = 48  # pixels, as the recogniser wants them
LARGE_LINE = 0.25  # of the picture's shorter side
SECOND_SIDE = 512  # the second look sees the picture at another size: what one misses, the other finds
# Leaning to recall: a box too many is covered, a box too few is published.
PIXEL_THRESHOLD = 0.2
BOX_THRESHOLD = 0.3
_OPTIONS = {
    "Global.log_level": "error",
    "Global.text_score": 0.0,
    "Global.max_side_len": LARGE,
    "Det.limit_type": "max",
    "Det.limit_side_len": LARGE,
    "Det.thresh": PIXEL_THRESHOLD,
    "Det.box_thresh": BOX_THRESHOLD,
    "Det.unclip_ratio": 2.0,
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.enable_cpu_mem_arena": True,  # a tenth faster
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line and what it says: for the recognisers, in memory, and never kept."""

    region: Region
    words: str = field(repr=False)
    close: Polygon = ()  # the place as it was read, which already leans outwards: without the margin


def regions(images: Sequence[Image.Image], side: int = SIDE) -> list[list[Region]]:
    """Every line of text, unread."""
    return [_find(image, side) for image in images]


def again(images: Sequence[Image.Image]) -> list[list[Region]]:
    """The second look: lines that can be read in a smaller copy. A fill has edges, but no words."""
    return [[region for region in _find(image, SECOND_SIDE) if _reads(region, image)] for image in images]


def lines(images: Sequence[Image.Image], side: int = SIDE) -> list[list[Line]]:
    """Every line of text, read; its score says how surely."""
    return [_read(image, side) for image in images]


def is_readable(line: Line, least: float = READABLE) -> bool:
    """Are there words in this line, and not the edge of a table?"""
    return line.region.score >= least and sum(map(str.isalnum, line.words)) >= 2


def _find(image: Image.Image, side: int) -> list[Region]:
    sized = _sized(image, side)
    found = _engine()(_pixels(sized), use_det=True, use_cls=False, use_rec=False)
    places = _regions(found.boxes, found.scores, sized, image)
    return [
        place
        for place in places
        if not _is_large(place, image) or (not _is_whole(place, image) and _reads(place, image, SURELY_READABLE))
    ]


def _read(image: Image.Image, side: int) -> list[Line]:
    sized = _sized(image, side)
    found = _engine()(_pixels(sized), use_det=True, use_cls=True, use_rec=True)
    if getattr(found, "boxes", None) is None or getattr(found, "txts", None) is None:
        return []
    places = _regions(found.boxes, found.scores, sized, image)
    close = _regions(found.boxes, found.scores, sized, image, CLOSE_MARGIN)
    lines = [Line(region, words, tight.polygon) for region, words, tight in zip(places, found.txts, close, strict=True)]
    return [
        line
        for line in lines
        if not _is_large(line.region, image)
        or (not _is_whole(line.region, image) and is_readable(line, SURELY_READABLE))
    ]


def _regions(boxes: Any, scores: Any, sized: Image.Image, image: Image.Image, margin: float = MARGIN) -> list[Region]:
    if boxes is None:
        return []
    across, down = image.width / sized.width, image.height / sized.height
    return [
        Region(
            "TEXT",
            grown([(x * across, y * down) for x, y in box], image.size, margin, LEAST * margin),
            round(float(score), 3),
            "text",
        )
        for box, score in zip(boxes, scores, strict=True)
    ]


def _is_large(region: Region, image: Image.Image) -> bool:
    """Masts, walls and crowds are taken for one huge letter: what is this large must be readable."""
    (ax, ay), (bx, by), (cx, cy), _ = region.polygon
    shorter = min(hypot(bx - ax, by - ay), hypot(cx - bx, cy - by))
    return shorter > LARGE_LINE * min(image.size)


def _is_whole(region: Region, image: Image.Image) -> bool:
    """Where it finds no line, RapidOCR reads the whole picture as one."""
    across, down = image.size
    whole = region.polygon == ((0, 0), (across - 1, 0), (across - 1, down - 1), (0, down - 1))
    return whole and max(image.size) < 3 * min(image.size)


def _reads(region: Region, image: Image.Image, least: float = READABLE) -> bool:
    """Is there something to read in this place, once it is put straight?"""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = region.polygon
    width, height = hypot(bx - ax, by - ay), hypot(dx - ax, dy - ay)
    factor = LINE_HEIGHT / max(1.0, min(width, height))
    size = max(1, round(width * factor)), max(1, round(height * factor))
    line = image.convert("RGB").transform(size, Image.Transform.QUAD, (ax, ay, dx, dy, cx, cy, bx, by))
    if height >= 1.5 * width:  # as RapidOCR takes it
        line = line.transpose(Image.Transpose.ROTATE_90)
    found = _engine()(_pixels(line), use_det=False, use_cls=True, use_rec=True)
    return any(
        is_readable(Line(replace(region, score=float(score)), words), least)
        for words, score in zip(found.txts or (), found.scores or (), strict=True)
    )


def _sized(image: Image.Image, side: int) -> Image.Image:
    longest = max(image.size)
    wanted = min(longest, LARGE) if longest > WHOLE and side == SIDE else min(side, longest * 3)
    return scaled(image.convert("RGB"), wanted / longest)


def _pixels(image: Image.Image) -> Any:
    import numpy as np

    return opencv().cvtColor(np.asarray(image), opencv().COLOR_RGB2BGR)  # as RapidOCR expects it


@cache
def _engine() -> Any:
    opencv()  # before RapidOCR takes all cores with it
    with needs("rapidocr"):
        from rapidocr import RapidOCR
    engine = RapidOCR(params=_options())
    engine._load_det_model().get_preprocess = lambda: _prepared
    return engine


def _prepared(pixels: Any) -> Any:
    """The pixels as the detector wants them. RapidOCR's own way, by doubles, takes several times as long."""
    height, width = (max(STEP, round(length / STEP) * STEP) for length in pixels.shape[:2])
    return opencv().dnn.blobFromImage(pixels, 1 / 127.5, (width, height), (127.5, 127.5, 127.5))


def _options() -> dict[str, Any]:
    """On a GPU, where onnxruntime has been installed with one, lines are read in larger batches."""
    import onnxruntime

    gpu = "CUDAExecutionProvider" in onnxruntime.get_available_providers()
    return {**_OPTIONS, "EngineConfig.onnxruntime.use_cuda": gpu, "Rec.rec_batch_num": GPU_BATCH if gpu else BATCH}


def _note() -> Image.Image:
    image = Image.new("RGB", (480, 160), "white")
    ImageDraw.Draw(image).text((40, 50), "Call 555 0142", fill="black", font=ImageFont.load_default(48))
    return image


def _wall() -> Image.Image:
    return Image.linear_gradient("L").resize((480, 160)).convert("RGB")


EXAMPLES = (Example(_note, ("TEXT",)), Example(_wall))
