"""Verdicts: what a notice covers, who is heard when notices differ, and when a person must look."""

from __future__ import annotations

import random

import pytest

import licenses
from catalog.values import Claim, Declared, Record, Source
from licenses import classify, resolve
from licenses.verdict import compatible

BY = '<a href="http://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>'
REL = '<a rel="license" href="http://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>'
BY_SA = '<a href="http://creativecommons.org/licenses/by-sa/4.0/">CC BY-SA 4.0</a>'


def found(markup: str) -> tuple[str | None, str]:
    verdict = classify(f"<html><body>{markup}</body></html>")
    return verdict.licence, verdict.point


@pytest.mark.parametrize(
    "markup",
    [
        f"<footer>Content on this site is licensed under {BY}.</footer>",
        f"<footer>Sofern nicht anders angegeben, stehen alle Inhalte unter {BY}.</footer>",
        f"<div class='widget'>Este blog está bajo una licencia {BY}.</div>",
        f"<article>This work is licensed under a {REL}.</article>",
        f"<article>The book of the year, by somebody, {REL}.</article>",
        f"<footer>© 2020 Example {BY}</footer>",
        f"<footer>{BY}</footer>",
        f"<div class='footer-credits'>This site is licensed under {BY}</div>",
        "<footer>Text and images on this site are available under CC BY 4.0.</footer>",
        f"<footer>Theme by A. All content is licensed under {BY}</footer>",
        f"<footer>Site design by A; user contributions licensed under {BY}</footer>",
        '<head><meta name="DC.rights" content="CC BY 4.0"></head>',
    ],
)
def test_a_notice_for_the_page_is_released(markup: str) -> None:
    assert found(markup) == ("CC-BY-4.0", "release")


@pytest.mark.parametrize(
    "markup",
    [
        f"<p>Photo: Jane Doe, {BY}</p>",
        f"<p>Bild: Jane Doe / Wikimedia ({BY})</p>",
        f"<figure><img><figcaption>Jane Doe, {REL}</figcaption></figure>",
        f"<div class='wp-caption'>Jane Doe {BY}</div>",
        f"<span class='photo-credit'>Jane Doe {BY}</span>",
        f"<p>Jane Doe via Flickr, {BY}</p>",
        f"<footer>All photos on this site are licensed under {BY}.</footer>",
        f"<footer>Theme by Jane Doe, licensed under {BY}.</footer>",
        f"<footer>Icons by Jane Doe under {BY}</footer>",
        f"<footer>Map tiles by A, under {BY}</footer>",
        f"<footer>This slider plugin is licensed under {BY}</footer>",
        f"<div id='comments'><p>This page is licensed under {BY}</p></div>",
        f"<div about='photo.jpg'>This work is licensed under {REL}</div>",
        f"<p>Compare {BY} with other licences.</p>",
        "<p>We like Creative Commons.</p>",
        f"<article>Words. <div class='float-right'>Jane Doe, {BY}</div></article>",
        "<!-- This work is licensed under CC BY 4.0 --><p>Words.</p>",
        '<footer>Open source, <a href="https://www.gnu.org/licenses/gpl-2.0.html">GPL</a></footer>',
        "<p>CC: Jane Doe, by mail.</p>",
        '<script>var credit = "CC BY 4.0, this page is licensed";</script>',
    ],
)
def test_a_notice_for_something_else_licenses_nothing_here(markup: str) -> None:
    assert found(markup) == (None, "none")


