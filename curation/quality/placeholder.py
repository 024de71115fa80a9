"""Text that stands where a text should be: lorem ipsum, template and error pages."""

from __future__ import annotations

from catalog.checks import Example
from curation.text import TextView

VERSION = 1
REPORTS = {
    "placeholder_lorem_ipsum": "Share of words that are among the most usual of lorem ipsum, where it is.",
    "placeholder_phrases": "Phrases of template, parked and error pages.",
}
EXAMPLES = (
    Example("Lorem ipsum dolor sit amet, consectetur", ("placeholder_lorem_ipsum=1", "placeholder_phrases=0")),
    Example("This page is under construction.", ("placeholder_phrases=1", "placeholder_lorem_ipsum=0")),
    Example("The road is being rebuilt; the amet was sold.", ()),
)

_USUAL = (
    "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna "
    "aliqua enim minim veniam quis nostrud exercitation ullamco laboris nisi aliquip ex ea commodo consequat"
)
_LOREM = frozenset(_USUAL.split())
_PHRASES = (
    "under construction",
    "coming soon",
    "your text here",
    "insert text here",
    "text goes here",
    "this is a sample page",
    "this is an example of a page",
    "this is your first post",
    "this domain is for sale",
    "domain is parked",
    "404 not found",
    "page not found",
    "no results found",
    "access denied",
    "seite nicht gefunden",
    "page introuvable",
    "página no encontrada",
)


def signals(view: TextView) -> dict[str, float | None]:
    if not view.words:
        return dict.fromkeys(REPORTS)
    lorem = 0.0
    if "lorem ipsum" in view.lower:
        lorem = sum(word.strip(",.") in _LOREM for word in view.lower.split()) / len(view.words)
    return {"placeholder_lorem_ipsum": lorem, "placeholder_phrases": view.phrases(_PHRASES)}
