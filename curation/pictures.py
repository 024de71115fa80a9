"""One reading of a picture that every image signal shares: its form, its pixels, its hashes.

Nothing is decoded over the limits of the privacy room, and a broken file is a fact here,
never an error.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from catalog.errors import UnreadableInput
from privacy.pictures.opening import TooLarge, opened

Pixels = npt.NDArray[np.uint8]

SIDE = 512  # pixels of the longer side that the signals look at
_FLAT = 2  # grey levels: what differs by less may be noise
_TEXTURED = 0.25  # share of neighbours that must differ for a hash to say anything


@dataclass(frozen=True, slots=True)
class Form:
    """What the header says, and how decoding went: problem is empty, or a public reason id."""

    width: int = 0
    height: int = 0
    frames: int = 0
    problem: str = ""


@dataclass(frozen=True)
class PictureView:
    """A picture file and what is known of it. The first frame stands for an animation."""

    data: bytes = field(repr=False)

    @cached_property
    def form(self) -> Form:
        return self._decoded[0]

    @cached_property
    def colours(self) -> Pixels | None:
        """Red, green and blue, upright, reduced to SIDE; None where it does not decode."""
        image = self._decoded[1]
        return None if image is None else np.asarray(image)

    @cached_property
    def greys(self) -> Pixels | None:
        image = self._decoded[1]
        return None if image is None else np.asarray(image.convert("L"))

    @cached_property
    def hash(self) -> int | None:
        """dHash, 64 bits; None for a picture too flat to be told from others."""
        steps = self._steps(8)
        if steps is None or np.count_nonzero(np.abs(steps) >= _FLAT) < _TEXTURED * steps.size:
            return None
        return int.from_bytes(np.packbits(steps > 0).tobytes(), "big")

    @cached_property
    def check(self) -> list[int] | None:
        """dHash of 256 bits as four numbers, to verify what the short one finds."""
        steps = self._steps(16)
        if steps is None or self.hash is None:
            return None
        return [int(part) for part in np.packbits(steps > 0).view(">u8")]

    def _steps(self, side: int) -> npt.NDArray[np.int16] | None:
        """Differences between neighbours in a row of a small grey picture."""
        image = self._decoded[1]
        if image is None:
            return None
        small = np.asarray(image.convert("L").resize((side + 1, side), Image.Resampling.BOX), dtype=np.int16)
        return small[:, 1:] - small[:, :-1]

    @cached_property
    def _decoded(self) -> tuple[Form, Image.Image | None]:
        form = Form(problem="unreadable-picture")
        try:
            with opened(self.data) as image:
                form = Form(*image.size, getattr(image, "n_frames", 1), "damaged-picture")
                image.draft("RGB", (2 * SIDE, 2 * SIDE))  # JPEG: decodes at a fraction of the cost
                upright = ImageOps.exif_transpose(image).convert("RGB")
        except TooLarge as error:
            return Form(form.width, form.height, form.frames, error.reason), None
        except UnreadableInput:
            return form, None
        upright.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
        return Form(form.width, form.height, form.frames), upright
