"""Licences in meta tags: Dublin Core, `license`, `copyright`, and their relatives."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.checks import Example
from catalog.values import Claim
from licenses import ids, names
from licenses.evidence import claim
from licenses.page import Page
from licenses.urls import read_url

VERSION = 1
REPORTS = {"meta_tags": "DC.rights, dcterms.license, license, copyright and the like, where they name a licence."}
EXAMPLES = (
    Example('<meta name="DC.rights" content="http://creativecommons.org/licenses/by-sa/3.0/">', ("CC-BY-SA-3.0",)),
    Example('<meta property="og:license" content="CC BY 4.0">', ("CC-BY-4.0",)),
    Example('<meta name="copyright" content="Jane Doe">'),
    Example('<meta name="description" content="All about CC BY 4.0">'),
)
_NAMES = {
    "license",
    "licence",
    "og:license",
    "dc.rights",
    "dc.rights.license",
    "dc.license",
    "dcterms.license",
    "dcterms.rights",
    "dcterms:license",
    "dcterms:rights",
    "dc:rights",
    "copyright",
    "rights",
    "rights-standard",
    "license-url",
    "dc.rights.uri",
    "citation_license",
    "prism.copyright",
    "dcterms.rightsholder.license",
}


def claims(page: Page) -> Iterator[Claim]:
    """The page's own; a sentence that keeps all rights is a claim too."""
    for meta in page.named("meta"):
        named = (meta.get("name") or meta.get("property") or meta.get("itemprop")).lower()
        if named not in _NAMES:
            continue
        written = meta.get("content") or meta.get("href")
        licence = names.read(written) or names.read(written[:900])
        if not licence or (licence == ids.ALL_RIGHTS_RESERVED and named == "copyright" and len(written) > 300):
            continue
        url = read_url(written)
        yield claim(
            page,
            licence,
            "page",
            "meta_tags",
            span=(meta.start, meta.inner),
            written=written,
            url=url.url if url else "",
            where="head",
        )
