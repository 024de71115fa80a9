"""Opening a picture from bytes that nobody vouches for: known formats only, limits before decoding."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from catalog.errors import UnreadableInput
from privacy.pictures.values import ImageLimits

# MPO comes through JPEG; naming it here would make Pillow raise KeyError.
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "AVIF", "GIF")


class TooLarge(UnreadableInput):
    """A picture over a limit; `reason` is its public reason id."""

    def __init__(self, problem: str, *, cure: str = "", place: str = "", reason: str = "image-too-large") -> None:
        self.reason = reason
        super().__init__(problem, cure=cure, place=place)


@contextmanager
def opened(data: bytes, limits: ImageLimits | None = None) -> Iterator[Image.Image]:
    """The picture, its header read and its size checked; pixels come with `.load()`.

    Whatever a broken file makes Pillow raise becomes UnreadableInput.
    """
    limits = limits or ImageLimits()
    if len(data) > limits.bytes:
        raise TooLarge(f"the file has {len(data)} bytes, the limit is {limits.bytes}.", cure="Make it smaller.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about damage: what matters of it raises at load
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                check_size(image, limits)
                yield image
    except (UnreadableInput, MemoryError):
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise TooLarge(f"it would decode to more than {limits.pixels} pixels.", cure="Make it smaller.") from error
    except Exception as error:  # noqa: BLE001 - broken files raise OSError, ValueError, SyntaxError, struct.error, ...
        raise UnreadableInput(
            f"expected a picture ({', '.join(FORMATS)}), found one that does not decode ({type(error).__name__}).",
            cure="Convert it with a picture program, or leave it out.",
        ) from None  # Pillow's own messages may quote the file


def check_size(image: Image.Image, limits: ImageLimits) -> None:
    """Refuse a frame that is too large, before it is decoded."""
    width, height = image.size
    if width * height > limits.pixels or max(width, height) > limits.side:
        raise TooLarge(
            f"it is {width} x {height}, the limit is {limits.pixels} pixels and {limits.side} a side.",
            cure="Make it smaller.",
        )
