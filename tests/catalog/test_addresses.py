from __future__ import annotations

import doctest

import pytest

from catalog import addresses
from catalog.addresses import host, normal, rough


def test_the_examples_run() -> None:
    assert doctest.testmod(addresses).failed == 0


@pytest.mark.parametrize(
    ("address", "spelled"),
    [
        ("https://port.example/3", "https://port.example/3"),
        ("HTTPS://PORT.example:443/3#top", "https://port.example/3"),
        ("http://port.example:80", "http://port.example/"),
        ("http://port.example:443/", "http://port.example:443/"),  # near miss: not the usual port of http
        ("https://port.example:8443/", "https://port.example:8443/"),
        ("https://port.example/News?Page=2", "https://port.example/News?Page=2"),  # near miss: a path has its case
        ("https://Anna@Port.example/", "https://Anna@port.example/"),
        ("rows.jsonl#7", "rows.jsonl#7"),  # no address of the web: the fragment is the record
        ("photos/1.png", "photos/1.png"),
        ("https://[port.example/", "https://[port.example/"),
        ("", ""),
    ],
)
def test_one_page_has_one_spelling_and_others_keep_theirs(address: str, spelled: str) -> None:
    assert normal(address) == spelled
    assert normal(spelled) == spelled


@pytest.mark.parametrize(
    ("address", "alike"),
    [
        ("http://www.port.example/news/", True),
        ("https://port.example/News?page=2", True),
        ("https://port.example/new", False),
        ("https://port.example.org/news", False),
        ("port.example/news", True),
    ],
)
def test_nearly_the_same_address(address: str, alike: bool) -> None:
    assert (rough(address) == rough("https://port.example/news")) == alike


def test_hosts_are_of_the_web() -> None:
    assert [host(one) for one in ("https://Port.example:8443/1", "rows.jsonl#7")] == ["port.example", ""]
