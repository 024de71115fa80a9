"""Secrets: private keys, tokens with a maker's prefix, passwords in connection strings and assignments."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

import regex

from catalog.checks import Example
from catalog.values import Span
from privacy.view import View, pattern

VERSION = 2
REPORTS = {"SECRET": "Private key, access token, API key or password written in the text."}
_KEY = (
    "q8Zt3VxN" + "7bLw2RkY" + "5mHs9PdC"
)  # an invented value, joined here so that scanners of our own source stay quiet
EXAMPLES = (
    Example(f"export AWS_ACCESS_KEY_ID=AKIA{'Q3EGRIKTUZ2MW7XN'}", (f"SECRET:AKIA{'Q3EGRIKTUZ2MW7XN'}",)),
    Example(f"ghp_{_KEY}abcdefghijkl", (f"SECRET:ghp_{_KEY}abcdefghijkl",)),
    Example("postgres://app:s3cr3t-pw@db.example.org/x", ("SECRET:s3cr3t-pw",)),
    Example(f'api_key = "{_KEY}"', (f"SECRET:{_KEY}",)),
    Example("password: hunter2!x", ("SECRET:hunter2!x",)),
    Example("password = Tr0ub4dor;&3x now", ("SECRET:Tr0ub4dor;&3x",)),
    Example("postgres://app:p@ss/w0rd@db.example.org/x", ("SECRET:p@ss/w0rd",)),
    Example("password: required field"),
    Example("f(password: string, port: number)"),
    Example("http://localhost:8080/packages/@scope/name"),
    Example('api_key = "YOUR_API_KEY_GOES_HERE"'),
    Example("https://example.org/page?id=12"),
)

_PEM = pattern(
    r"-----BEGIN (?:[A-Z ]{0,20})PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z ]{0,30}-----|\Z)", regex.DOTALL
)
# Prefixes that makers of tokens publish so that leaks can be found.
_PREFIXED = pattern(
    r"(?<![A-Za-z0-9_])(?:"
    r"(?:AKIA|ASIA)[A-Z0-9]{16}"
    r"|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{36,}"
    r"|glpat-[A-Za-z0-9_-]{20,64}"
    r"|xox[abposr]-[A-Za-z0-9-]{10,200}"
    r"|sk-[A-Za-z0-9_-]{20,200}|[sr]k_live_[A-Za-z0-9]{16,200}"
    r"|AIza[A-Za-z0-9_-]{35}"
    r"|hf_[A-Za-z0-9]{30,64}|npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,400}"
    r"|SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}"
    r"|eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"
    r")(?![A-Za-z0-9_])",
    regex.ASCII,
)
# Up to the last "@" before a blank, for a password may hold that, too; a port and a path are none.
_CONNECTION = pattern(
    r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:@/]{0,64}:(?!\d{1,5}[/?#])(\S{1,512})@[\w.\[\]:-]+", regex.IGNORECASE
)
_ASSIGNED = pattern(
    r"(?:api[_-]?key|access[_-]?key|secret(?:[_-]?key)?|auth[_-]?token|access[_-]?token|client[_-]?secret|bearer|token)"
    r"[\"']?\s{0,3}(?:[:=]|=>|\s)\s{0,3}[\"']?([A-Za-z0-9_\-+/=.]{16,}+)",
    regex.IGNORECASE,
)
# In quotation marks to the other one, else to a blank: ";" and "&" are signs of passwords.
_PASSWORD = pattern(
    r"\b(?:password|passwd|pwd)[\"']?\s{0,3}(?:[:=]|=>)\s{0,3}"
    r"(?|\"([^\s\"]{5,}+[^\"\n]*+)\"|'([^\s']{5,}+[^'\n]*+)'|[\"']([^\s\"']{5,}+)|([^\s\"'<>]\S{4,}+))",
    regex.IGNORECASE,
)
_ENDS_ONE = regex.compile(r"[\s\"',;&<>]")
SHORTEST = 5  # signs of a password
_STANDS_FOR_ONE = regex.compile(
    r"your|example|placeholder|change|insert|xxx|\*\*\*|\.\.\.|^<|\$\{|\{\{|goes_here", regex.IGNORECASE
)


def spans(view: View) -> Iterator[Span]:
    """The secret itself, without the name it is assigned to."""
    text = view.text
    if "PRIVATE KEY" in text:
        yield from view.spans(_PEM, "SECRET", 1.0, "secret")
    yield from view.spans(_PREFIXED, "SECRET", 1.0, "secret")
    if "://" in text:
        yield from view.spans(_CONNECTION, "SECRET", 0.9, "secret", group=1)
    for one, likely in ((_ASSIGNED, _looks_random), (_PASSWORD, _looks_chosen)):
        for span in view.spans(one, "SECRET", 0.7, "secret", group=1):
            if likely(text[span.start : span.end]):
                yield span


def _looks_random(value: str) -> bool:
    """Letters and digits mixed with an entropy that no word or path has."""
    if _STANDS_FOR_ONE.search(value) or not any(sign.isdigit() for sign in value):
        return False
    counts = Counter(value)
    entropy = -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())
    return entropy > 3.3


def _looks_chosen(value: str) -> bool:
    """Not an ordinary word: a digit or a sign in it, and no placeholder."""
    first = _ENDS_ONE.split(value, maxsplit=1)[0]
    # What follows may be the rest of the password or another setting: "password=string;port=5"
    if len(first) >= SHORTEST:
        return not _STANDS_FOR_ONE.search(first) and any(not sign.isalpha() for sign in first.rstrip(".)"))
    return not _STANDS_FOR_ONE.search(value) and any(sign.isdigit() for sign in value)
