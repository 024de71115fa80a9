"""What channels share: claims with their place and quote, and links to licences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from catalog.values import Claim, Scope, Speaker
from licenses import ids
from licenses.page import Element, Page
from licenses.scope import Setting, judge, says, setting
from licenses.urls import LicenceUrl, read_url

MOST = 150  # links looked at from either end of a page
QUOTE = 300  # characters of markup that a claim quotes at most
# What a page must hold (in lower case) for a link in it to lead to a licence that we know.
_ADDRESSES = (
    "commons.org",
    "commons.net",
    "licens",
    "web.resource.org",
    "copyleft",
    "artlibre",
    "cdla.",
    "rightsstatements",
    "licence",
    "dl-de",
    "/nlod",
)
# Values of rel and property by which a link says that it leads to the licence.
RELATIONS = frozenset(
    (
        "license",
        "licence",
        "copyright",
        "cc:license",
        "dct:license",
        "dcterms:license",
        "xhv:license",
        "xhtml:license",
        "schema:license",
        "dc:license",
        "dc:rights",
        "dct:rights",
        "http://creativecommons.org/ns#license",
        "http://purl.org/dc/terms/license",
    )
)
# Licences other than Creative Commons' that are made for content, not for software.
_FOR_CONTENT = frozenset(
    [
        "ODbL-1.0",
        "ODC-By-1.0",
        "PDDL-1.0",
        "LAL-1.3",
        "GFDL-1.2-only",
        "GFDL-1.3-only",
        "GFDL-1.3-or-later",
        "OGL-UK-1.0",
        "OGL-UK-2.0",
        "OGL-UK-3.0",
        "DL-DE-BY-2.0",
        "DL-DE-ZERO-2.0",
        "NLOD-1.0",
        "NLOD-2.0",
        "etalab-2.0",
        ids.ALL_RIGHTS_RESERVED,
    ]
)


@dataclass(frozen=True, slots=True)
class Link:
    """A link, or a button's picture, that leads to a licence."""

    element: Element
    licence: LicenceUrl
    written: str
    setting: Setting

    @property
    def rel(self) -> frozenset[str]:
        """Tokens of `rel` and `property`, lower case."""
        attributes = self.element.attributes
        return frozenset(f"{attributes.get('rel', '')} {attributes.get('property', '')}".lower().split())


def licence_links(page: Page) -> tuple[Link, ...]:
    """Links and buttons in the page that lead to licences; read once per page."""
    found = page.notes.get("links")
    if found is None:
        found = page.notes["links"] = tuple(
            Link(element, licence, written, setting(page, element, element.start, page.end(element)))
            for element, licence, written in _few(tuple(_links(page)))
        )
    return found  # type: ignore[return-value]


_Found = tuple[Element, LicenceUrl, str]


def _few(links: tuple[_Found, ...]) -> tuple[_Found, ...]:
    """Of a list of hundreds its two ends: there a page's own notice stands."""
    return links if len(links) <= 2 * MOST else (*links[:MOST], *links[-MOST:])


def _links(page: Page) -> Iterator[_Found]:
    if page.kind not in ("html", "xml"):
        return
    last = None
    for offset in page.offsets(_ADDRESSES):
        element = page.tag_at(offset)
        if element is None or element is last or element.name not in ("a", "area", "link", "img"):
            continue
        last = element
        written = element.get("src" if element.name == "img" else "href")
        licence = read_url(written) if written else None
        if licence is not None:
            yield element, licence, written


def _of_code(link: Link, scope: Scope) -> Scope:
    """A software licence that a page links to is its software's, unless the notice speaks of the page's content."""
    if (
        scope not in ("page", "text", "part")
        or ids.tool_of(link.licence.licence) is not None
        or link.licence.licence in _FOR_CONTENT
    ):
        return scope
    return "part" if says("whole", link.setting.sentence) else "plugin"


def link_claim(page: Page, link: Link, channel: str, scope: Scope | None = None, subject: str = "") -> Claim:
    """A claim that rests on a link."""
    return claim(
        page,
        link.licence.licence,
        _of_code(link, scope if scope is not None else judge(link.setting)),
        channel,
        span=(link.element.start, page.end(link.element)),
        written=link.written,
        url=link.licence.url,
        where=link.setting.where,
        subject=subject,
        speaker="site" if link.setting.where in ("footer", "aside", "head") else "author",
    )


def claim(
    page: Page,
    licence: str,
    scope: Scope,
    channel: str,
    *,
    span: tuple[int, int] = (-1, -1),
    quote: str = "",
    written: str = "",
    url: str = "",
    where: str = "",
    subject: str = "",
    speaker: Speaker = "site",
) -> Claim:
    """A claim; its quote is the markup between the offsets, where it has a place there."""
    start, end = span
    if start >= 0:
        end = min(end, start + QUOTE)
        quote = page.markup[start:end]
    return Claim(
        licence=licence,
        scope=scope,
        channel=channel,
        speaker=speaker,
        subject=subject[:500],
        quote=quote[:QUOTE],
        start=start,
        end=end,
        url_written=written[:500],
        url=url,
        where=where,
        observed_at=page.observed_at,
    )
