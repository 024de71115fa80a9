"""What a web archive becomes: records, site files, problems, and a tally of the rest."""

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from catalog.values import Record
from curation.sources import SourceOptions

Read = Callable[..., Any]
HTML = "Content-Type: text/html"


def test_a_page_keeps_its_markup_its_headers_and_its_date(read: Read, warc: Any) -> None:
    body = b'<html lang="en-GB"><title>Tide  board</title><meta name=author content="The Office"><p>Low at noon.</p>'
    response = warc.page(body, "200 OK", HTML, "X-Robots-Tag: noai", "x-robots-tag: noimageai")
    [record] = read("a.warc", warc.entry(response)).records
    assert record.id == "https://pier.example/|"
    assert (record.modality, record.text, record.markup) == ("text", "Low at noon.", body.decode())
    assert record.source.headers == (
        ("Content-Type", "text/html"),
        ("X-Robots-Tag", "noai"),
        ("x-robots-tag", "noimageai"),
    )
    assert record.source.fetched_at == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert (record.source.container, record.source.position) == ("a.warc", 0)
    declared = record.declared
    assert (declared.title, declared.author, declared.language, declared.fields) == (
        "Tide board",
        "The Office",
        "",
        (("html:lang", "en"),),
    )


def test_a_resource_has_no_headers_and_says_so_by_none(read: Read, warc: Any) -> None:
    [record] = read("a.warc", warc.entry(b"<p>Chart.</p>", "resource", media_type="text/html")).records
    assert record.source.headers is None


def test_captures_of_one_address_share_its_id_and_the_run_keeps_the_newest(read: Read, warc: Any) -> None:
    one = warc.entry(warc.page())
    found = read("a.warc", one + one)
    assert [(record.id, record.source.position) for record in found.records] == [
        ("https://pier.example/|", 0),
        ("https://pier.example/|", len(one)),
    ]


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("<https://pier.example/a>", "https://pier.example/a"),
        ("https://pier.example/a b", "https://pier.example/a%20b"),
        ("https://pier.example/a#part", "https://pier.example/a"),
        ("https://pier.example/?q=1", "https://pier.example/?q=1"),
    ],
)
def test_addresses_are_made_canonical(read: Read, warc: Any, written: str, address: str) -> None:
    [record] = read("a.warc", warc.entry(warc.page(), url=written)).records
    assert record.source.address == address


def test_what_is_not_wanted_is_tallied_by_type(read: Read, warc: Any) -> None:
    entries = (
        warc.entry(b"software: hands", "warcinfo"),
        warc.entry(b"GET / HTTP/1.1\r\n\r\n", "request"),
        warc.entry(warc.page(b"", "404 Not Found")),
        warc.entry(warc.page(b"", "301 Moved", "Location: /new")),
        warc.entry(warc.page(b"%PDF", "200 OK", "Content-Type: application/pdf")),
        warc.entry(warc.page(b"{}", "200 OK", "Content-Type: application/json; charset=utf-8")),
        warc.entry(warc.page(b"?", "200 OK", "Server: hands")),
        warc.entry(b"log", "resource", url="metadata://tools/log.txt", media_type="text/plain"),
        warc.entry(b"no head"),
    )
    found = read("a.warc.gz", warc.members(*entries))
    assert found.found == []
    assert found.entries == {
        "warcinfo": 1,
        "request": 1,
        "response 404": 1,
        "response 301": 1,
        "response application/pdf": 1,
        "response application/json": 1,
        "response untyped": 1,
        "resource metadata:": 1,
        "response without HTTP": 1,
    }


