"""The quick mask for quotes and addresses."""

from __future__ import annotations

import pytest

from privacy import mask


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("© 2024 Ada, ada@example.org", "© 2024 Ada, [EMAIL_ADDRESS]"),
        ("Call 212-555-0100 for rights", "Call [PHONE_NUMBER] for rights"),
        ("https://example.org/?mail=ada%40example.org&x=1", "https://example.org/?mail=[EMAIL_ADDRESS]&x=1"),
        ("https://example.org/?phone=2125550100", "https://example.org/?phone=[PHONE_NUMBER]"),
        ("https://ada:pw@example.org/x", "https://[SECRET]/x"),
        ("http://203.0.113.9/licence", "http://[IP_ADDRESS]/licence"),
        ("GB82 WEST 1234 5698 7654 32", "[IBAN_CODE]"),
        ("4111 1111 1111 1111", "[CREDIT_CARD]"),
        ("https://example.org/?token=q8Zt3VxN7bLw2RkY5mHs9PdC", "https://example.org/?token=[SECRET]"),
    ],
)
def test_personal_values_are_masked(given: str, expected: str) -> None:
    assert mask(given) == expected


@pytest.mark.parametrize(
    "given",
    [
        "",
        "https://creativecommons.org/licenses/by-sa/4.0/",
        "https://example.org/2024/10/17/article-2125550100-title.html?id=20241017",
        "https://web.archive.org/web/20191231235959/http://example.com/",
        "crawl/CC-MAIN-20240301-00012.warc.gz#198273645",
        "This work is licensed under a Creative Commons Attribution 4.0 International License, 2019-2024.",
        "https://doi.org/10.1000/182 and ISBN 978-3-16-148410-0",
        "https://example.org/@ada/posts",
    ],
)
def test_ordinary_quotes_and_addresses_stay_readable(given: str) -> None:
    assert mask(given) == given
