"""Microdata: `itemprop="license"`, of the page's item or of an embedded one."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.checks import Example
from catalog.values import Claim, Scope
from licenses import names
from licenses.channels.json_ld import _INSIDE, _OBJECTS
from licenses.evidence import claim
from licenses.page import Element, Page
from licenses.scope import place
from licenses.urls import read_url

VERSION = 1
REPORTS = {"microdata": "The license property of schema.org microdata."}
EXAMPLES = (
    Example(
        '<div itemscope itemtype="https://schema.org/Article"><link itemprop="license" href="https://creativecommons.org/licenses/by/4.0/">',
        ("CC-BY-4.0",),
    ),
    Example(
        '<div itemscope itemtype="https://schema.org/ImageObject"><link itemprop="license" href="https://creativecommons.org/licenses/by/4.0/">'
    ),
    Example('<link itemprop="url" href="https://creativecommons.org/licenses/by/4.0/">'),
)


def claims(page: Page) -> Iterator[Claim]:
    """One for each property that names a licence."""
    if "itemprop" not in page.lowered:
        return
    for element in page.elements:
        if "itemprop" not in element.written or "license" not in element.get("itemprop").lower().split():
            continue
        written = (
            element.get("href")
            or element.get("content")
            or page.text(element.inner, min(element.close, element.inner + 600))[:300]
        )
        if licence := names.read(written):
            url = read_url(written)
            yield claim(
                page,
                licence,
                _scope(element),
                "microdata",
                span=(element.start, page.end(element)),
                written=written,
                url=url.url if url else "",
                where=place(element),
            )


def _scope(element: Element) -> Scope:
    for outer in element.ancestors():
        if "itemscope" in outer.written or "itemtype" in outer.written:
            kinds = {kind.rpartition("/")[2].lower() for kind in outer.get("itemtype").split()}
            inside = set(outer.get("itemprop").lower().split()) & _INSIDE
            return "object" if kinds & _OBJECTS or inside else "page"
    return "page"
