"""Licence ids and addresses: every tool there and back, and the ways people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licenses import ids
from licenses.ids import Tool, tool_of, tools
from licenses.urls import canonical, clean, from_key, read_url


def test_there_are_639_tools_and_55_have_an_spdx_id() -> None:
    assert len(tools()) == 639
    assert sum(not tool.id.startswith("LicenseRef-") for tool in tools()) == 55


def test_every_tool_has_its_own_id_and_address() -> None:
    assert len({tool.id for tool in tools()}) == 639
    assert len({tool.url for tool in tools()}) == 639


@pytest.mark.parametrize("suffix", ["", "deed", "deed.de", "legalcode", "legalcode.fr", "deed.en_US", "rdf"])
def test_every_tool_is_read_back_from_its_address_and_id(suffix: str) -> None:
    for tool in tools():
        found = read_url(tool.url + suffix)
        assert found is not None
        assert (found.licence, found.url) == (tool.id, tool.url)
        assert tool_of(tool.id) == tool


@pytest.mark.parametrize(
    ("written", "licence"),
    [
        ("//creativecommons.org/licenses/by-sa/4.0/", "CC-BY-SA-4.0"),
        ("http://www.creativecommons.org/licenses/by-sa/3.0", "CC-BY-SA-3.0"),
        ("HTTPS://CreativeCommons.ORG/Licenses/BY/4.0/", "CC-BY-4.0"),
        (" http://creativecommons.org/ licenses/by/2.5/ ", "CC-BY-2.5"),
        ("http:\\/\\/creativecommons.org\\/licenses\\/by\\/3.0\\/", "CC-BY-3.0"),
        ("http%3A%2F%2Fcreativecommons.org%2Flicenses%2Fby-nc%2F4.0%2F", "CC-BY-NC-4.0"),
        ("http://creativecommons.org/licenses/by-nd-nc/2.0/", "CC-BY-NC-ND-2.0"),
        ("http://creativecommons.org/licenses/by-sa-nc/2.0/jp", "LicenseRef-CC-BY-NC-SA-2.0-JP"),
        ("http://creativecommons.org/licenses/by-nc-sa/3.0/de/deed.en", "CC-BY-NC-SA-3.0-DE"),
        ("http://creativecommons.org/licenses/by-nc-sa/3.0/deed.de", "CC-BY-NC-SA-3.0"),
        ("http://creativecommons.org/licenses/by/2.5/scotland/", "LicenseRef-CC-BY-2.5-SCOTLAND"),
        ("http://creativecommons.org/licenses/by/4.0/de/", "CC-BY-4.0"),
        ("http://creativecommons.org/licenses/by/7.0/", "LicenseRef-CC-BY-7.0"),
        ("http://creativecommons.org/licenses/by/2.1/", "LicenseRef-CC-BY-unversioned"),  # published for ports only
        ("https://creativecommons.org/publicdomain/zero/2.0/", "LicenseRef-CC0-2.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/deed.de", "CC0-1.0"),
        ("http://creativecommons.org/licenses/by-nc-sa/", "LicenseRef-CC-BY-NC-SA-unversioned"),
        ("https://web.archive.org/web/2014/http://creativecommons.org/licenses/by/3.0/", "CC-BY-3.0"),
        ("/web/20140101000000im_/http://creativecommons.org/licenses/by/3.0/", "CC-BY-3.0"),
        ("http://i.creativecommons.org/l/by/3.0/us/88x31.png", "CC-BY-3.0-US"),
        ("https://licensebuttons.net/p/zero/1.0/88x31.png", "CC0-1.0"),
        ("http://creativecommons.org/licenses/sampling%2B/1.0/", "LicenseRef-CC-SAMPLING-PLUS-1.0"),
        ("http://creativecommons.org/licenses/publicdomain/", "CC-PDDC"),
        ("http://web.resource.org/cc/PublicDomain", "CC-PDDC"),
        ("http://creativecommons.org/licenses/GPL/2.0/", "GPL-2.0-only"),
        ("https://creativecommons.org/share-your-work/public-domain/cc0/", "CC0-1.0"),
        ("https://choosealicense.com/licenses/odc-by/", "ODC-By-1.0"),
        ("http://opendatacommons.org/licenses/odbl/1.0/", "ODbL-1.0"),
        ("https://www.gnu.org/licenses/gpl-3.0.en.html", "GPL-3.0-only"),
    ],
)
def test_an_address_is_read_however_it_is_written(written: str, licence: str) -> None:
    found = read_url(written)
    assert found is not None
    assert found.licence == licence


@pytest.mark.parametrize(
    "written",
    [
        "http://creativecommons.org/",
        "http://creativecommons.org/licenses/",
        "http://creativecommons.org/choose/",
        "http://creativecommons.org/ns#license",
        "https://example.org/share?u=http://creativecommons.org/licenses/by/4.0/",
        "http://creativecommons.org.example.org/licenses/by/4.0/",
        "http://evilcreativecommons.org/licenses/by/4.0/",
        "https://example.org/spdx.org/licenses/MIT",
        "#license",
        "",
    ],
)
def test_an_address_of_something_else_names_no_licence(written: str) -> None:
    assert read_url(written) is None


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader_of_addresses(text: str) -> None:
    for written in (text, f"http://creativecommons.org/licenses/{text}", f"http://creativecommons.org/{text}"):
        found = read_url(written)
        assert found is None or found.licence


@given(st.sampled_from(sorted(tools(), key=lambda tool: tool.id)), st.sampled_from(["", "deed", "/", "deed.pt_BR"]))
def test_reading_an_address_twice_changes_nothing(tool: Tool, suffix: str) -> None:
    once = read_url(f"  http://creativecommons.org{tool.url.removeprefix('https://creativecommons.org')}{suffix}")
    assert once is not None
    again = read_url(once.url)
    assert again is not None
    assert again.url == once.url


@given(st.text(max_size=200))
def test_cleaning_ends(text: str) -> None:
    assert " " not in clean(text)


@pytest.mark.parametrize(
    ("key", "licence"),
    [
        ("cc-by-sa-4.0", "CC-BY-SA-4.0"),
        ("CC0", "CC0-1.0"),
        ("cc-by", "LicenseRef-CC-BY-unversioned"),
        ("CC-BY-5.0", "LicenseRef-CC-BY-5.0"),  # never published, and so no permission
        ("CC-BY-NC-4.1", "LicenseRef-CC-BY-NC-4.1"),
        ("CC-BY-10.0", "LicenseRef-CC-BY-10.0"),
        ("CC0-2.0", "LicenseRef-CC0-2.0"),
        ("CC0-1.0", "CC0-1.0"),
        ("CC-BY-4.0-XX", "LicenseRef-CC-BY-4.0-ELSEWHERE"),
        ("CC-BY-4.0-jane", "LicenseRef-CC-BY-4.0-ELSEWHERE"),
        ("by 4111114277195050", ""),
        ("CC-BY-4111114277195050", ""),
        ("CC-BY-4.0-en", "CC-BY-4.0"),
        ("gpl-3.0", "GPL-3.0-only"),
        ("odc-by", "ODC-By-1.0"),
        ("cc", ""),
        ("other", ""),
        ("unknown", ""),
    ],
)
def test_a_key_is_an_id_or_nothing(key: str, licence: str) -> None:
    assert from_key(key) == licence


def test_retired_tools_know_their_day() -> None:
    assert Tool("sampling", "1.0").retired == "2007-06-04"
    assert Tool("by", "1.0").retired == ""


def test_an_unknown_id_is_no_tool_and_has_no_address() -> None:
    assert tool_of("LicenseRef-CC-BY-9.0") is None
    assert tool_of("MIT") is None
    assert canonical(ids.ALL_RIGHTS_RESERVED) == ""
