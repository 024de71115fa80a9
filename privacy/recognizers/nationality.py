"""Whose national somebody is."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.checks import Example
from catalog.values import Span
from privacy.plausible import peoples
from privacy.view import View, pattern

VERSION = 1
REPORTS = {"NRP": "Nationality of a person."}
EXAMPLES = (
    Example("two Swedish nationals and a Sierra Leonean citizen", ("NRP:Swedish nationals", "NRP:Leonean citizen")),
    Example("She is of Kurdish origin.", ("NRP:Kurdish origin",)),
    Example("the Swedish national team; national law; citizens of Rome; Polish national courts"),
)

_SAID = pattern(
    r"\b([A-Z][a-z]+)(?:[-‑][A-Z][a-z]+)?"
    r" (?:nationals?|citizens?|origin|descent|nationality|citizenship)\b(?! (?:team|court|law|authorit|bank|park))"
)


def spans(view: View) -> Iterator[Span]:
    """The people with the word that says so."""
    for match in view.matches(_SAID):
        if match[1].lower() in peoples():
            yield Span("NRP", match.start(), match.end(), 0.8, "nationality")
