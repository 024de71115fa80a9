"""Web archives: WARC and ARC, plain, gzip or zstd, whole or damaged.

Responses and resources become records: HTML, plain text and pictures. robots.txt and
tdmrep.json become site files. Everything else is tallied by type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO, cast
from urllib.parse import urlsplit

from catalog.values import Declared, Record, Source
from curation.sources import _http
from curation.sources._contract import LIMIT, Identify, Input, Item, Problem, SiteFile, SourceOptions, Tally
from curation.sources._framing import Entry, entries, find_header
from curation.sources._pictures import MEDIA_TYPES as PICTURES
from curation.sources._pictures import picture_record

KIND = "warc"
SUFFIXES = (".warc", ".arc", ".wet")

_HTML = ("text/html", "application/xhtml+xml")
_WANTED = frozenset((*_HTML, "text/plain", *PICTURES))
_SITE_FILES = {"/robots.txt": "robots.txt", "/.well-known/tdmrep.json": "tdmrep.json"}
_CONTENT = ("response", "resource", "conversion", "arc")
_SCHEMES = ("http", "https", "ftp", "file")
# What an archive says of its entries is repeated in the catalog only where it is one of the usual words.
_ORDINARY = re.compile(r"[a-z0-9.+/: -]{1,100}", re.IGNORECASE)
_CUTS = ("length", "time", "disconnect", "unspecified")
_SITE_FILE_LIMIT = 4 * 1024 * 1024  # RFC 9309 asks for 500 KiB at least


def read(source: Input, options: SourceOptions, tally: Tally) -> Iterator[Item | Problem]:  # noqa: ARG001
    """Cut an archive into the entries that are wanted; tally the others."""
    import fsspec

    last = -1
    with fsspec.open(source.path, "rb") as raw:
        for found in entries(cast(BinaryIO, raw)):
            position = last = max(found.position, last + 1)
            if isinstance(found, Problem):
                tally.entries["damaged"] += 1
                yield Problem(position, found.message, found.expected, found.found)
                continue
            wanted, name = _sort(found)
            tally.entries[name if _ORDINARY.fullmatch(name) else "entry of an odd type"] += 1
            if not wanted:
                continue
            if not found.whole:
                yield Problem(position, "too-large", f"at most {LIMIT} bytes", f"{found.length}")
            elif found.missing and not _http.body_is_whole(found.block):
                yield Problem(position, "truncated", f"{found.length} bytes", f"{len(found.block)}, then the end")
            else:
                yield Item(position, found, size=len(found.block))
                if found.missing:  # the page is all there, the length is not true
                    last = position + 1
                    yield Problem(last, "wrong-length", f"{found.length} bytes", f"{len(found.block)}, then the end")


def _sort(entry: Entry) -> tuple[bool, str]:
    """Is it wanted, and what is it called in the tally?"""
    if entry.kind not in _CONTENT:
        return False, entry.kind
    scheme = _address(entry).partition(":")[0].lower()
    if scheme not in _SCHEMES:
        return False, f"{entry.kind} {scheme}:"
    response = _http.parse_head(entry.block)
    if response is None and entry.kind in ("response", "arc"):
        return entry.kind == "arc" and _type_of(entry, response) in _WANTED, f"{entry.kind} without HTTP"
    if _site_file(_address(entry)):
        return True, "site file"
    if response is not None and response.status != 200:
        return False, f"{entry.kind} {response.status}"
    found = _type_of(entry, response)
    return found in _WANTED, f"{entry.kind} {found or 'untyped'}"


def _type_of(entry: Entry, response: _http.Response | None) -> str:
    told = response.media_type if response else _http.media_type(entry.get("content-type"))
    return told or _http.media_type(entry.get("WARC-Identified-Payload-Type"))


def parse(
    item: Item, source: Input, options: SourceOptions, identify: Identify
) -> Iterator[Record | SiteFile | Problem]:
    """One entry as a record or a site file."""
    entry: Entry = item.payload
    address = _address(entry)
    id_ = identify(address)
    response = _http.parse_head(entry.block)
    headers = response.headers if response else None
    body = entry.block[response.body_at :] if response else entry.block
    try:
        body, whole = _http.decode_body(body, headers or (), LIMIT)
    except _http.TooLarge:
        yield Problem(item.position, "too-large", f"at most {LIMIT} bytes", "more when decoded", id_, address)
        return
    except _http.Undecodable as error:
        yield Problem(item.position, "undecodable", "a body that can be decoded", str(error), id_, address)
        return
    date = _date(entry.get("WARC-Date"))
    if kind := _site_file(address):
        if len(body) > _SITE_FILE_LIMIT:  # a part of it would say less than it does
            yield Problem(item.position, "too-large", f"at most {_SITE_FILE_LIMIT} bytes", f"{len(body)}", id_, address)
            return
        status = response.status if response else 200
        host = urlsplit(address).hostname or ""  # as records have it; the port is compared where the file is read
        yield SiteFile(kind, host, address, status, _site_text(kind, status, body), date, source.name, item.position)
        return
    where = Source(address, source.name, item.position, _type_of(entry, response), date, headers)
    yield _record(id_, where, body, Declared(licence=options.licence, fields=_notes(entry, whole)))


def _record(id_: str, where: Source, body: bytes, declared: Declared) -> Record | Problem:
    if where.media_type in PICTURES:
        return picture_record(id_, where, body, declared)
    is_page = where.media_type in _HTML
    text = _http.decode_text(body, find_header(where.headers or (), "content-type"), is_page)
    if not is_page:
        return Record(id_, "text", where, text=text, declared=declared)
    from curation.extract import read_page

    page = read_page(text)
    return Record(id_, "text", where, text=page.text, markup=text, declared=page.declare(declared))


def _site_text(kind: str, status: int, body: bytes) -> str:
    """What a site file says, without comments: they name people and decide nothing.

    The body of a refusal is an error page: nothing in it speaks for the host.
    """
    text = _http.decode_text(body, html=False) if status == 200 else ""
    if kind != "robots.txt":
        return text
    return "\n".join(line.partition("#")[0].rstrip() for line in text.splitlines())


def _notes(entry: Entry, whole: bool) -> tuple[tuple[str, str], ...]:
    """What a reader should know of the capture itself."""
    told = entry.get("WARC-Truncated").lower()
    cut = (told if told in _CUTS else "unspecified" if told else "") or ("" if whole else "encoding")
    return (("WARC-Truncated", cut),) if cut else ()


def _address(entry: Entry) -> str:
    """The target, without wget's angle brackets and with spaces encoded."""
    written = entry.get("WARC-Target-URI").strip().removeprefix("<").removesuffix(">")
    return re.sub(r"\s", "%20", written).partition("#")[0]


def _site_file(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return _SITE_FILES.get(parts.path, "") if parts.scheme in ("http", "https") else ""


def _date(written: str) -> datetime | None:
    """A WARC date (ISO 8601) or an ARC date (digits), as UTC."""
    digits = re.sub(r"\D", "", written)[:14]
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
