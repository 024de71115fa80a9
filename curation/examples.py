"""Runs the examples that the checks of this room carry, for the one test that holds them all to it."""

from __future__ import annotations

from catalog.checks import Check, Example
from curation.signals import measure
from curation.text import TextView


def run_example(check: Check, example: Example) -> tuple[str, ...]:
    """The signals that the example names, as it writes them: "name=value", to four decimals.

    Of an example that names none, every signal above zero is told: it should be a near miss.
    """
    found = measure((check,), _view(check, example))
    named = [find.partition("=")[0] for find in example.finds]
    return tuple(
        f"{name}={_written(found[name])}" for name in named or sorted(n for n, value in found.items() if value)
    )


def _view(check: Check, example: Example) -> object:
    if getattr(check.module, "MODALITY", "text") == "text":
        return TextView(example.given)
    from curation.pictures import PictureView

    return PictureView(example.given())


def _written(value: float | None) -> str:
    return "None" if value is None else f"{value:.4f}".rstrip("0").rstrip(".")
