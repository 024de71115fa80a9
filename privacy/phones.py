"""Phone numbers by the `phonenumbers` library, asked only about countries whose plan could accept what is written.

One walk over the candidates says which countries those are, by the countries' own patterns for
whole numbers; the library then decides for them. Nothing it would find is lost: a test compares.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberMatcher

# Digits and the signs that numbers are grouped with; anything else (extensions, other scripts) is left to the library.
_PLAIN = re.compile(r"[\d\s().\[\]/*-]+", re.ASCII)
_NOT_DIGITS = re.compile(r"\D+", re.ASCII)
_FIRST_GROUP = re.compile(r"\(?\\1\)?")
_TYPES = (
    "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "pager", "uan",
    "voicemail",
)  # fmt: skip


def find(text: str, countries: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Places of numbers that are valid in one of these countries; a place may come more than once."""
    sieve = _Sieve(text, tuple(countries))
    sieve.has_next()
    for country in sieve.possible():
        for match in _Matcher(text, country):
            yield match.start, match.end


class _Sieve(PhoneNumberMatcher):
    """Walks over everything that could be a number and finds none: it only notes who might take it for one."""

    def __init__(self, text: str, countries: tuple[str, ...]) -> None:
        super().__init__(text, None, leniency=phonenumbers.Leniency.VALID)
        self._left = dict.fromkeys(countries)
        self._countries = countries

    def possible(self) -> list[str]:
        return [country for country in self._countries if country not in self._left]

    def _parse_and_verify(self, candidate: str, _offset: int) -> Any:
        for country in [country for country in self._left if _may_hold(candidate, country)]:
            del self._left[country]


class _Matcher(PhoneNumberMatcher):
    """The library's, which parses only what may be a number of its country: parsing takes most of the time."""

    def __init__(self, text: str, country: str) -> None:
        super().__init__(text, country, leniency=phonenumbers.Leniency.VALID)
        self._country = country

    def _parse_and_verify(self, candidate: str, offset: int) -> Any:
        return super()._parse_and_verify(candidate, offset) if _may_hold(candidate, self._country) else None


def _may_hold(candidate: str, country: str) -> bool:
    """Could the library take this for a number of the country?"""
    digits = _NOT_DIGITS.sub("", candidate) if _PLAIN.fullmatch(candidate) else ""
    plan = _plan(country)
    long = len(digits) or sum(sign.isdecimal() for sign in candidate)
    return long >= plan.shortest and (not digits or plan.may_hold(digits))


@dataclass(frozen=True, slots=True)
class _Plan:
    """A country's patterns for whole numbers: as written inside it, and with a prefix or as dialled from it abroad."""

    bare: re.Pattern[str]
    prefixed: re.Pattern[str]
    trunk: re.Pattern[str]
    # Which of its numbers the library refuses without the prefix for calls inside the country: the first that fits.
    formats: tuple[tuple[re.Pattern[str], re.Pattern[str], bool], ...]
    shortest: int

    def may_hold(self, digits: str) -> bool:
        """Could the library take these digits for a number of this country?"""
        if self.prefixed.fullmatch(digits):
            return True
        return bool(self.bare.fullmatch(digits)) and (not self._needs_trunk(digits) or bool(self.trunk.match(digits)))

    def _needs_trunk(self, digits: str) -> bool:
        return next(
            (needs for lead, whole, needs in self.formats if lead.match(digits) and whole.fullmatch(digits)), False
        )


@cache
def _plan(country: str) -> _Plan:
    metadata = PhoneMetadata.metadata_for_region(country, None)
    if metadata is None:  # the library knows no such country: asked, it answers for itself
        return _Plan(re.compile(""), re.compile(r"\d*"), re.compile(""), (), 0)
    code = metadata.country_code or 0
    # Countries that share a code share numbers too; the first of them says how they are written.
    sharing = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]
    national = "|".join(dict.fromkeys(f"(?:{one})" for other in sharing for one in _numbers(other)))
    trunk = metadata.national_prefix_for_parsing or "(?!)"
    # A prefix that is rewritten may hold a carrier's number: whatever stands before counts as prefix.
    before = r"\d*" if metadata.national_prefix_transform_rule else f"(?:{code}(?:{trunk})?|{trunk})"
    abroad = rf"|(?:{metadata.international_prefix})[1-9]\d{{4,}}" if metadata.international_prefix else ""
    return _Plan(
        re.compile(national),
        re.compile(f"{before}(?:{national}){abroad}"),
        re.compile(trunk),
        tuple(_formats(sharing[0])),
        min(metadata.general_desc.possible_length) if metadata.general_desc else 0,
    )


def _formats(country: str) -> Iterator[tuple[re.Pattern[str], re.Pattern[str], bool]]:
    metadata = PhoneMetadata.metadata_for_region(country, None)
    for one in metadata.number_format if metadata else ():
        rule = one.national_prefix_formatting_rule
        needs = (
            bool(rule) and not one.national_prefix_optional_when_formatting and not _FIRST_GROUP.fullmatch(rule or "")
        )
        lead = one.leading_digits_pattern[-1] if one.leading_digits_pattern else ""
        yield re.compile(lead), re.compile(one.pattern or ""), needs


def _numbers(country: str) -> Iterator[str]:
    metadata = PhoneMetadata.metadata_for_region(country, None)
    for name in _TYPES:
        described = getattr(metadata, name, None)
        if described is not None and described.national_number_pattern:
            yield described.national_number_pattern
