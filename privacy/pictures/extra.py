"""The optional packages that look at pixels, what to say when they are missing, and OpenCV as it is used here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from catalog.errors import MissingExtra


@contextmanager
def needs(package: str) -> Iterator[None]:
    """Around an import of the `image` extra: a missing package becomes a sentence."""
    try:
        yield
    except ImportError as error:
        raise MissingExtra(
            f"looking at pixels needs the package {package}, which is not installed.",
            cure='Run: pip install "cleartitle[image]", or use mode "metadata".',
        ) from error


@cache
def opencv() -> Any:
    """OpenCV on one core: the others work on other pictures."""
    with needs("opencv-python-headless"):
        import cv2
    cv2.setNumThreads(1)
    return cv2
