"""API and dataset records in JSON: Flickr, Wikimedia, museums, Openverse, Croissant, Hugging Face, DataCite."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from catalog.checks import Example
from catalog.values import Claim, Scope
from licenses import ids, names, records
from licenses.channels.json_ld import _INSIDE
from licenses.evidence import claim
from licenses.ids import Tool
from licenses.page import Page, text_of
from licenses.urls import read_url

VERSION = 1
REPORTS = {
    "record": "The licence fields of a JSON record, those nearest to its top; Flickr's numbers read as licences."
}
EXAMPLES = (
    Example('{"license": "cc-by-4.0", "name": "set"}', ("CC-BY-4.0",)),
    Example('{"id": "1", "ownername": "a", "secret": "b", "license": "11"}', ("CC-BY-4.0",)),
    Example('{"id": "1", "license": "11"}'),
    Example('{"tags": ["license:cc0-1.0", "task:x"]}', ("CC0-1.0",)),
    Example('{"license": "by-sa", "license_version": "4.0"}', ("CC-BY-SA-4.0",)),
    Example('{"license": "unknown"}'),
    Example('{"distribution": [{"license": "mit"}]}'),
)
# Flickr's licence numbers; 11 to 16 are the 4.0 licences, in another order than 1 to 6.
_FLICKR = {
    "1": Tool("by-nc-sa", "2.0"),
    "2": Tool("by-nc", "2.0"),
    "3": Tool("by-nc-nd", "2.0"),
    "4": Tool("by", "2.0"),
    "5": Tool("by-sa", "2.0"),
    "6": Tool("by-nd", "2.0"),
    "9": Tool("zero", "1.0"),
    "10": Tool("mark", "1.0"),
    "11": Tool("by", "4.0"),
    "12": Tool("by-sa", "4.0"),
    "13": Tool("by-nd", "4.0"),
    "14": Tool("by-nc", "4.0"),
    "15": Tool("by-nc-sa", "4.0"),
    "16": Tool("by-nc-nd", "4.0"),
}
_FLICKR_KEYS = {"ownername", "secret", "farm", "owner", "datetakengranularity", "nsid", "pathalias"}


def claims(page: Page) -> Iterator[Claim]:
    """Only in records that are JSON as a whole."""
    data = records.parse(page.markup.lstrip("\ufeff")) if page.kind == "json" else None
    if not isinstance(data, (dict, list)):
        return
    found = [(field, licence) for field in records.fields(data) for licence in _read(field)]
    top = min((len(field.path) for field, licence in found if licence != ids.ALL_RIGHTS_RESERVED), default=99)
    for field, licence in found:
        scope: Scope = (
            "object" if len(field.path) > top + 2 or {k.lower() for k in field.path[:-1]} & _INSIDE else "page"
        )
        span = records.span(page, field.value)
        url = read_url(field.value)
        yield claim(
            page,
            licence,
            scope,
            "record",
            span=span,
            written=field.value,
            url=url.url if url else "",
            where="address" if url else "record",
            speaker="source",
        )
    yield from _tags(page, data)


def _read(field: records.Field) -> tuple[str, ...]:
    if field.value.isdigit():
        flickr = len(_FLICKR_KEYS & field.owner.keys()) >= 2 and field.value in _FLICKR
        return (_FLICKR[field.value].id,) if flickr else ()
    if "<" in field.value:
        links = [found.licence for part in field.value.split('"') if (found := read_url(part))]
        return tuple(links[:1]) or names.expression(text_of(field.value)[:900])[0]
    if field.value.strip().lower() == "other":
        return (ids.OTHER,)
    version = str(field.owner.get("license_version") or "")  # Openverse keeps "by-sa" and "4.0" apart
    versioned = names.read(f"{field.value}-{version}") if version and field.key == "license" else ""
    return (versioned,) if versioned else names.expression(field.value)[0]


def _tags(page: Page, data: Any) -> Iterator[Claim]:
    """Hugging Face keeps licences among the tags, as `license:cc-by-4.0`."""
    tags = data.get("tags") if isinstance(data, dict) else None
    for tag in tags if isinstance(tags, list) else ():
        key, colon, value = str(tag).partition(":")
        if colon and key == "license" and (licence := names.read(value)):
            span = records.span(page, str(tag))
            yield claim(page, licence, "page", "record", span=span, written=value, where="record", speaker="source")
