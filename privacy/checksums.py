"""Check digits: Luhn (ISO/IEC 7812), mod 97 (ISO 7064, as IBAN uses it), and their making."""

from __future__ import annotations

from collections.abc import Sequence

# A Luhn digit at an odd place from the right counts double, its own digits added up.
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def luhn(digits: Sequence[int]) -> bool:
    """Is the last digit the right check digit?"""
    return _luhn_sum(digits) % 10 == 0


def luhn_digit(digits: Sequence[int]) -> int:
    """The check digit to append."""
    return -_luhn_sum([*digits, 0]) % 10


def _luhn_sum(digits: Sequence[int]) -> int:
    backwards = digits[::-1]
    return sum(backwards[0::2]) + sum(_DOUBLED[digit] for digit in backwards[1::2])


def iban(value: str) -> bool:
    """Does an IBAN (no spaces, capitals) have the right check digits?"""
    return _mod97(value[4:] + value[:4]) == 1


def iban_digits(country: str, account: str) -> str:
    """The two check digits of an IBAN."""
    return f"{98 - _mod97(account + country + '00'):02d}"


def _mod97(value: str) -> int:
    return int("".join(str(int(sign, 36)) for sign in value)) % 97