def test_site_files_lose_their_comments_and_refusals_their_body(read: Read, warc: Any) -> None:
    robots = b"# ask anna@example.com\r\nUser-agent: *  # all\r\nDisallow: /\r\n"
    plain = "Content-Type: text/plain"
    found = read(
        "a.warc",
        warc.entry(warc.page(robots, "200 OK", plain), url="https://Pier.example:8080/robots.txt")
        + warc.entry(warc.page(b"<h1>Gone</h1>", "404 Not Found"), url="https://quay.example/robots.txt")
        + warc.entry(warc.page(b"[]", "200 OK", plain), url="https://pier.example/.well-known/tdmrep.json")
        + warc.entry(warc.page(b"about robots", "200 OK", plain), url="https://pier.example/files/robots.txt"),
    )
    assert [(file.kind, file.host, file.status, file.body) for file in found.site_files] == [
        ("robots.txt", "pier.example", 200, "\nUser-agent: *\nDisallow: /"),
        ("robots.txt", "quay.example", 404, ""),
        ("tdmrep.json", "pier.example", 200, "[]"),
    ]
    assert [record.text for record in found.records] == ["about robots"]


def chunks(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (*parts, b""))


BODY = "<p>Die Ebbe wartet am Kai, grün und müde, auf den Fährmann.</p>"
GREEN = "Die Ebbe wartet am Kai, grün und müde, auf den Fährmann."


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (BODY.encode(), ["Content-Type: text/html; charset=utf-8"]),
        (BODY.encode("latin-1"), ["Content-Type: text/html; charset=iso-8859-1"]),
        (BODY.encode("latin-1"), ["Content-Type: text/html; charset=no-such"]),
        (b"\xef\xbb\xbf" + BODY.encode(), ["Content-Type: text/html; charset=iso-8859-1"]),
        (b'<meta charset="latin1">' + BODY.encode("latin-1"), [HTML]),
        (BODY.encode("utf-16-le").join([b"\xff\xfe", b""]), [HTML]),
        (gzip.compress(BODY.encode()), [HTML, "Content-Encoding: gzip"]),
        (BODY.encode(), [HTML, "Content-Encoding: gzip"]),
        (zlib.compress(BODY.encode()), [HTML, "Content-Encoding: deflate"]),
        (zlib.compress(BODY.encode(), wbits=-15), [HTML, "Content-Encoding: deflate"]),
        (chunks(BODY.encode()[:9], BODY.encode()[9:]), [HTML, "Transfer-Encoding: chunked"]),
        (BODY.encode(), [HTML, "Transfer-Encoding: chunked"]),
        (chunks(gzip.compress(BODY.encode())), [HTML, "Transfer-Encoding: chunked", "Content-Encoding: gzip"]),
    ],
)
def test_encodings_are_undone(read: Read, warc: Any, body: bytes, headers: list[str]) -> None:
    [record] = read("a.warc", warc.entry(warc.page(body, "200 OK", *headers))).records
    assert (record.text, record.declared.fields) == (GREEN, ())


def test_a_zstd_body_that_is_cut_off_is_told(read: Read, warc: Any) -> None:
    packed = pytest.importorskip("zstandard").compress(random.Random(1).randbytes(400_000).hex().encode())
    page = warc.page(packed[:-9000], "200 OK", HTML, "Content-Encoding: zstd")
    (record,) = read("a.warc", warc.entry(page)).records
    assert record.declared.get("WARC-Truncated") == "encoding"


def test_brotli_and_zstd_bodies_are_undone(read: Read, warc: Any) -> None:
    brotli = pytest.importorskip("brotli")
    zstandard = pytest.importorskip("zstandard")
    for name, packed in (("br", brotli.compress(BODY.encode())), ("zstd", zstandard.compress(BODY.encode()))):
        [record] = read("a.warc", warc.entry(warc.page(packed, "200 OK", HTML, f"Content-Encoding: {name}"))).records
        assert record.text == GREEN


def test_a_body_cut_short_is_kept_and_noted(read: Read, warc: Any) -> None:
    packed = gzip.compress(BODY.encode())[:-6]
    [record] = read("a.warc", warc.entry(warc.page(packed, "200 OK", HTML, "Content-Encoding: gzip"))).records
    assert (record.text, record.declared.fields) == (GREEN, (("WARC-Truncated", "encoding"),))


