# ruff: noqa: E501
"""Whatever a page, a record or a file holds, every channel ends, quotes its own evidence and names known licences."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.checks import Check, discover
from catalog.values import Declared
from licenses import evidence, ids, inspect, names, resolve, scope
from licenses.channels import prose
from licenses.optouts import rsl
from licenses.page import Evidence, Page
from licenses.reading import MOST, claims_of
from licenses.urls import clean, read_url

CHANNELS = discover("claims")
OPTOUTS = discover("preferences")
SCOPES = {"page", "part", "text", "images", "object", "plugin", "theme", "map", "comment", "none"}
# Pieces that mean something to one channel or another, to be put together in every wrong way.
PIECES = (
    "<html>", "<p>", "</p>", "<div about='x'>", "<a rel=license href='", "https://creativecommons.org/licenses/by/4.0/", "'>",
    "</a>", "<footer>", "<figure>", "<script type='application/ld+json'>", "</script>", '{"license":', '"cc-by-4.0"', "}", "[",
    "<!--", "-->", "<rdf:RDF", "<Work rdf:about=''>", "<license rdf:resource='", "<?xml", "<resource>", "<rights rightsURI='",
    "<meta name='DC.rights' content='", "CC BY-SA 3.0 DE", "Creative Commons", "This work is licensed under", "Photo:",
    "All rights reserved", "SPDX-License-Identifier: MIT OR", "---\nlicense: mit\n---\n", "licensetpl_link", "itemprop='license'",
    "User-agent: *\nDisallow: /\nContent-Signal: ai-train=no\n", "train-ai=n", "noai", "tdm-reservation", "&amp;", "\x00", "\ud800",
    " ", "\n", "é", "クリエイティブ・コモンズ",
)  # fmt: skip
scraps = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
texts = st.one_of(scraps, st.text(max_size=200))


@given(texts, texts)
@settings(max_examples=150)
def test_every_channel_ends_with_claims_that_stand_up(markup: str, declared: str) -> None:
    headers = (("Link", declared), ("X-Robots-Tag", declared))
    page = Page(
        markup, "https://example.org/a", headers, Declared(licence=declared, fields=(("XMP-dc:Rights", declared),))
    )
    for claim in claims_of(page):
        assert claim.licence
        assert claim.scope in SCOPES
        assert -1 <= claim.start <= claim.end <= len(markup)
        assert claim.start < 0 or claim.quote == markup[claim.start : claim.end]
    assert resolve(claims_of(page)) == resolve(claims_of(page))


@given(texts)
@settings(max_examples=100)
def test_every_opt_out_check_ends_with_an_answer(text: str) -> None:
    fields = (("cawg.training-mining", text), ("XMP-plus:DataMining", text))
    headers = (("Content-Usage", text), ("tdm-reservation", text), ("X-Robots-Tag", text))
    page = Evidence(text, "https://example.org/a", headers, Declared(fields=fields), robots=text, tdmrep=text, rsl=text)
    for check in OPTOUTS:
        assert {found.answer for found in check.run(page)} <= {"allowed", "reserved", "unknown"}


@given(st.one_of(st.binary(max_size=300), scraps.map(lambda text: text.encode("utf-8", "replace"))))
def test_any_bytes_have_a_verdict(data: bytes) -> None:
    found = inspect(data)
    assert found.verdict.point in ("release", "review", "none")
    assert found.text


@given(st.sampled_from(sorted(ids.tools(), key=lambda tool: tool.id)), st.sampled_from([" ", "-", "_"]))
def test_a_name_made_of_a_tools_parts_is_read_back(tool: ids.Tool, sign: str) -> None:
    if tool.unit not in ids.SIX or len(tool.port) > 2:
        return
    written = f"CC {tool.unit.upper().replace('-', sign)} {tool.version} {tool.port.upper()}".strip()
    assert names.read(written) == tool.id


@given(texts)
def test_reading_a_licence_field_twice_changes_nothing(written: str) -> None:
    once = names.read(written)
    assert not once or names.read(once) in (once, "") or once.startswith("LicenseRef-")


@given(st.text(max_size=100))
def test_cleaning_an_address_takes_away_and_never_adds(text: str) -> None:
    assert not any(mark.isspace() for mark in clean(text))
    found = read_url(text)
    assert found is None or read_url(found.url) is None or read_url(found.url).url == found.url  # type: ignore[union-attr]


BIG = {
    "ten megabytes of links": "<a href='https://creativecommons.org/licenses/by/4.0/'>CC BY</a>" * 150_000,
    "four megabytes of licence fields": '<script>x={"license":"cc-by-4.0"}</script>' * 100_000,
    "ten megabytes of JSON": '{"license":"cc-by-4.0","x":[' + '{"license":"cc-by-sa-4.0"},' * 370_000 + "1]}",
    "ten megabytes of notices": "<p>This work is licensed under CC BY 4.0.</p>" * 230_000,
    "a hundred thousand deep": "<div>" * 100_000 + "This work is licensed under CC BY 4.0.",
    "ten thousand nested figures": "<figure><a rel=license href='https://creativecommons.org/licenses/by/4.0/'>"
    * 10_000,
}


@pytest.mark.parametrize("name", BIG)
def test_what_is_big_is_weighed_in_a_bounded_number_of_steps(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page is read through once; what costs more, the words around a notice, is looked at a bounded number of times."""
    looks = 0
    whole = scope.setting

    def counted(*given: object) -> scope.Setting:
        nonlocal looks
        looks += 1
        return whole(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(evidence, "setting", counted)
    monkeypatch.setattr(prose, "setting", counted)
    found = claims_of(Page(BIG[name]))
    assert looks <= 2 * evidence.MOST + prose._MOST
    assert len(found) <= MOST * len(CHANNELS)
    verdict = resolve(found)
    assert verdict.licence == ("CC-BY-4.0" if "CC BY 4.0." in BIG[name] else verdict.licence)
    assert verdict.reasons


@pytest.mark.parametrize("check", CHANNELS, ids=lambda check: check.name)
def test_no_channel_repeats_itself_without_end(check: Check) -> None:
    page = Page("".join(PIECES) * 500, "https://example.org/a")
    assert len({(claim.start, claim.licence) for claim in check.run(page)}) <= 3 * MOST


def test_licences_within_licences_are_read_in_linear_time() -> None:
    terms = '<license><permits type="usage">search</permits>' * 20_000
    found = list(rsl.read(f'<rsl xmlns="https://rslstandard.org/rsl">{terms}</rsl>'))
    assert [set(one.permits) for one in found] == [{"search"}]
