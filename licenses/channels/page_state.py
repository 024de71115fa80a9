"""Licence fields in a script's data: what a page knows of itself before it draws it. Weak on its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog.checks import Example
from catalog.values import Claim
from licenses import ids, names
from licenses.evidence import claim
from licenses.page import Page
from licenses.urls import read_url

VERSION = 1
REPORTS = {"page_state": "A license key with a Creative Commons address or name in a script's JSON."}
EXAMPLES = (
    Example(
        '<script>var s = {"licenseUrl": "https:\\/\\/creativecommons.org\\/licenses\\/by\\/3.0\\/"}</script>',
        ("CC-BY-3.0",),
    ),
    Example('<script>var s = {"licenseUrl": "https://example.org/terms"}</script>'),
    Example('<script type="application/ld+json">{"license": "https://creativecommons.org/licenses/by/3.0/"}</script>'),
)
_FIELD = re.compile(
    r"\\?\"\w{0,30}licen[cs]e\w{0,20}\\?\"\s{0,3}:\s{0,3}(?:\{[^{}]{0,200}?)?\\?\"([^\"]{2,200}?)\\?\"", re.I
)
_MOST = 20  # fields read: lists of a site's options repeat the same key
_KEY = 33  # characters before the word in which its key begins


def claims(page: Page) -> Iterator[Claim]:
    """Only fields that name a tool of Creative Commons."""
    if page.kind != "html":
        return
    reach = 0
    for offset in _offsets(page):
        script = page.at(offset)
        if script is None or script.name != "script" or "ld+json" in script.get("type").lower() or offset < reach:
            continue
        field = _FIELD.search(page.markup, max(script.inner, offset - _KEY), min(script.close, offset + 500))
        if field is None or not field.start() <= offset < field.end():
            continue
        reach = field.end()
        licence = names.read(field[1].replace("\\u002F", "/"))
        if ids.tool_of(licence) is not None:
            url = read_url(field[1])
            yield claim(
                page,
                licence,
                "page",
                "page_state",
                span=field.span(),
                written=field[1],
                url=url.url if url else "",
                where="script",
            )


def _offsets(page: Page) -> Iterator[int]:
    """Where the word stands, as often as we look."""
    for word in ("license", "licence"):
        offset = page.lowered.find(word)
        for _ in range(20 * _MOST):
            if offset < 0:
                break
            yield offset
            offset = page.lowered.find(word, offset + len(word))