@pytest.mark.parametrize(
    ("body", "encoding", "problem"),
    [
        (b"\x1f\x8b\x08\x00rubbish rubbish", "gzip", "undecodable"),
        (b"<p>x", "rot13", "undecodable"),
        (gzip.compress(b"\0" * (65 << 20)), "gzip", "too-large"),
    ],
)
def test_what_cannot_be_decoded_is_a_problem_with_an_id(
    read: Read, warc: Any, body: bytes, encoding: str, problem: str
) -> None:
    found = read("a.warc", warc.entry(warc.page(body, "200 OK", HTML, f"Content-Encoding: {encoding}")))
    assert found.problems == [(0, problem)]
    assert found.found[0].id == "https://pier.example/|"


def test_a_page_that_would_take_minutes_is_a_problem_and_the_next_one_is_read(read: Read, warc: Any) -> None:
    deep = warc.entry(warc.page(b"<div>" * 100_000, "200 OK", HTML))
    found = read("a.warc", deep + warc.entry(warc.page(), url="https://pier.example/next"))
    assert found.problems == [(0, "unparsable")]
    assert [record.text for record in found.records] == ["Low water at noon."]


def test_an_entry_cut_off_is_kept_only_if_its_page_is_whole(read: Read, warc: Any) -> None:
    whole = warc.page(b"<p>All here.</p>", "200 OK", HTML, "Content-Length: 16")
    promised = str(len(whole) + 50)
    kept = read("whole.warc", warc.entry(whole, length=promised).removesuffix(b"\r\n\r\n"))
    assert ([record.text for record in kept.records], kept.problems) == (["All here."], [(1, "wrong-length")])
    lost = read("cut.warc", warc.entry(whole[:-5], length=promised).removesuffix(b"\r\n\r\n"))
    assert (lost.records, lost.problems) == ([], [(0, "truncated")])


def test_an_entry_that_is_too_large_is_a_problem_only_if_it_was_wanted(
    read: Read, warc: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import functools

    from curation.sources import _framing
    from curation.sources import warc as module

    monkeypatch.setattr(module, "entries", functools.partial(_framing.entries, limit=1000))
    film = warc.page(b"x" * 2000, "200 OK", "Content-Type: video/mp4")
    found = read("a.warc", warc.entry(film) + warc.entry(warc.page(b"y" * 2000)))
    assert [problem for _, problem in found.problems] == ["too-large"]
    assert found.entries == {"response video/mp4": 1, "response text/html": 1}


# What each damaged or unusual archive holds: records and problems.
ODD = {
    "bad.arc": (1, ["no-length", "no-length", "no-length"]),
    "example-bad-non-chunked.warc.gz": (1, []),
    "example-bad.warc.gz.bad": (1, []),
    "example-digest.warc": (0, []),
    "example-iana.org-chunked.warc": (1, []),
    "example-resource.warc.gz": (1, []),
    "example-space-in-target-uri.warc.gz": (1, []),
    "example-space-in-url.arc": (1, ["wrong-length"]),
    "example-trunc.warc": (1, ["no-entry"]),
    "example-wget-bad-target-uri.warc.gz": (1, []),
    "example-wrong-chunks.warc.gz": (1, []),
    "example.arc": (1, []),
    "example.arc.gz": (1, []),
    "example.warc": (1, []),
    "example.warc.gz": (1, []),
    "post-test.warc.gz": (0, []),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_archives_give_every_record_they_hold(name: str, shared: Path, read_source: Read) -> None:
    found = read_source(SourceOptions(path=f"warc/odd/{name}"), shared)
    assert (len(found.records), [problem for _, problem in found.problems]) == ODD[name]
    assert all(record.image or record.text.strip() or name == "bad.arc" for record in found.records)


@pytest.mark.parametrize(
    ("name", "pages"),
    [("dolma-sample-0000.warc.gz", 22), ("dolma-sample-0001.warc.gz", 15), ("whirlwind.warc.gz", 1)],
)
def test_real_archives_give_every_page(name: str, pages: int, shared: Path, read_source: Read) -> None:
    found = read_source(SourceOptions(path=f"warc/{name}"), shared)
    assert (len(found.records), found.problems) == (pages, [])
    assert len({(record.id, record.source.position) for record in found.records}) == pages
    assert found.positions == sorted(set(found.positions))
    assert all(isinstance(record, Record) and record.text and record.source.headers for record in found.records)
