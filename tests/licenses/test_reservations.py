"""Opt-outs: what each signal says, and what they add up to."""

from __future__ import annotations

import pytest

import licenses
from catalog.errors import UsageError
from catalog.values import Declared, Preference, Record, Source
from licenses import optouts, reserved, site_preferences, structured
from licenses.optouts import rsl, tdmrep
from licenses.reservations import weighing
from licenses.robots_file import allows, matches

URL = "https://example.org/a/b.html"


def answers(use: str, **given: object) -> str:
    return reserved(optouts(str(given.pop("markup", "")), url=URL, **given), use)  # type: ignore[arg-type]


def test_what_was_not_captured_is_unknown_and_never_allowed() -> None:
    assert optouts("<p>", url=URL) == []
    assert answers("train-ai") == "unknown"
    assert answers("crawl") == "unknown"


def test_a_captured_robots_txt_without_rules_allows_crawling_and_says_no_more() -> None:
    assert answers("crawl", robots="") == "allowed"
    assert answers("train-ai", robots="") == "unknown"


@pytest.mark.parametrize(
    ("robots", "crawl", "train"),
    [
        ("User-agent: *\nDisallow: /", "reserved", "unknown"),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "allowed", "unknown"),
        ("User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /\n", "allowed", "reserved"),
        ("User-agent: gptbot/1.0\nDisallow: /a/*.html$\n", "allowed", "reserved"),
        ("User-agent: GPTBot\nDisallow: /c\n", "allowed", "unknown"),
        ("User-agent: GPTBot\nAllow: /\n", "allowed", "unknown"),
        ("User-agent: PerplexityBot\nDisallow: /\n", "allowed", "unknown"),
        ("\ufeffuser-agent : GPTBot # them\n disallow : / # all\n", "allowed", "reserved"),
    ],
)
def test_robots_rules_are_read_by_what_the_agent_fetches_for(robots: str, crawl: str, train: str) -> None:
    assert (answers("crawl", robots=robots), answers("train-ai", robots=robots)) == (crawl, train)


@pytest.mark.parametrize(
    ("headers", "use", "answer"),
    [
        ((("X-Robots-Tag", "NoAI"),), "train-ai", "reserved"),
        ((("x-robots-tag", "noimageai"),), "train-ai", "unknown"),
        ((("x-robots-tag", "noimageai"),), "train-ai-images", "reserved"),
        ((("x-robots-tag", "noai"),), "train-ai-images", "reserved"),
        ((("X-Robots-Tag", "noindex, nofollow"),), "train-ai", "unknown"),
        ((("X-Robots-Tag", "unavailable_after: 25 Jun 2030, noml"),), "train-ai", "reserved"),
        ((("Content-Usage", "train-ai=n"),), "train-ai", "reserved"),
        ((("Content-Usage", "train-ai=y, search=n"),), "train-ai", "allowed"),
        ((("Content-Usage", "train-ai=y"), ("content-usage", "train-ai=n")), "train-ai", "reserved"),
        ((("Content-Usage", "train-ai=n"), ("content-usage", "train-ai=y")), "train-ai", "allowed"),
        ((("Content-Usage", "TRAIN-AI=n"),), "train-ai", "unknown"),
        ((("Content-Usage", "ai-use=n;exceptions=cc-cr"),), "train-ai", "reserved"),
        ((("tdm-reservation", "1"),), "tdm", "reserved"),
        ((("tdm-reservation", "1"),), "train-ai", "reserved"),
        ((("tdm-reservation", "0"),), "tdm", "allowed"),
        ((("tdm-reservation", "0"),), "train-ai", "unknown"),
        ((("Content-Signal", "ai-train=no"),), "train-ai", "reserved"),
        ((("Link", '<https://example.org/l.xml>; rel="license"; type="application/rsl+xml"'),), "train-ai", "unknown"),
    ],
)
def test_headers_say_what_they_say(headers: tuple[tuple[str, str], ...], use: str, answer: str) -> None:
    assert answers(use, headers=headers) == answer


