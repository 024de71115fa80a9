"""TDM reservation protocol: a site's file, its headers, a page's meta tags, an e-book's metadata."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from catalog.checks import Example
from catalog.values import Answer, Preference
from licenses.page import Evidence
from licenses.robots_file import matches, path_of

VERSION = 1
REPORTS = {
    "tdm": "Whether rights in text and data mining are reserved, on each layer; later ones override earlier ones."
}
EXAMPLES = (
    Example('<meta name="tdm-reservation" content="1">', ("tdm=reserved",)),
    Example('<meta name="tdm-reservation" content="0">', ("tdm=allowed",)),
    Example('<meta name="tdm-reservation" content="2">'),
    Example("<p>", ("tdm=reserved",), headers=(("TDM-Reservation", " 1 "),)),
    Example('<rdf:Description xmlns:tdm="http://www.w3.org/ns/tdmrep/" tdm:reservation="1"/>', ("tdm=reserved",)),
    Example("<p>", headers=(("tdm-policy", "https://example.org/policy.json"),)),
)
_NAMES = {"tdm-reservation", "tdm:reservation"}
_POLICIES = {"tdm-policy", "tdm:policy"}
_META_TEXT = re.compile(
    r"<(?:\w+:)?meta\b[^>]*\bproperty\s*=\s*[\"']tdm:(reservation|policy)[\"'][^>]*>([^<]{1,500})<", re.I
)
# XMP writes a property as an attribute or as an element.
_XMP = re.compile(r"\btdm:(reservation|policy)\s*(?:=\s*[\"']([^\"']{1,500})[\"']|>\s*([^<]{1,500})<)")


@dataclass(frozen=True, slots=True)
class Statement:
    """What one layer says. None: not set (any value but 0 and 1 is a protocol error, so not set)."""

    reservation: int | None = None
    policy: str | None = None


def preferences(evidence: Evidence) -> Iterator[Preference]:
    """One for each layer that says something; `licenses.reserved` lets the latest layer win."""
    layers = (
        ("file", from_file(evidence.tdmrep, evidence.url) if evidence.tdmrep is not None else Statement()),
        ("header", from_pairs(evidence.headers or ())),
        ("meta", from_markup(evidence)),
        ("embedded", from_pairs(evidence.declared.fields)),
    )
    for layer, said in layers:
        if said.reservation is None:
            continue
        quote = f"tdm-reservation: {said.reservation}" + (f"; tdm-policy: {said.policy}" if said.policy else "")
        answer: Answer = "reserved" if said.reservation else "allowed"
        yield Preference("tdm", answer, "tdmrep", "*", "site", quote, layer, evidence.observed_at)


def from_file(body: str, url: str) -> Statement:
    """The first rule of `/.well-known/tdmrep.json` that matches the address."""
    try:
        rules = json.loads(body)
    except (ValueError, RecursionError):
        return Statement()
    path = path_of(url)
    for rule in rules if isinstance(rules, list) else []:
        if isinstance(rule, dict) and isinstance(rule.get("location"), str) and matches(rule["location"], path):
            return _statement(rule.get("tdm-reservation"), rule.get("tdm-policy"))
    return Statement()


def from_pairs(pairs: tuple[tuple[str, str], ...]) -> Statement:
    """Headers, or picture and document fields whose name ends in the protocol's (`XMP-tdm:reservation`)."""
    found: dict[str, str] = {}
    for name, value in pairs:
        name = name.lower().removeprefix("xmp-")
        if name in _NAMES:
            found.setdefault("reservation", value)
        elif name in _POLICIES:
            found.setdefault("policy", value)
    return _statement(found.get("reservation"), found.get("policy"))


def from_markup(evidence: Evidence) -> Statement:
    """Meta tags of a page, of an EPUB package file in either version, or a PDF's XMP packet."""
    if "tdm" not in evidence.lowered:
        return Statement()
    pairs = tuple((meta.get("name") or meta.get("property"), meta.get("content")) for meta in evidence.named("meta"))
    texts = tuple((f"tdm:{name}", text) for name, text in _META_TEXT.findall(evidence.markup))
    texts += tuple((f"tdm:{name}", one or two) for name, one, two in _XMP.findall(evidence.markup))
    return from_pairs(tuple(pair for pair in (*pairs, *texts) if pair[1]))


def _statement(reservation: object, policy: object) -> Statement:
    written = str(reservation).strip() if not isinstance(reservation, (bool, float)) else ""
    value = int(written) if written in ("0", "1") else None
    return Statement(value, policy.strip() if isinstance(policy, str) and policy.strip() else None)
