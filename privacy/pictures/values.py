"""What the picture functions take and give back. None of it shows personal content in its repr."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from catalog.values import Region
from privacy.custom import Custom

Mode = Literal["all", "private", "metadata"]
MODES: tuple[Mode, ...] = ("all", "private", "metadata")


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What one picture may cost. Sizes are checked on the header, before a pixel is decoded."""

    bytes: int = 64 * 2**20
    pixels: int = 50_000_000  # of one frame
    side: int = 30_000
    frames: int = 100
    frame_pixels: int = 100_000_000  # of all frames together
    seconds: float = 120.0  # for one file, in the child process
    memory: int = 4 * 2**30  # address space, in the child process


@dataclass(frozen=True, slots=True)
class ImageOptions:
    """How pictures are looked at.

    `text` and `language` are for the recognisers of mode "private"; so are `countries` to
    `pipeline`, which `privacy.Engine` explains. `guarded` does the work in a child process
    under the limits of time and memory.
    """

    text: str = "strict"
    language: str = "en"
    checks: str = ""  # a `checks/` folder beside the recipe
    countries: tuple[str, ...] = ()
    model: str = ""
    allow: tuple[str, ...] = field(default=(), repr=False)
    custom: tuple[Custom, ...] = ()
    files: tuple[str, ...] = ()
    pipeline: str = ""
    limits: ImageLimits = field(default_factory=ImageLimits)
    guarded: bool = True


@dataclass(frozen=True, slots=True)
class PictureMetadata:
    """What a picture file says of itself, without its pixels.

    `fields` holds licence, credit, opt-out and caption fields only, each named as
    "XMP-dc:Rights", "IPTC:CopyrightNotice", "EXIF:Artist". Whatever else is personal is
    counted by name in `personal`, its value is not kept.
    """

    format: str
    width: int  # upright, as people see it
    height: int
    frames: int
    fields: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    personal: tuple[tuple[str, int], ...] = ()

    @property
    def captions(self) -> tuple[tuple[str, str], ...]:
        """The fields that are prose about the picture: they belong on the text path."""
        from privacy.pictures.fields import is_caption

        return tuple((name, value) for name, value in self.fields if is_caption(name))


@dataclass(frozen=True, slots=True)
class ImageScan:
    """Where personal data is in the pixels. `regions` is None where they were not examined."""

    status: str  # "ok", "not-examined", or the reason why it could not be done
    regions: tuple[Region, ...] | None


@dataclass(frozen=True, slots=True)
class ImageInspection:
    """What a picture holds, nothing changed."""

    metadata: PictureMetadata
    scan: ImageScan


@dataclass(frozen=True, slots=True)
class ImageRedaction:
    """A rebuilt picture, or the reason why it is held back; then `data` is None."""

    data: bytes | None = field(repr=False)
    regions: tuple[Region, ...] | None  # None: the pixels were not examined
    kept: tuple[tuple[str, str], ...] = field(repr=False)  # licence and credit fields in the new file
    removed: tuple[str, ...]  # names of what was taken out of the metadata
    held: str = ""  # a reason id; empty: nothing speaks against it
    covered: float | None = None  # share of the pixels under a fill, 0 to 1
    changes: tuple[str, ...] = ()  # what rebuilding did besides: "flattened", "srgb", ...
