"""The optional packages that look at pixels, and what to say when they are missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

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
