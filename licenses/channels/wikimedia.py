"""File pages of MediaWiki sites: what their licence templates write for machines."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.checks import Example
from catalog.values import Claim
from licenses import names
from licenses.evidence import claim
from licenses.page import Page
from licenses.urls import read_url

VERSION = 1
REPORTS = {"wikimedia": "licensetpl_link and licensetpl_short of each licence template; several are a choice."}
EXAMPLES = (
    Example(
        '<span class="licensetpl"><span class="licensetpl_link">https://creativecommons.org/licenses/by-sa/3.0/</span>'
        '<span class="licensetpl_short">CC BY-SA 3.0</span></span>',
        ("CC-BY-SA-3.0",),
    ),
    Example(
        '<span class="licensetpl"><span class="licensetpl_short">Public domain</span></span>',
        ("LicenseRef-public-domain",),
    ),
    Example('<span class="licensetpl"><span class="licensetpl_short">Fair use</span></span>'),
    Example('<span class="licensetpl_attr">CC BY-SA 3.0</span>'),
)


def claims(page: Page) -> Iterator[Claim]:
    """One for each template: its link, or its short name where it has none."""
    if "licensetpl" not in page.lowered:
        return
    linked: set[int] = set()
    for wanted in ("licensetpl_link", "licensetpl_short"):
        for element in page.elements:
            if wanted not in element.written or wanted not in element.get("class").split():
                continue
            written = page.text(element.inner, min(element.close, element.inner + 600))
            template = element.parent.start if element.parent is not None else -1
            licence = names.read(written)
            if licence and template not in linked:
                linked.add(template)
                url = read_url(written)
                yield claim(
                    page,
                    licence,
                    "page",
                    "wikimedia",
                    span=(element.start, element.close),
                    written=written,
                    url=url.url if url else "",
                    where="choice",
                    speaker="author",
                )
