"""What is written in escapes or packed is read, and found where it stands."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.values import Span
from privacy import detect, mask, redact
from privacy.encodings import readings

MAIL = "ada.b@example.org"


@pytest.mark.parametrize(
    "written",
    [
        quote(MAIL, safe=""),
        "".join(f"%{ord(sign):02x}" for sign in MAIL),
        "".join(f"&#{ord(sign)};" for sign in MAIL),
        "".join(f"&#x{ord(sign):X};" for sign in MAIL),
        MAIL.replace("@", "&commat;"),
        "".join(f"\\u{ord(sign):04x}" for sign in MAIL),
        "".join(f"\\x{ord(sign):02x}" for sign in MAIL),
        MAIL.replace("@", "=40"),
        "".join(f"={ord(sign):02X}" for sign in MAIL),
        base64.b64encode(MAIL.encode()).decode(),
        base64.urlsafe_b64encode(f"to: {MAIL} now".encode()).decode().rstrip("="),
        quote(base64.b64encode(f"{MAIL}.".encode()).decode(), safe=""),
        MAIL.encode().hex(),
        MAIL.replace("@", "&amp;#64;"),
        MAIL.replace("@", "&amp;commat;"),
        MAIL.replace("amp", "am&shy;p"),
        MAIL.replace("@", "@&#8203;"),
        MAIL.replace("amp", "am&ZeroWidthSpace;p"),
        MAIL.replace("amp", "am%E2%80%8Bp"),
        MAIL.replace("@", "\u200b@\u2060"),
        MAIL.replace("amp", "am\u00adp"),
    ],
)
def test_a_value_in_another_writing_goes_whole(written: str) -> None:
    text = f"First line.\nSend it to {written} today."
    spans = detect(text, mode="patterns")
    assert redact(text, spans).text == "First line.\nSend it to [EMAIL_ADDRESS] today."
    assert mask(f"https://example.org/a/b?x=1&to={written}") == "https://example.org/a/b?x=1&to=[EMAIL_ADDRESS]"


def test_a_number_behind_an_equals_sign_is_no_escape() -> None:
    assert (
        mask("https://example.org/?ssn=403-74-9188&b=NDAzLTc0LTkxODg=")
        == "https://example.org/?ssn=[US_SSN]&b=[US_SSN]"
    )


def test_a_name_in_another_writing_is_found_by_the_models() -> None:
    text = "Yesterday M&aacute;ria Kowalska of Gda&#324;sk came to the office."
    assert "Kowalska" not in redact(text, detect(text)).text


@pytest.mark.parametrize(
    "text",
    [
        "100% of it, AT&T & co; x=10, y=20 and a\\b",
        "internationalisation counterrevolutionary/misunderstandings",
        "0123456789abcdef0123456789abcdef",
        "https://example.org/harbour/notices/the-pier-is-closed",
        "\ufeffA hy\u00adphen that is soft, &lt;b&gt; and &amp;lt;b&amp;gt;, \u200eleft to right",
    ],
)
def test_an_ordinary_text_stays_as_it_is(text: str) -> None:
    assert [reading.text for reading in readings(text) if "@" in reading.text] == []
    assert redact(text, detect(text, mode="patterns")).text == text


def test_a_line_of_very_many_escapes_is_read_at_once() -> None:
    text = "&#97;" * 40_000 + "&#64;" + "example&#46;org"
    (found,) = readings(text)
    assert found.text == "a" * 40_000 + "@example.org"
    assert [(span.start, span.end) for span in found.placed([Span("X", 39_999, 40_001, 1.0, "test")])] == [
        (199_995, 200_005)
    ]


@given(st.text(st.sampled_from("ab%4140=&#;x\\u0é "), max_size=60))
def test_a_reading_knows_its_places(text: str) -> None:
    for reading in readings(text):
        for start in range(len(reading.text)):
            for span in reading.placed([Span("X", start, start + 1, 1.0, "test")]):
                assert 0 <= span.start < span.end <= len(text)
        whole = list(reading.placed([Span("X", 0, len(reading.text), 1.0, "test")]))
        assert [text[span.start : span.end] for span in whole] == [
            line for line in text.split("\n") if line == text[whole[0].start : whole[0].end]
        ]
