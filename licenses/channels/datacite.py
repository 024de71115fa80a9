"""Rights in XML records: DataCite's rightsURI, rightsIdentifier and words; Dublin Core rights and license."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.checks import Example
from catalog.values import Claim
from licenses import names
from licenses.evidence import claim
from licenses.page import Page
from licenses.urls import read_url

VERSION = 1
REPORTS = {"datacite": "Each way a rights element names a licence: address, identifier, words. They may disagree."}
EXAMPLES = (
    Example(
        '<?xml version="1.0"?><resource><rights rightsURI="http://creativecommons.org/licenses/by/3.0/deed">CC BY',
        ("CC-BY-3.0", "LicenseRef-CC-BY-unversioned"),
    ),
    Example('<?xml version="1.0"?><resource><rights rightsURI="info:eu-repo/semantics/openAccess"/></resource>'),
    Example("<p><rights>CC BY 4.0</rights></p>"),
)
_ELEMENTS = {"rights", "license", "licence", "accessrights", "copyright-statement", "license-p"}


def claims(page: Page) -> Iterator[Claim]:
    """Only in XML records; pictures in SVG have a channel of their own."""
    if page.kind != "xml" or "<svg" in page.lowered[:5000]:
        return
    for element in page.elements:
        if element.name.rpartition(":")[2] not in _ELEMENTS:
            continue
        span = (element.start, page.end(element))
        attributes = element.attributes
        address = next(
            (v for k, v in attributes.items() if k in ("rightsuri", "rdf:resource", "xlink:href", "href")), ""
        )
        words = page.text(element.inner, element.close)[:900]
        for where, written in (
            ("address", address),
            ("record", attributes.get("rightsidentifier", "")),
            ("words", words),
        ):
            if licence := names.read(written):
                url = read_url(written)
                yield claim(
                    page,
                    licence,
                    "page",
                    "datacite",
                    span=span,
                    written=written,
                    url=url.url if url else "",
                    where=where,
                    speaker="source",
                )
