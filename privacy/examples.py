"""Runs one example of one of this room's checks, for the test that holds every check to its examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.checks import Check, Example
from privacy.view import View

if TYPE_CHECKING:
    from PIL.Image import Image


def run_example(check: Check, example: Example) -> tuple[str, ...]:
    """What was found, in the notation of `Example.finds`."""
    if check.kind == "regions":
        picture: Image = example.given()
        return tuple(region.kind for region in check.run([picture])[0])
    text: str = example.given
    return tuple(f"{span.kind}:{text[span.start : span.end]}" for span in check.run(View(text)))