@pytest.mark.parametrize(
    ("markup", "licence", "reason"),
    [
        (f"<footer>This page: {REL}</footer><footer>This page: {REL.replace('by/4.0', 'by-nc/4.0')}</footer>",
         "CC-BY-NC-4.0", "licence-conflict"),
        (f"<article>This work: {REL} All rights reserved.</article>", "CC-BY-4.0", "all-rights-reserved"),
        ("<footer>This page is under a Creative Commons licence.</footer>", "LicenseRef-CC-unspecified",
         "licence-unspecified"),
        (f"<article>The report is licensed under {BY}.</article>", "CC-BY-4.0", "licence-part"),
        (f"<footer>Powered by X • Theme by Jane Doe • Licence: {BY}</footer>", "CC-BY-4.0", "licence-part"),
        ('<footer>This page: <a rel="license" href="http://creativecommons.org/publicdomain/mark/1.0/">PD</a></footer>',
         "CC-PDM-1.0", "public-domain-claimed"),
        ('<footer>This page: <a rel="license" href="http://creativecommons.org/licenses/sampling/1.0/">x</a></footer>',
         "LicenseRef-CC-SAMPLING-1.0", "licence-retired"),
        ('<footer><img src="https://licensebuttons.net/l/by/4.0/88x31.png"></footer>', "CC-BY-4.0", "licence-hinted"),
        ('<footer><a rel="license" href="http://creativecommons.org/licenses/by/4.0/">'
         '<img src="https://licensebuttons.net/l/by-nc/4.0/88x31.png"></a></footer>', "CC-BY-4.0", "licence-conflict"),
        (f"<article>This work is licensed under {REL.replace('4.0', '5.0')}.</article>", "LicenseRef-CC-BY-5.0",
         "licence-version"),
        ('<article>{"license": "CC0-2.0"}</article><head><meta name="DC.rights" content="CC0-2.0"></head>',
         "LicenseRef-CC0-2.0", "licence-version"),
        (f"<div about='data.csv'>The data set is licensed under {REL}</div>", "CC-BY-4.0", "licence-object"),
    ],
)  # fmt: skip
def test_a_person_must_look_where_a_notice_leaves_doubt(markup: str, licence: str, reason: str) -> None:
    verdict = classify(f"<html><body>{markup}</body></html>")
    assert (verdict.licence, verdict.point) == (licence, "review")
    assert reason in [each.id for each in verdict.reasons]


@pytest.mark.parametrize(
    ("notice", "scope"),
    [
        ("The text of this page is licensed under", "page"),
        ("Texts are licensed under", "text"),
        ("Text is available under the", "text"),
        ("All photos on this site are licensed under", "images"),
        ("Text and images are licensed under", "page"),
        ("Photo by A, licensed under", "object"),
        ("Nothing here is not licensed under", "part"),
    ],
)
def test_a_claim_says_what_it_covers(notice: str, scope: str) -> None:
    verdict = classify(f"<html><footer>{notice} {BY}.</footer></html>")
    assert [claim.scope for claim in verdict.claims] == [scope]


@pytest.mark.parametrize(
    ("tool", "alone"),
    [("publicdomain/mark/1.0", True), ("publicdomain/zero/1.0", False), ("licenses/sampling/1.0", False)],
)
def test_a_public_domain_mark_may_be_trusted_where_it_is_the_only_doubt(tool: str, alone: bool) -> None:
    link = f'<a rel="license" href="http://creativecommons.org/{tool}/">x</a>'
    assert classify(f"<footer>This page: {link}</footer>").only_public_domain is alone
    assert classify(f"<article>This page: {link} All rights reserved.</article>").only_public_domain is False


def test_the_articles_own_notice_is_heard_before_the_footers() -> None:
    verdict = classify(f"<article>This article: {REL}</article><footer>This site is licensed under {BY_SA}.</footer>")
    assert verdict.licence == "CC-BY-4.0"
    assert [claim.licence for claim in verdict.conflicts] == ["CC-BY-SA-4.0"]
    assert verdict.point == "review"


def test_the_words_of_a_link_make_it_no_conflict_when_they_say_less() -> None:
    verdict = classify(f"<footer>This page is licensed under CC BY. {REL}</footer>")
    assert (verdict.licence, verdict.point, verdict.conflicts) == ("CC-BY-4.0", "release", ())


def test_an_unstated_version_is_stated_by_another_notice_that_agrees() -> None:
    markup = '<p>This work is licensed under CC BY.</p><script>s={"licenseUrl": "http://creativecommons.org/licenses/by/3.0/"}</script>'
    assert classify(markup).licence == "CC-BY-3.0"


