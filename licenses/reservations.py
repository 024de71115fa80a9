"""Opt-outs and opt-ins: reading every signal, and what they add up to for one use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from catalog.checks import discover
from catalog.errors import UsageError
from catalog.values import Answer, Declared, Preference, Record
from licenses.page import Evidence, Headers

# Later layers of TDMRep override earlier ones.
_LAYERS = ("file", "header", "meta", "embedded")
_SITE_FILES = ("robots.txt", "tdmrep.json", "rsl.xml")
# A reservation of the use on the right also reserves the use on the left.
_COVERED_BY = {
    "train-ai": ("train-ai", "ai-use", "tdm"),
    "train-ai-generative": ("train-ai-generative", "train-ai", "ai-use", "tdm"),
    "train-ai-images": ("train-ai-images", "train-ai", "ai-use", "tdm"),
    "ai-input": ("ai-input", "ai-use"),
}


def preferences(record: Record, extra: Path | str | None = None) -> list[Preference]:
    """Signals that came with the record itself: its headers, meta tags, declared metadata."""
    source = record.source
    evidence = Evidence(record.markup, source.address, source.headers, record.declared, source.fetched_at)
    return read(evidence, extra)


def site_preferences(kind: str, body: str, address: str, url: str, extra: Path | str | None = None) -> list[Preference]:
    """Signals of a site's file (`robots.txt`, `tdmrep.json`, `rsl.xml`) for one address of that site.

    `address` is where the file was found: a robots.txt of another host or port says nothing about `url`
    (RFC 9309, section 2.3). `extra` is a `checks/` folder beside a recipe.
    """
    robots, tdmrep, rsl = (body if kind == name else None for name in _SITE_FILES)
    if kind not in _SITE_FILES:
        raise UsageError(
            f"expected the kind robots.txt, tdmrep.json or rsl.xml of a site file, found {kind!r}",
            cure="Name one of the three.",
        )
    if address and _authority(address) != _authority(url):
        return []
    return read(Evidence("", url, None, Declared(), robots=robots, tdmrep=tdmrep, rsl=rsl), extra)


def collect(
    markup: str = "",
    *,
    url: str = "",
    robots: str | None = None,
    headers: Headers | None = None,
    tdmrep: str | None = None,
    rsl: str | None = None,
    declared: Declared | None = None,
) -> list[Preference]:
    """Every signal for one address, from whatever was captured."""
    return read(Evidence(markup, url, headers, declared or Declared(), robots=robots, tdmrep=tdmrep, rsl=rsl))


def read(evidence: Evidence, extra: Path | str | None = None) -> list[Preference]:
    """What every opt-out check finds."""
    return [found for check in discover("preferences", extra) for found in check.run(evidence)]


def reserved(preferences: Iterable[Preference], use: str) -> Answer:
    """What all signals together say of a use: the most restrictive, after TDMRep's own layers.

    `unknown` where nothing spoke of it: that is never permission.
    """
    weighed = weighing(preferences, use)
    if any(found.answer == "reserved" for found in weighed):
        return "reserved"
    # Permission must be for this very use and for everyone; an unread document beside it leaves it unknown.
    if any(found.answer == "unknown" for found in weighed):
        return "unknown"
    return "allowed" if any(found.use == use and found.agent == "*" for found in weighed) else "unknown"


def weighing(preferences: Iterable[Preference], use: str) -> tuple[Preference, ...]:
    """The signals that speak of a use, for it or for one that covers it."""
    covering = _COVERED_BY.get(use, (use,))
    return tuple(found for found in effective(tuple(preferences)) if found.use in covering)


def effective(preferences: Sequence[Preference]) -> tuple[Preference, ...]:
    """The signals that count: of TDMRep only the latest layer."""
    layers = [_LAYERS.index(found.layer) for found in preferences if found.channel == "tdmrep"]
    last = max(layers, default=0)
    return tuple(found for found in preferences if found.channel != "tdmrep" or _LAYERS.index(found.layer) == last)


def _authority(address: str) -> str:
    """Host and port; the schemes' own ports are none, since a crawl mixes http and https."""
    found = address.partition("//")[2].partition("/")[0].rpartition("@")[2].lower().removeprefix("www.")
    return found.removesuffix(":80").removesuffix(":443")
