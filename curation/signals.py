"""All quality signals of one text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from catalog.checks import Check, discover
from catalog.errors import CheckError
from catalog.values import Modality, Signals
from curation.text import TextView


def signals(text: str | TextView, extra: Path | str | None = None) -> Signals:
    """Every signal by name; None where the text gives no answer. `extra` is a `checks/` folder.

    >>> signals("one two three")["gopher_words"]
    3.0
    """
    view = text if isinstance(text, TextView) else TextView(text)
    return measure(checks("text", extra), view)


@cache
def checks(modality: Modality, extra: Path | str | None = None) -> tuple[Check, ...]:
    """The signal checks for texts or for pictures (a module says MODALITY = "image")."""
    chosen = tuple(
        check for check in discover("signals", extra) if getattr(check.module, "MODALITY", "text") == modality
    )
    owner: dict[str, str] = {}
    for check in chosen:
        for name in check.reports:
            if name in owner:
                raise CheckError(
                    f"the checks {owner[name]!r} and {check.name!r} both report {name!r}",
                    cure="Prefix the signal with the name of the check.",
                    place=str(check.module.__file__),
                )
            owner[name] = check.name
    return chosen


def measure(chosen: Sequence[Check], view: object) -> Signals:
    """What these checks report on one view, every name that they announce."""
    found: dict[str, float | None] = {}
    for check in chosen:
        reported = check.run(view)
        if reported.keys() != check.reports.keys():
            raise CheckError(
                f"expected the signals {sorted(check.reports)}, found {sorted(reported)}",
                cure="REPORTS and what signals() returns must name the same signals.",
                place=str(check.module.__file__),
            )
        found.update((name, None if value is None else float(value)) for name, value in reported.items())
    return found
