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
    Example('<script>var s = {"licenseUrl": "https:\\/\\/creativecommons.org\\/licenses\\/by\\/3.0\\/"}</script>', ("CC-BY-3.0",)),
    Example('<script>var s = {"licenseUrl": "https://example.org/terms"}</script>'),
    Example('<script type="application/ld+json">{"license": "https://creativecommons.org/licenses/by/3.0/"}</script>'),
)
_FIELD = re.compile(r"\\?\"(?:\w{0,30}licen[cs]e\w{0,20}|copyright)\\?\"\s{0,3}:\s{0,3}(?:\{[^{}]{0,200}?)?\\?\"([^\"]{2,200}?)\\?\"", re.I)


def claims(page: Page) -> Iterator[Claim]:
    """At most twenty: lists of a site's options repeat the same key."""
    if page.kind != "html" or ("license" not in page.lowered and "licence" not in page.lowered):
        return
    found = 0
    for script in page.named("script"):
        if "ld+json" in script.get("type").lower():
            continue
        for field in _FIELD.finditer(page.markup, script.inner, script.close):
            licence = names.read(field[1].replace("\\u002F", "/"))
            if ids.tool_of(licence) is None:
                continue
            found += 1
            if found > 20:
                return
            url = read_url(field[1])
            yield claim(page, licence, "page", "page_state", span=field.span(), written=field[1],
                        url=url.url if url else "", where="script")  # fmt: skip
