"""Stand-ins that belong to nobody: keyed pseudonyms, and values from ranges reserved for examples."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import re
import unicodedata

from privacy import checksums, encodings

# Kinds whose blanks, hyphens and brackets are a manner of writing them.
_GROUPED = frozenset({"PHONE_NUMBER", "CREDIT_CARD", "IBAN_CODE"})
_AT = re.compile(r"\s*[\[({<]at[\])}>]\s*")
_DOT = re.compile(r"\s*[\[({<]dot[\])}>]\s*")
_OWNED = re.compile(r"'s?\Z")


def identity(value: str) -> str:
    """What makes two mentions the same: compatibility form, case and blanks do not count."""
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())


def same(kind: str, value: str) -> str:
    """What makes two mentions of a kind the same: a number's grouping, an address spelled out, "'s" do not count."""
    said = identity(value)
    match kind:
        case "EMAIL_ADDRESS":
            # In base64 case counts, so what was written is decoded.
            decoded = (reading.text for reading in encodings.readings(value))
            said = identity(next((one for one in decoded if "@" in one), value))
            return _DOT.sub(".", _AT.sub("@", said))
        case "PERSON":
            return _OWNED.sub("", said.replace("’", "'").replace("`", "'"))
        case _ if kind in _GROUPED:
            bare = "".join(sign for sign in said if sign.isalnum())
            return (bare.removeprefix("00") if kind == "PHONE_NUMBER" else bare) or said
    return said


def keyed(key: bytes, kind: str, value: str) -> bytes:
    """HMAC-SHA-256 of a kind and a value; without the key nothing can be confirmed with it."""
    message = f"{kind}\0{same(kind, value)}".encode("utf-8", "surrogatepass")
    return hmac.new(key, message, hashlib.sha256).digest()


def pseudonym(key: bytes, kind: str, value: str) -> str:
    """Such as "[PERSON-4kx7m2qd]": the same for the same value and key, another with another key."""
    code = base64.b32encode(keyed(key, kind, value)[:5]).decode("ascii").lower()
    return f"[{kind}-{code}]"


def surrogate(key: bytes, kind: str, value: str) -> str:
    """A value of the same kind from a range reserved for documentation; a pseudonym for other kinds."""
    number = int.from_bytes(keyed(key, kind, value)[:8], "big")
    maker = _RESERVED.get(kind)
    return maker(number, value) if maker else pseudonym(key, kind, value)


def _phone(number: int, _value: str) -> str:
    # 555-0100 to 555-0199 belong to fiction in every North American area code.
    return f"+1 {200 + number % 600}-555-01{number // 600 % 100:02d}"


def _card(number: int, _value: str) -> str:
    # A first digit 9 is for national use and 999 is no country: no network issues such a card.
    digits = [9, 9, 9, *(int(sign) for sign in f"{number % 10**12:012d}")]
    written = "".join(map(str, [*digits, checksums.luhn_digit(digits)]))
    return " ".join(written[place : place + 4] for place in range(0, 16, 4))


def _iban(number: int, _value: str) -> str:
    # XX is a user-assigned country code (ISO 3166): no bank has it.
    account = f"{number % 10**16:016d}"
    return f"XX{checksums.iban_digits('XX', account)}{account}"


def _ip(number: int, value: str) -> str:
    if ":" in value:
        return str(ipaddress.IPv6Address((0x20010DB8 << 96) | number))  # RFC 3849
    network = ("192.0.2", "198.51.100", "203.0.113")[number % 3]  # RFC 5737
    return f"{network}.{number // 3 % 254 + 1}"


def _mac(number: int, _value: str) -> str:
    return f"00:00:5E:00:53:{number % 256:02X}"  # RFC 7042


def _email(number: int, _value: str) -> str:
    return f"user-{number % 36**8:x}@example.org"  # RFC 2606


def _url(number: int, _value: str) -> str:
    return f"https://site-{number % 36**8:x}.example/"  # RFC 2606


_RESERVED = {
    "PHONE_NUMBER": _phone,
    "CREDIT_CARD": _card,
    "IBAN_CODE": _iban,
    "IP_ADDRESS": _ip,
    "MAC_ADDRESS": _mac,
    "EMAIL_ADDRESS": _email,
    "URL": _url,
    "HOSTNAME": _url,
}
