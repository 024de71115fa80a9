"""Sentences that keep all rights: they contradict an open licence, or explain why there is none."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.checks import Example
from catalog.values import Claim
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


def claims(page: Page) -> Iterator[Claim]:
    """The first few of them."""
    if page.kind not in ("html", "text"):
        return
    position = 0
    for _ in range(_MOST):
        found = names.RESERVED.search(page.markup, position)
        if found is None:
            return
        position = found.end()
        element = page.at(found.start())
        if element is not None and (element.name in ("script", "style") or found.start() < element.inner):
            continue
        where = place(element)
        scope = {"comment": "comment", "caption": "object"}.get(where, "page")
        yield claim(page, ids.ALL_RIGHTS_RESERVED, scope, "reserved", span=found.span(), where=where)  # type: ignore[arg-type]