def test_the_most_restrictive_of_several_signals_wins() -> None:
    headers = (("Content-Usage", "train-ai=y"), ("X-Robots-Tag", "noai"))
    assert answers("train-ai", headers=headers) == "reserved"


@pytest.mark.parametrize(
    ("file", "header", "meta", "answer"),
    [
        (1, None, None, "reserved"),
        (1, 0, None, "allowed"),
        (0, 1, None, "reserved"),
        (1, 1, 0, "allowed"),
        (0, 0, 1, "reserved"),
        (1, 2, None, "reserved"),
        (None, None, None, "unknown"),
    ],
)
def test_a_later_layer_of_tdmrep_overrides_and_absence_resets_nothing(
    file: int | None, header: int | None, meta: int | None, answer: str
) -> None:
    found = optouts(
        "" if meta is None else f'<meta name="tdm-reservation" content="{meta}">',
        url=URL,
        headers=() if header is None else (("tdm-reservation", str(header)),),
        tdmrep=None if file is None else f'[{{"location": "/", "tdm-reservation": {file}}}]',
    )
    assert reserved(found, "tdm") == answer


@pytest.mark.parametrize(
    ("body", "reservation"),
    [
        ('[{"location": "/a/*", "tdm-reservation": 1}, {"location": "/", "tdm-reservation": 0}]', 1),
        ('[{"location": "/", "tdm-reservation": 0}, {"location": "/a/*", "tdm-reservation": 1}]', 0),
        ('[{"location": "/*.html$", "tdm-reservation": 1}]', 1),
        ('[{"location": "/*.htm$", "tdm-reservation": 1}]', None),
        ('[{"location": "/", "tdm-reservation": true}]', None),
        ('{"location": "/", "tdm-reservation": 1}', None),
        ("not json", None),
        ("[[", None),
    ],
)
def test_the_first_matching_rule_of_tdmrep_json_holds(body: str, reservation: int | None) -> None:
    assert tdmrep.from_file(body, URL).reservation == reservation


@pytest.mark.parametrize(
    ("robots", "answer"),
    [
        ("User-Agent: *\nContent-Usage: train-ai=n\n", "reserved"),
        ("User-Agent: *\nContent-Usage: train-ai=n\nContent-Usage: /a train-ai=y\n", "allowed"),
        ("User-Agent: *\nContent-Usage: /a train-ai=y\nContent-Usage: /a/b train-ai=n\n", "reserved"),
        ("User-Agent: *\nContent-Usage: /c train-ai=n\n", "unknown"),
        ("User-Agent: *\nContent-Signal: search=yes, ai-train=no\n", "reserved"),
        ("User-Agent: *\nContent-Signal: ai-train=yes\n", "allowed"),
        ("License: https://example.org/license.xml\nUser-agent: *\nAllow: /\n", "unknown"),
    ],
)
def test_usage_lines_of_robots_txt_hold_for_the_longest_path(robots: str, answer: str) -> None:
    assert answers("train-ai", robots=robots) == answer


def test_a_platforms_default_is_told_from_the_sites_own_words() -> None:
    managed = "# BEGIN Cloudflare Managed content\nUser-agent: *\nContent-Signal: ai-train=no\n"
    for robots, speaker in ((managed, "platform"), ("User-agent: *\nContent-Signal: ai-train=no\n", "site")):
        found = [one for one in optouts("", url=URL, robots=robots) if one.use == "train-ai"]
        assert [one.speaker for one in found] == [speaker]


@pytest.mark.parametrize(
    ("terms", "use", "answer"),
    [
        ('<prohibits type="usage">all</prohibits>', "train-ai", "reserved"),
        ('<permits type="usage">search</permits>', "search", "allowed"),
        ('<permits type="usage">search</permits>', "train-ai", "reserved"),
        ('<permits type="usage">ai-train</permits><payment type="purchase"/>', "train-ai", "reserved"),
        ('<permits type="usage">ai-train</permits><payment type="free"/>', "train-ai", "allowed"),
        ('<permits type="user">education</permits>', "train-ai", "unknown"),
    ],
)
def test_rsl_terms_permit_only_what_they_name(terms: str, use: str, answer: str) -> None:
    document = f'<rsl xmlns="https://rslstandard.org/rsl"><content url="/"><license>{terms}</license></content></rsl>'
    assert next(rsl.read(document)).answer(use) == answer


