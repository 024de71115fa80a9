"""Rules per kind, offsets of what was replaced, pseudonyms and surrogates."""

from __future__ import annotations

import ipaddress
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import UsageError
from catalog.values import Span
from privacy import DEFAULT_RULES, checksums, redact, surrogates
from privacy.generalise import generalise
from privacy.redaction import Rule, taken_out

KEY, OTHER_KEY = b"k" * 32, b"o" * 32


def person(start: int, end: int, kind: str = "PERSON", score: float = 0.85) -> Span:
    return Span(kind, start, end, score, "test")


@pytest.mark.parametrize(
    ("rule", "kind", "text", "expected"),
    [
        ("replace", "PERSON", "Ada L.", "[PERSON]"),
        ("mask", "PHONE_NUMBER", "212-555-0100", "***-***-****"),
        ("remove", "PERSON", "Ada L.", ""),
        ("keep", "PERSON", "Ada L.", "Ada L."),
        ("generalise", "DATE_TIME", "31 May 1991", "1991"),
        ("generalise", "DATE_TIME", "from 1991 to 1993", "[DATE_TIME]"),
        ("generalise", "DATE_TIME", "yesterday", "[DATE_TIME]"),
        ("generalise", "AGE", "37 years old", "30 to 39"),
        ("generalise", "AGE", "sixty-one", "60 to 69"),
        ("generalise", "AGE", "103", "90 or over"),
        ("generalise", "AGE", "18 months old", "0 to 9"),
        ("generalise", "AGE", "eleven-month-old", "0 to 9"),
        ("generalise", "AGE", "36 weeks", "0 to 9"),
        ("generalise", "AGE", "2 years and 11 months", "0 to 9"),
        ("generalise", "AGE", "12 years and 3 months", "10 to 19"),
        ("generalise", "AGE", "150 months", "[AGE]"),
        ("generalise", "PERSON", "Ada L.", "[PERSON]"),
        ("generalise", "LOCATION", "Lyon, France", "France"),
        ("generalise", "LOCATION", "Österreich", "Österreich"),
        ("generalise", "LOCATION", "Frankreich", "Frankreich"),
        ("generalise", "LOCATION", "Lyon", "[LOCATION]"),
        ("generalise", "LOCATION", "France, Ada's house", "[LOCATION]"),
        ("generalise", "STREET_ADDRESS", "3 Mill Lane, Leeds, United Kingdom", "United Kingdom"),
        ("generalise", "ZIP_CODE", "62704-1234", "627**"),
        ("generalise", "ZIP_CODE", "82190", "[ZIP_CODE]"),
        ("generalise", "ZIP_CODE", "ox1 4aa", "OX1"),
        ("generalise", "ZIP_CODE", "1234 AB", "[ZIP_CODE]"),
    ],
)
def test_each_rule_writes_what_it_says(rule: str, kind: str, text: str, expected: str) -> None:
    redaction = redact(f"<{text}>", [person(1, 1 + len(text), kind)], {"*": rule})
    assert redaction.text == f"<{expected}>"


def test_a_rule_of_its_own_goes_before_the_star_and_unnamed_kinds_are_replaced() -> None:
    spans = [person(0, 3), person(4, 9, "LOCATION"), person(10, 13, "AGE")]
    assert redact("Ada Paris 37.", spans, {"LOCATION": "keep", "AGE": "mask"}).text == "[PERSON] Paris **."


def test_redactions_tell_places_in_the_redacted_text_and_no_words() -> None:
    text = "Ada met Bob in Rome."
    redaction = redact(text, [person(8, 11, score=0.5), person(0, 3), person(15, 19, "LOCATION")], key=KEY)
    assert redaction.text == "[PERSON] met [PERSON] in Rome."
    assert [(one.kind, one.start, one.end, one.band) for one in redaction.redactions] == [
        ("PERSON", 0, 8, "high"),
        ("PERSON", 13, 21, "medium"),
    ]
    assert len({one.digest for one in redaction.redactions}) == 2
    assert "Ada" not in repr(redaction)
    assert "Rome" not in repr(redaction)


