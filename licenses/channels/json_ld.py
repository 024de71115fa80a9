"""JSON-LD in a page: the licence of the page's own entity, and of the objects in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from catalog.checks import Example
from catalog.values import Claim, Scope
from licenses import names, records
from licenses.evidence import claim
from licenses.page import Page

VERSION = 1
REPORTS = {"json_ld": "license and usageInfo of schema.org entities; pictures and other embedded works are objects."}
_AS = '<script type="application/ld+json">{}</script>'
EXAMPLES = (
    Example(
        _AS.format('{"@graph": [{"@type": "Article", "license": "https://creativecommons.org/licenses/by/4.0/"}]}'),
        ("CC-BY-4.0",),
    ),
    Example(_AS.format('{"@type": "ImageObject", "license": "https://creativecommons.org/licenses/by/4.0/"}')),
    Example(_AS.format('{"@type": "Article", "license": "https://example.org/terms"}')),
    Example('<script type="application/ld+json">{"@type": "Article", "license": '),
)
# A licence on one of these, or under one of these keys, is not the page's.
_OBJECTS = {
    "imageobject",
    "videoobject",
    "audioobject",
    "mediaobject",
    "photograph",
    "comment",
    "softwareapplication",
    "softwaresourcecode",
    "product",
    "map",
    "book",
    "movie",
    "musicrecording",
}
_INSIDE = {
    "image",
    "thumbnail",
    "video",
    "audio",
    "logo",
    "comment",
    "associatedmedia",
    "primaryimageofpage",
    "citation",
    "haspart",
    "itemlistelement",
    "isbasedon",
    "publisher",
    "author",
    "distribution",
}


def claims(page: Page) -> Iterator[Claim]:
    """One for each licence field that names a licence we know."""
    if "ld+json" not in page.lowered:
        return
    for script in page.named("script"):
        if "ld+json" in script.get("type").lower():
            data = records.parse(page.markup[script.inner : script.close].strip())
            for field in records.fields(data) if isinstance(data, (dict, list)) else ():
                licence = names.read(field.value)
                if licence:
                    span = records.span(page, field.value, script.inner)
                    yield claim(page, licence, scope(field), "json_ld", span=span, written=field.value, where="head")


def scope(field: records.Field) -> Scope:
    """The page's own, unless the entity or the way to it is an embedded thing."""
    kinds = _types(field.owner)
    if kinds & _OBJECTS or {key.lower() for key in field.path[:-1]} & _INSIDE:
        return "object"
    return "page"


def _types(owner: dict[str, Any]) -> set[str]:
    kinds = owner.get("@type", ())
    return {str(kind).lower().rpartition("/")[2] for kind in (kinds if isinstance(kinds, list) else [kinds])}