def test_a_site_file_speaks_for_its_own_host_alone() -> None:
    body = "User-agent: *\nDisallow: /\n"
    ours = site_preferences("robots.txt", body, "https://example.org/robots.txt", URL)
    assert [(one.use, one.answer) for one in ours] == [("crawl", "reserved")]
    assert site_preferences("robots.txt", body, "http://user@example.org:80/robots.txt", URL) == ours
    assert site_preferences("robots.txt", body, "https://other.example/robots.txt", URL) == []
    assert site_preferences("robots.txt", body, "https://example.org:8080/robots.txt", URL) == []
    port = URL.replace("example.org", "example.org:8080")
    assert site_preferences("robots.txt", body, "https://example.org:8080/robots.txt", port) == ours
    with pytest.raises(UsageError, match="robots"):
        site_preferences("humans.txt", "", "", URL)


def test_a_pictures_metadata_may_reserve_it() -> None:
    declared = Declared(fields=(("XMP-plus:DataMining", "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED"),))
    record = Record("1", "image", Source(URL, "a.warc.gz", 0), declared=declared)
    assert reserved(licenses.preferences(record), "train-ai") == "reserved"


def test_what_weighs_on_a_use_is_named() -> None:
    found = optouts("", url=URL, headers=(("tdm-reservation", "1"), ("Content-Usage", "search=n")))
    assert [one.channel for one in weighing(found, "train-ai")] == ["tdmrep"]


def test_an_agents_permission_is_not_everybodys() -> None:
    assert reserved([Preference("train-ai", "allowed", "robots", agent="gptbot")], "train-ai") == "unknown"


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("a=1, b;x=2, c=(1 2);y", ["a", "b", "c"]),
        ('a="x, y", b=?0', ["a", "b"]),
        ("a=1, a=2", ["a"]),
        ("", []),
    ],
)
def test_a_structured_dictionary_is_read(text: str, keys: list[str]) -> None:
    assert list(structured.parse(text) or {}) == keys


@pytest.mark.parametrize("text", ["A=1", "a=", "a,", "a=1 b=2", 'a="x', "a=(1", "a;", "=", "a" * 20_000])
def test_what_is_no_structured_dictionary_says_nothing(text: str) -> None:
    assert structured.parse(text) is None


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [("/", "/a", True), ("/a*c$", "/abc", True), ("/a*c$", "/abcd", False), ("/a$", "/a", True), ("/a$", "/ab", False),
     ("*.pdf$", "/x/y.pdf", True), ("/a*a$", "/a", False), ("", "/x", True), ("/%7Ea", "/~a", True)],
)  # fmt: skip
def test_a_path_pattern_fits(pattern: str, path: str, fits: bool) -> None:
    assert matches(pattern, path) is fits


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        ("Disallow: /", False),
        ("Disallow:", True),
        ("Disallow: /a\nAllow: /a/b", True),
        ("Allow: /a\nDisallow: /a/b", False),
        ("Allow: /a\nDisallow: /a", True),
        ("Disallow: /*.html$", False),
        ("Disallow: /A", True),
        ("Disallow: /a/b.html?x", True),
        ("Crawl-delay: 10", True),
    ],
)
def test_the_longest_rule_of_the_agents_own_group_decides(rules: str, allowed: bool) -> None:
    assert allows(f"User-agent: x\n{rules}\n", URL, "X/2.0") is allowed
    assert allows(f"User-agent: *\n{rules}\n", URL, "x") is allowed
    assert allows(f"User-agent: *\nDisallow: /\nUser-agent: x\n{rules}\n", URL, "x") is allowed
    assert allows(f"User-agent: y\n{rules}\n", URL, "x") is True


def test_groups_for_one_agent_are_read_together() -> None:
    assert allows("User-agent: x\nAllow: /\n\nUser-agent: x\nDisallow: /a\n", URL, "x") is False
