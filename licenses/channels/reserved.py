"""Sentences that keep all rights: they contradict an open licence, or explain why there is none."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.checks import Example
from catalog.values import Claim, Scope
from licenses import ids, names
from licenses.evidence import claim
from licenses.page import Page
from licenses.scope import place

VERSION = 1
REPORTS = {"reserved": "All rights reserved, in one of sixteen languages, and where on the page."}
EXAMPLES = (
    Example("<footer>(c) 2020 Example. All rights reserved.</footer>", (ids.ALL_RIGHTS_RESERVED,)),
    Example("<p>Alle Rechte vorbehalten</p>", (ids.ALL_RIGHTS_RESERVED,)),
    Example("<p>Some rights reserved.</p>"),
    Example("<script>var text = 'All rights reserved';</script>"),
)
_MOST = 8
_REACH = 60  # characters on either side of a telling word


def claims(page: Page) -> Iterator[Claim]:
    """The first few of them."""
    if page.kind not in ("html", "text"):
        return
    for found in _sentences(page):
        element = page.at(found[0])
        if page.commented(found[0]):
            continue
        if element is not None and (element.name in ("script", "style") or found[0] < element.inner):
            continue
        where = place(element)
        scope: Scope = "comment" if where == "comment" else "object" if where == "caption" else "page"
        yield claim(page, ids.ALL_RIGHTS_RESERVED, scope, "reserved", span=found, where=where)


def _sentences(page: Page) -> Iterator[tuple[int, int]]:
    """Where they stand: the first few."""
    found: dict[tuple[int, int], None] = {}
    for offset in page.offsets(names.RESERVED_WORDS):
        low = max(0, offset - _REACH)
        sentence = names.reserved(page.markup[low : offset + _REACH])
        if sentence is not None:
            found[low + sentence.start(), low + sentence.end()] = None
        if len(found) >= _MOST:
            break
    yield from found