def test_templates_side_by_side_are_a_choice() -> None:
    template = '<span class="licensetpl"><span class="licensetpl_short">{}</span></span>'
    verdict = classify(f"<html>{template.format('CC BY-SA 3.0')}{template.format('CC BY 4.0')}</html>")
    assert verdict.choice == ("CC-BY-4.0", "CC-BY-SA-3.0")
    assert (verdict.licence, verdict.point) == ("CC-BY-4.0", "release")
    assert verdict.reasons[0].id == "licence-choice"


def test_all_rights_reserved_alone_is_no_licence_with_its_reason() -> None:
    verdict = classify("<footer>(c) Example. All rights reserved.</footer>")
    assert (verdict.licence, verdict.point, verdict.reasons[0].id) == (None, "none", "all-rights-reserved")


def test_nothing_found_says_so() -> None:
    verdict = classify("<p>Words.</p>")
    assert (verdict.licence, verdict.point, verdict.claims) == (None, "none", ())
    assert [reason.id for reason in verdict.reasons] == ["no-licence-found"]


@pytest.mark.parametrize(
    ("headers", "licence"),
    [
        ((("Link", '<https://creativecommons.org/licenses/by/4.0/>; rel="license"'),), "CC-BY-4.0"),
        ((), None),
        (None, None),
    ],
)
def test_a_header_is_evidence_where_it_was_captured(
    headers: tuple[tuple[str, str], ...] | None, licence: str | None
) -> None:
    assert classify("<p>Words.</p>", headers=headers).licence == licence


def test_an_identifier_and_an_address_that_differ_are_a_conflict() -> None:
    markup = (
        '<?xml version="1.0"?><resource><rights rightsIdentifier="CC-BY-4.0" '
        'rightsURI="https://creativecommons.org/licenses/by-nc/4.0/"/></resource>'
    )
    verdict = classify(markup)
    assert (verdict.licence, verdict.point) == ("CC-BY-NC-4.0", "review")
    assert [claim.licence for claim in verdict.conflicts] == ["CC-BY-4.0"]


def test_stored_claims_give_the_same_verdict_in_any_order() -> None:
    markup = f"<article>This article: {REL} CC BY-SA 3.0</article><footer>© All rights reserved {BY_SA} {BY}</footer>"
    claims = list(classify(markup).claims)
    expected = resolve(claims)
    for seed in range(20):
        random.Random(seed).shuffle(claims)
        again = resolve(claims)
        assert (again.licence, again.point, again.reasons, set(again.conflicts)) == (
            expected.licence, expected.point, expected.reasons, set(expected.conflicts),
        )  # fmt: skip


def test_a_record_is_read_like_its_page_and_quotes_its_evidence() -> None:
    source = Source("https://example.org/a", "a.warc.gz", 0, headers=())
    markup = f"<html><body><footer>This page is licensed under {REL}.</footer></body></html>"
    claims = licenses.claims(Record("1", "text", source, markup=markup))
    assert [claim.licence for claim in claims] == ["CC-BY-4.0"]
    assert claims[0].quote == markup[claims[0].start : claims[0].end] == REL
    assert claims[0].url == "https://creativecommons.org/licenses/by/4.0/"


def test_a_declared_licence_is_a_claim_of_the_source() -> None:
    verdict = classify("", declared=Declared(licence="cc-by-sa-3.0"))
    assert (verdict.licence, verdict.point) == ("CC-BY-SA-3.0", "release")
    assert verdict.claims[0].speaker == "source"


def test_a_channel_that_the_resolver_does_not_know_is_heard() -> None:
    assert resolve([Claim("CC-BY-4.0", "page", "newcomer")]).point == "release"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("CC-BY-4.0", "LicenseRef-CC-BY-unversioned", True),
        ("CC-BY-4.0", "LicenseRef-CC-unspecified", True),
        ("CC-BY-3.0", "CC-BY-3.0-DE", True),
        ("CC-BY-3.0", "CC-BY-4.0", False),
        ("CC-BY-3.0-DE", "CC-BY-3.0-AT", False),
        ("CC-BY-4.0", "CC-BY-SA-4.0", False),
        ("MIT", "LicenseRef-CC-unspecified", False),
    ],
)
def test_an_id_that_says_less_agrees_with_one_that_says_more(one: str, other: str, same: bool) -> None:
    assert compatible(one, other) is same
    assert compatible(other, one) is same
