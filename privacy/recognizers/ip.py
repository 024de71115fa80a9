"""IP addresses, version 4 and 6, checked by the standard library; addresses of no host are left out."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

import regex

from catalog.checks import Example
from catalog.values import Span
from privacy.view import View, pattern

VERSION = 1
REPORTS = {"IP_ADDRESS": "IP address of a host (not 0.0.0.0, 127.0.0.1, :: or a netmask)."}
EXAMPLES = (
    Example("from 203.0.113.7, port 22", ("IP_ADDRESS:203.0.113.7",)),
    Example("via 2001:db8::8a2e:370:7334.", ("IP_ADDRESS:2001:db8::8a2e:370:7334",)),
    Example("version 1.2.3.4.5 and 300.1.1.1 are none"),
    Example("listens on 127.0.0.1 and 0.0.0.0, mask 255.255.255.0"),
    Example("std::vector and 12:30:45"),
)

_V4 = pattern(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\.?\w)", regex.ASCII)
_V6 = pattern(
    r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{1,4}|(?:\d{1,3}\.){3}\d{1,3})(?![\w:])", regex.ASCII
)


def spans(view: View) -> Iterator[Span]:
    """Addresses that name a host."""
    for one in (_V4, _V6):
        for span in view.spans(one, "IP_ADDRESS", 0.9, "ip"):
            if _names_a_host(view.text[span.start : span.end]):
                yield span


def _names_a_host(written: str) -> bool:
    try:
        address = ipaddress.ip_address(written)
    except ValueError:
        return False
    # Netmasks begin with 255; loopback and unspecified addresses say nothing about anybody.
    return not (address.is_loopback or address.is_unspecified or written.startswith("255."))
