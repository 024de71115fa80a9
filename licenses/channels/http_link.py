"""The HTTP header `Link: <address>; rel="license"` (RFC 8288)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog.checks import Example
from catalog.values import Claim
from licenses.evidence import claim
from licenses.page import Page
from licenses.urls import read_url

VERSION = 1
REPORTS = {"http_link": "A licence that the response's own headers link to."}
EXAMPLES = (
    Example(
        "<p>", ("CC-BY-4.0",), headers=(("link", '<https://creativecommons.org/licenses/by/4.0/>; rel="license"'),)
    ),
    Example("<p>", headers=(("Link", '<https://creativecommons.org/licenses/by/4.0/>; rel="next"'),)),
    Example("<p>", headers=(("Link", '<https://example.org/rsl.xml>; rel="license"; type="application/rsl+xml"'),)),
    Example(
        "<p>", headers=(("Link", '<https://creativecommons.org/licenses/by/4.0/>; rel=license; anchor="/photo.jpg"'),)
    ),
)
_LINK = re.compile(r"<([^<>]{1,2000})>([^<]{0,1000})")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,]+))", re.I)
_ANCHOR = re.compile(r";\s*anchor\s*=\s*\"?([^\";,]*)", re.I)


def claims(page: Page) -> Iterator[Claim]:
    """Nothing where headers were not captured."""
    for name, value in page.headers or ():
        for link in _LINK.finditer(value) if name.lower() == "link" else ():
            rel, anchor = _REL.search(link[2]), _ANCHOR.search(link[2])
            found = read_url(link[1])
            if rel is None or found is None or "license" not in (rel[1] or rel[2] or "").lower().split():
                continue
            subject = "" if anchor is None or page.is_self(anchor[1]) else anchor[1]
            yield claim(
                page,
                found.licence,
                "object" if subject else "page",
                "http_link",
                quote=link[0],
                written=link[1],
                url=found.url,
                where="header",
                subject=subject,
            )
