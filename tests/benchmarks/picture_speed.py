"""CPU milliseconds of each step of redacting a photo of 1024 pixels, one core: python tests/benchmarks/picture_speed.py

Takes the shared pictures (documents, cars, groups), brought to 1024 pixels; of each step the quickest of three times,
since other programs on the machine only ever slow it down.
"""

from __future__ import annotations

import io
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from privacy.pictures import cover, looks, rebuild
from privacy.pictures.detectors import codes, faces, text
from privacy.pictures.metadata import read_metadata
from privacy.pictures.redact import redact_image
from privacy.pictures.values import ImageOptions, Mode

FOLDER = Path(__file__).parents[2].parent / "shared/data/images/files"
PHOTOS = ("syn*", "benchmarks__*", "dlib__*", "exif-samples__DSCN*")
EACH = 3
TIMES = 3
SIDE = 1024
OPTIONS = ImageOptions(guarded=False)


def photos() -> dict[str, bytes]:
    """Shared pictures as JPEG files of 1024 pixels."""
    made = {}
    for pattern in PHOTOS:
        for path in sorted(FOLDER.glob(pattern))[:EACH]:
            with Image.open(path) as image:
                picture = image.convert("RGB")
            scale = SIDE / max(picture.size)
            buffer = io.BytesIO()
            picture.resize((round(picture.width * scale), round(picture.height * scale))).save(buffer, "JPEG")
            made[path.name] = buffer.getvalue()
    return made


def timed(spent: dict[str, list[float]], name: str, function: Callable[..., Any], *given: Any) -> Any:
    """Call it; its CPU milliseconds go under the name."""
    seconds = []
    for _ in range(TIMES):
        start = time.process_time()
        found = function(*given)
        seconds.append(time.process_time() - start)
    spent[name].append(1000 * min(seconds))
    return found


def main(mode: Mode) -> None:
    spent: dict[str, list[float]] = defaultdict(list)
    made = photos()
    redact_image(next(iter(made.values())), mode, options=OPTIONS)  # models load
    for data in made.values():
        timed(spent, f"all of it, mode {mode}", redact_image, data, mode, None, OPTIONS)
        timed(spent, "all of it, metadata", redact_image, data, "metadata", None, OPTIONS)
        timed(spent, "  reading metadata", read_metadata, data)
        frames = timed(spent, "  decoding", rebuild.decode, data)
        for module in (faces, text, codes):
            timed(spent, f"  first look: {module.__name__.rpartition('.')[2]}", module.regions, frames.images)
        found = looks.first(frames.images, mode, OPTIONS)
        images = [timed(spent, "  covering", cover.fill, frames.images[0], found[0])]
        for module in (faces, text, codes):
            timed(spent, f"  second look: {module.__name__.rpartition('.')[2]}", module.again, images)
        timed(spent, "  encoding", rebuild.encode, frames, images, ())
    for name, values in spent.items():
        print(f"{name:28} mean {sum(values) / len(values):6.0f} ms, most {max(values):6.0f} ms")
    print(f"{len(made)} pictures")


if __name__ == "__main__":
    main("private" if "private" in sys.argv else "all")
