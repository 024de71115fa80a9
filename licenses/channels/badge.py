"""The picture of a Creative Commons button: what the badge shows, whatever its link says."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.checks import Example
from catalog.values import Claim
from licenses.evidence import licence_links, link_claim
from licenses.page import Page
from licenses.scope import judge

VERSION = 1
REPORTS = {"badge": "The licence that a button's address names, to be compared with the link around it."}
EXAMPLES = (
    Example('<footer><img src="https://licensebuttons.net/l/by-sa/3.0/88x31.png"></footer>', ("CC-BY-SA-3.0",)),
    Example('<footer><img src="https://example.org/l/by-sa/3.0/88x31.png"></footer>'),
    Example('<figure><img src="https://licensebuttons.net/l/by-sa/3.0/88x31.png"></figure>'),
)


def claims(page: Page) -> Iterator[Claim]:
    """Where the button stands decides what it covers."""
    for link in licence_links(page):
        if link.element.name == "img" and link.licence.badge:
            yield link_claim(page, link, "badge", judge(link.setting))