def test_the_default_keeps_the_world_and_takes_out_people() -> None:
    spans = [person(0, 3), person(4, 9, "LOCATION"), person(10, 14, "SECRET")]
    assert [span.kind for span in taken_out(spans)] == ["PERSON", "SECRET"]
    assert DEFAULT_RULES["*"] == "replace"


def test_rules_go_over_the_default_ones_unless_they_name_the_star() -> None:
    spans = [person(0, 3), person(4, 9, "LOCATION")]
    assert redact("Ada Paris", spans, {}).text == "[PERSON] Paris"
    assert redact("Ada Paris", spans, {"PERSON": "mask"}).text == "*** Paris"
    assert redact("Ada Paris", spans, {"*": "replace"}).text == "[PERSON] [LOCATION]"


def test_overlapping_spans_go_together_under_the_longest_ones_kind() -> None:
    text = "mail ada@example.org now"
    spans = [person(9, 20, "HOSTNAME"), person(5, 20, "EMAIL_ADDRESS"), person(5, 8)]
    assert redact(text, spans).text == "mail [EMAIL_ADDRESS] now"


def test_no_part_of_an_overlap_is_shown_by_a_generalising_rule() -> None:
    text = "case 12/1991 May 1991"
    spans = [person(5, 21, "DATE_TIME"), person(5, 12, "CASE_NUMBER")]
    assert redact(text, spans, {"*": "replace", "DATE_TIME": "generalise"}).text == "case [CASE_NUMBER]"


@pytest.mark.parametrize(
    ("text", "span", "expected"),
    [
        ("👩‍👩‍👧 Ada 🎉", person(6, 9), "👩‍👩‍👧 [PERSON] 🎉"),
        ("Jose\u0301 went", person(0, 4), "[PERSON] went"),
        ("שלום עדה כאן", person(5, 8), "שלום [PERSON] כאן"),
        ("a\r\nAda\r\nb", person(3, 6), "a\r\n[PERSON]\r\nb"),
        ("Ada", person(0, 99), "[PERSON]"),
        ("Ada", person(2, 2), "Ada"),
    ],
)
def test_offsets_are_right_in_any_script(text: str, span: Span, expected: str) -> None:
    assert redact(text, [span]).text == expected


@given(
    st.text(),
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(0, 60), st.sampled_from(["PERSON", "URL", "AGE", "IP_ADDRESS"]))
    ),
    st.sampled_from(Rule.__args__),
)
def test_any_text_is_redacted_and_what_stays_is_unchanged(
    text: str, places: list[tuple[int, int, str]], rule: str
) -> None:
    spans = [person(start, end, kind) for start, end, kind in places]
    redaction = redact(text, spans, {"*": rule}, KEY)
    last = 0
    kept = []
    for one in redaction.redactions:
        kept.append(redaction.text[last : one.start])
        last = one.end
    kept.append(redaction.text[last:])
    covered = {at for span in taken_out(spans, {"*": rule}) for at in range(span.start, min(span.end, len(text)))}
    assert set("".join(kept)) <= set(text)
    assert len("".join(kept)) <= len(text) - len(covered)
    assert [one.start for one in redaction.redactions] == sorted(one.start for one in redaction.redactions)


def test_a_pseudonym_is_the_same_for_the_same_person_and_another_with_another_key() -> None:
    def named(text: str, key: bytes) -> str:
        return redact(text, [person(0, len(text))], {"PERSON": "pseudonym"}, key).text

    assert named("Ada Lovelace", KEY) == named("ADA  lovelace", KEY)
    assert named("Ada Lovelace", KEY) != named("Ada Byron", KEY)
    assert named("Ada Lovelace", KEY) != named("Ada Lovelace", OTHER_KEY)
    assert re.fullmatch(r"\[PERSON-[a-z2-7]{8}\]", named("Ada Lovelace", KEY))


