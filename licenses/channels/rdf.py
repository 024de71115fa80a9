"""RDF/XML: SVG metadata, and the RDF that older pages keep in a comment, with its old namespace."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.checks import Example
from catalog.values import Claim
from licenses.evidence import claim
from licenses.page import Element, Page
from licenses.urls import read_url

VERSION = 1
REPORTS = {"rdf": "cc:license of a Work in RDF/XML, in SVG metadata or in an HTML comment."}
EXAMPLES = (
    Example(
        '<html><!-- <rdf:RDF xmlns="http://web.resource.org/cc/"><Work rdf:about="">'
        '<license rdf:resource="http://creativecommons.org/licenses/by/2.0/"/></Work></rdf:RDF> -->',
        ("CC-BY-2.0",),
    ),
    Example(
        '<svg><metadata><cc:Work rdf:about=""><cc:license rdf:resource="http://web.resource.org/cc/PublicDomain"/>',
        ("CC-PDDC",),
    ),
    Example('<svg><metadata><cc:Work rdf:about=""><cc:license rdf:resource=""/></cc:Work></metadata></svg>'),
    Example("<!-- theme under http://creativecommons.org/licenses/by/3.0/ --><p>"),
)
_NAMES = {"license", "cc:license", "dcterms:license", "dct:license", "xhtml:license"}


def claims(page: Page) -> Iterator[Claim]:
    """Licences of works that are the page itself (`rdf:about` empty or its address)."""
    if page.kind == "xml" or "<svg" in page.lowered:
        yield from _in(page, page, 0)
    for start, end in page.comments:
        if "<rdf:rdf" in page.lowered[start:end]:
            yield from _in(page, Page(page.markup[start + 4 : end - 3], page.url), start + 4)


def _in(page: Page, part: Page, offset: int) -> Iterator[Claim]:
    for element in part.elements:
        found = read_url(element.get("rdf:resource")) if element.name in _NAMES else None
        if found is None:
            continue
        about = _about(element)
        own = part.is_self(about) or (not page.url and offset > 0)
        span = (element.start + offset, max(element.close, element.inner) + offset)
        yield claim(
            page,
            found.licence,
            "page" if own else "object",
            "rdf",
            span=span,
            written=element.get("rdf:resource"),
            url=found.url,
            where="head",
            subject="" if own else about,
            speaker="author",
        )


def _about(element: Element) -> str:
    work = next((outer for outer in element.ancestors() if outer.name.rpartition(":")[2] == "work"), None)
    return work.get("rdf:about") if work is not None else ""
