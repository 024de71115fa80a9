"""Taking a picture apart into plain pixels, and writing a new file around them.

A file is never edited: what is not carried over on purpose does not exist in the new one.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from PIL import Image, ImageCms, ImageOps
from PIL.PngImagePlugin import PngInfo

from catalog.errors import UnreadableInput
from privacy.pictures import xmp
from privacy.pictures.metadata import read_metadata
from privacy.pictures.opening import TooLarge, check_size, opened
from privacy.pictures.values import ImageLimits


class NotClean(UnreadableInput):
    """What was written is not what was meant; it is not released."""


_QUALITY = {"WEBP": 90, "AVIF": 85}
_JPEG_QUALITY = 92


@dataclass(frozen=True, slots=True)
class Frames:
    """A picture as plain upright pixels: modes L, LA, RGB, RGBA, no info, no profile."""

    format: str
    images: tuple[Image.Image, ...] = field(repr=False)
    durations: tuple[int, ...] = ()  # milliseconds, of an animation
    loop: int = 0
    lossless: bool = False
    tables: tuple[tuple[int, ...], ...] = field(default=(), repr=False)  # of a JPEG: writing with them loses least
    sampling: int = -1
    changes: tuple[str, ...] = ()


def decode(data: bytes, limits: ImageLimits | None = None, flatten: bool = True) -> Frames:
    """Decode every frame, upright, in sRGB. `flatten` puts transparent pictures on white,
    so that what a detector sees is what is released; otherwise colours under alpha 0 go."""
    limits = limits or ImageLimits()
    with opened(data, limits) as image:
        count = 1 if image.format == "MPO" else getattr(image, "n_frames", 1)
        if count > limits.frames or count * image.width * image.height > limits.frame_pixels:
            raise TooLarge(
                f"it has {count} frames, the limit is {limits.frames}, and {limits.frame_pixels} pixels together.",
                cure="Leave it out, or take one frame.",
                reason="too-many-frames",
            )
        changes: dict[str, None] = {"second-picture-dropped": None} if image.format == "MPO" else {}
        tables = getattr(image, "quantization", None) if image.format in ("JPEG", "MPO") else None
        sampling = _sampling(image) if tables else -1
        images, durations = [], []
        for number in range(count):
            if number:
                image.seek(number)
                check_size(image, limits)
            images.append(_plain(image, flatten, changes))
            durations.append(_whole(image.info.get("duration", 0)))
        return Frames(
            format="JPEG" if image.format == "MPO" else str(image.format),
            images=tuple(images),
            durations=tuple(durations) if count > 1 and any(durations) else (),
            loop=_whole(image.info.get("loop", 0)),
            lossless=image.format == "WEBP" and b"VP8L" in data[:64],
            tables=tuple(tuple(table) for table in tables.values()) if tables else (),
            sampling=sampling,
            changes=tuple(changes),
        )


def encode(frames: Frames, images: Sequence[Image.Image], kept: Sequence[tuple[str, str]]) -> bytes:
    """Write a new file of the same format with these pixels and fields; re-open it and compare."""
    packet = xmp.write(kept)
    options = _options(frames) | _packet_option(frames.format, packet)
    images = [_writable(image, frames.format) for image in images]
    if len(images) > 1:
        options |= {"save_all": True, "append_images": images[1:]}
        if frames.durations:
            options |= {"duration": list(frames.durations), "loop": frames.loop}
    buffer = io.BytesIO()
    try:
        images[0].save(buffer, frames.format, **options)
    except (ValueError, OSError, TypeError, SyntaxError) as error:  # a packet too long for the format, and the like
        raise NotClean(
            f"the rebuilt picture cannot be written as {frames.format} ({type(error).__name__}).",
            cure="Convert it to PNG first.",
        ) from None
    data = buffer.getvalue()
    if packet and frames.format == "GIF":
        data = _gif_packet(data, packet)
    _assert_clean(data, kept)
    return data


def _packet_option(format: str, packet: bytes) -> dict[str, Any]:
    if not packet or format == "GIF":  # Pillow writes no XMP into GIF: see `_gif_packet`
        return {}
    if format == "PNG":
        text = PngInfo()
        text.add_itxt("XML:com.adobe.xmp", packet.decode())
        return {"pnginfo": text}
    return {"tiffinfo": {700: packet}} if format == "TIFF" else {"xmp": packet}


def _plain(image: Image.Image, flatten: bool, changes: dict[str, None]) -> Image.Image:
    image.load()
    if image.info.get("icc_profile"):
        profile, frame = image.info["icc_profile"], _upright(image)
        frame = _to_srgb(frame, profile, changes)
    else:
        frame = _upright(image)
    frame = _mode(frame, changes)
    if frame.mode in ("LA", "RGBA"):
        if flatten:
            changes["flattened"] = None
            white = Image.new(frame.mode, frame.size, "white")
            frame = Image.alpha_composite(white, frame) if frame.mode == "RGBA" else _over_white(frame)
            frame = frame.convert(frame.mode.removesuffix("A"))
        else:
            frame = _without_hidden_colours(frame)
    fresh = Image.new(frame.mode, frame.size)  # carries neither info nor text nor profile
    fresh.paste(frame)
    return fresh


def _upright(image: Image.Image) -> Image.Image:
    return ImageOps.exif_transpose(image) or image


def _over_white(frame: Image.Image) -> Image.Image:
    white = Image.new("LA", frame.size, (255, 255))
    white.paste(frame, mask=frame.getchannel("A"))
    return white


def _without_hidden_colours(frame: Image.Image) -> Image.Image:
    seen = frame.getchannel("A").point(lambda alpha: 255 if alpha else 0)
    return Image.composite(frame, Image.new(frame.mode, frame.size, 0), seen)


def _to_srgb(frame: Image.Image, profile: bytes, changes: dict[str, None]) -> Image.Image:
    """A profile names devices and people: its colours are kept, not its bytes."""
    if frame.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return frame
    target = "RGB" if frame.mode == "CMYK" else frame.mode
    if target == "L":
        return frame
    try:
        source = ImageCms.getOpenProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return frame
        made = ImageCms.profileToProfile(frame, source, ImageCms.createProfile("sRGB"), outputMode=target)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        changes["profile-unreadable"] = None
        return frame
    changes["srgb"] = None
    return made or frame


def _mode(frame: Image.Image, changes: dict[str, None]) -> Image.Image:
    if frame.mode in ("L", "LA", "RGB", "RGBA"):
        if "transparency" in frame.info:
            return frame.convert("RGBA")
        return frame
    if frame.mode == "1":
        return frame.convert("L")
    if frame.mode.startswith(("I", "F")):
        changes["eight-bit"] = None
        one_band = frame.convert("F")
        low, high = (value for value in one_band.getextrema() if not isinstance(value, tuple))
        scale = 255 / ((high - low) or 1)
        return one_band.point(lambda _: Image.ImagePointTransform(scale, -low * scale)).convert("L")
    transparent = frame.mode in ("PA", "RGBa", "La") or "transparency" in frame.info
    return frame.convert("RGBA" if transparent else "RGB")


def _options(frames: Frames) -> dict[str, Any]:
    if frames.format == "JPEG":
        if frames.tables and frames.sampling >= 0:
            return {"qtables": [list(table) for table in frames.tables], "subsampling": frames.sampling}
        return {"quality": _JPEG_QUALITY}
    if frames.format == "WEBP" and frames.lossless:
        return {"lossless": True}
    if frames.format in _QUALITY:
        return {"quality": _QUALITY[frames.format]}
    return {"compression": "tiff_adobe_deflate"} if frames.format == "TIFF" else {}


def _writable(image: Image.Image, format: str) -> Image.Image:
    if format == "JPEG" and image.mode in ("LA", "RGBA"):
        return image.convert(image.mode.removesuffix("A"))
    if format == "AVIF" and image.mode in ("L", "LA"):
        return image.convert("RGBA" if image.mode == "LA" else "RGB")
    return image.convert("RGBA") if format == "GIF" and image.mode == "LA" else image


def _gif_packet(data: bytes, packet: bytes) -> bytes:
    """Put the packet in a GIF's application extension, before the trailer byte.

    The "magic trailer" of the XMP specification lets a reader that takes the packet for
    sub-blocks land on the end from wherever it falls into it.
    """
    magic = b"\x01" + bytes(range(255, -1, -1)) + b"\x00"
    return data[:-1] + b"\x21\xff\x0bXMP DataXMP" + packet + magic + data[-1:]


def _assert_clean(data: bytes, kept: Sequence[tuple[str, str]]) -> None:
    written = read_metadata(data)
    if written.personal or sorted(written.fields) != sorted(kept):
        raise NotClean("the rebuilt picture does not hold exactly the fields that stay.", cure="Report its format.")


def _sampling(image: Image.Image) -> int:
    from PIL.JpegImagePlugin import get_sampling

    return get_sampling(image) if image.mode == "RGB" else -1


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int | float) and 0 <= value < 2**16 else 0
