"""E-mail addresses, also written with "[at]" and "(dot)", in any script and any top-level domain."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from catalog.checks import Example
from catalog.values import Span
from privacy.view import View, pattern

VERSION = 1
REPORTS = {"EMAIL_ADDRESS": "E-mail address, plain or spelled out with [at] and [dot]."}
EXAMPLES = (
    Example("Write to ada.l+news@mail.example.co.uk today.", ("EMAIL_ADDRESS:ada.l+news@mail.example.co.uk",)),
    Example("post: jürgen@bücher.example", ("EMAIL_ADDRESS:jürgen@bücher.example",)),
    Example("ada [at] example [dot] org", ("EMAIL_ADDRESS:ada [at] example [dot] org",)),
    Example("ada(at)example.org", ("EMAIL_ADDRESS:ada(at)example.org",)),
    Example("mailto:ada%40example.org?subject=x", ("EMAIL_ADDRESS:ada%40example.org",)),
    Example("The decorator @example.org and 5 @ 2.50 are no addresses."),
    Example("git@10.5 and user@host have no domain."),
)

_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
# Bounded everywhere: an address has at most 64 characters before the sign (RFC 5321). "/", "?", "=" and "&" are
# legal there too, but in links they end what comes before.
_PLAIN = pattern(
    rf"(?<![\w.+%-])[\w!$'*+^`{{|}}~-][\w.!$'*+^`{{|}}~-]{{0,63}}(?:@|%40){_LABEL}(?:\.{_LABEL}){{0,8}}"
    r"\.[^\W\d_][\w-]{0,61}[^\W_](?!\w)"
)
_DOT = r"(?:\.|\s?(?:\[dot\]|\(dot\)|\{dot\}|<dot>)\s?)"
_SPELLED = pattern(
    rf"(?<![\w.])[\w.+-]{{1,64}}\s?(?:\[at\]|\(at\)|\{{at\}}|<at>)\s?{_LABEL}(?:{_DOT}{_LABEL}){{0,4}}{_DOT}[^\W\d_]{{2,24}}(?!\w)",
    regex.IGNORECASE,
)


def spans(view: View) -> Iterator[Span]:
    """Addresses in reading order."""
    if "@" in view.text or "%40" in view.text:
        yield from view.spans(_PLAIN, "EMAIL_ADDRESS", 1.0, "email")
    lower = view.text.lower()
    if any(sign in lower for sign in ("[at]", "(at)", "{at}", "<at>")):
        yield from view.spans(_SPELLED, "EMAIL_ADDRESS", 0.9, "email")