@pytest.mark.parametrize(
    ("kind", "value", "reserved"),
    [
        ("PHONE_NUMBER", "+44 20 7946 0958", lambda new: re.fullmatch(r"\+1 [2-7]\d\d-555-01\d\d", new)),
        ("EMAIL_ADDRESS", "ada@example.com", lambda new: re.fullmatch(r"user-[0-9a-f]+@example\.org", new)),
        ("CREDIT_CARD", "4111111111111111", lambda new: new.startswith("9999") or new.startswith("999")),
        ("IBAN_CODE", "GB82WEST12345698765432", lambda new: new.startswith("XX") and checksums.iban(new)),
        ("IP_ADDRESS", "8.8.8.8", lambda new: not ipaddress.ip_address(new).is_global),
        ("IP_ADDRESS", "2a00::1", lambda new: ipaddress.ip_address(new) in ipaddress.ip_network("2001:db8::/32")),
        ("MAC_ADDRESS", "a4:83:e7:00:00:01", lambda new: new.startswith("00:00:5E:00:53:")),
        ("URL", "https://ada.name", lambda new: re.fullmatch(r"https://site-[0-9a-f]+\.example/", new)),
        ("CASE_NUMBER", "12345/99", lambda new: re.fullmatch(r"\[CASE_NUMBER-[a-z2-7]{8}\]", new)),
    ],
)
def test_surrogates_come_from_reserved_ranges(kind: str, value: str, reserved: object) -> None:
    new = redact(value, [person(0, len(value), kind)], {"*": "surrogate"}, KEY).text
    assert callable(reserved)
    assert reserved(new)
    assert new == redact(value, [person(0, len(value), kind)], {"*": "surrogate"}, KEY).text


def test_a_surrogate_card_has_a_right_check_digit() -> None:
    new = redact("4111111111111111", [person(0, 16, "CREDIT_CARD")], {"*": "surrogate"}, KEY).text
    assert checksums.luhn([int(sign) for sign in new if sign.isdigit()])


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"PERSON": "delete"}, "expected one of replace, mask, .* for PERSON, found 'delete'"),
        ({"PERSON": "pseudonym"}, "the rule 'pseudonym' for PERSON needs a key"),
    ],
)
def test_wrong_rules_are_named(rules: dict[str, str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        redact("Ada", [], rules)


def test_a_year_is_only_given_where_it_is_the_only_one() -> None:
    assert generalise("DATE_OF_BIRTH", "born on 12/05/1980") == "1980"
    assert generalise("DATE_TIME", "1980-1990") == ""


@pytest.mark.parametrize(
    ("kind", "one", "other", "same"),
    [
        ("PHONE_NUMBER", "+44 20 7946 0958", "+442079460958", True),
        ("PHONE_NUMBER", "+44 20 7946 0958", "0044 (20) 7946-0958", True),
        ("PHONE_NUMBER", "+44 20 7946 0958", "+44 20 7946 0959", False),
        ("CREDIT_CARD", "4111 1111 1111 1111", "4111-1111-1111-1111", True),
        ("IBAN_CODE", "DE89 3704 0044 0532 0130 00", "de89370400440532013000", True),
        ("EMAIL_ADDRESS", "ada [at] example [dot] org", "Ada@example.org", True),
        ("EMAIL_ADDRESS", "ada(at)example.org", "ada%40example.org", True),
        ("EMAIL_ADDRESS", "ada&#64;exam&shy;ple.org", "ada@example.org", True),
        ("EMAIL_ADDRESS", "YWRhQGV4YW1wbGUub3Jn", "ada@example.org", True),
        ("EMAIL_ADDRESS", "a.da@example.org", "ada@example.org", False),
        ("PERSON", "O'Brien", "O’Brien", True),
        ("PERSON", "Jane Quillfeather's", "jane  Quillfeather", True),
        ("PERSON", "James’", "James", True),
        ("PERSON", "O'Brien", "OBrien", False),
        ("CASE_NUMBER", "12345/99", "1234/599", False),
        ("PHONE_NUMBER", "()", "+", False),
    ],
)
def test_one_value_has_one_pseudonym_however_it_is_written(kind: str, one: str, other: str, same: bool) -> None:
    assert (surrogates.pseudonym(KEY, kind, one) == surrogates.pseudonym(KEY, kind, other)) is same
