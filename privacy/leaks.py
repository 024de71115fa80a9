"""How much personal data is left: Wilson bounds on reviewed samples, capture-recapture, planted canaries.

Figures for a card. They speak of what a sample shows, with its bounds; they promise nothing.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from catalog.values import Span

Z = 1.959964  # two-sided 95 %
LONGEST = 20_000  # characters of a text that two detectors are compared on


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its 95 % bounds (Wilson)."""

    hits: int
    of: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """The share itself; 0 of 0 is 0."""
        return self.hits / self.of if self.of else 0.0


def wilson(hits: int, of: int) -> Rate:
    """Bounds that hold for small samples and for none: 0 of 0 says nothing, from 0 to 1."""
    if not of:
        return Rate(0, 0, 0.0, 1.0)
    return Rate(hits, of, *bounds(hits / of, of))


def bounds(share: float, of: float) -> tuple[float, float]:
    """Wilson's bounds on a share; `of` may be an effective number."""
    base = 1 + Z**2 / of
    centre = (share + Z**2 / (2 * of)) / base
    # A share of weights may be a hair above 1.
    reach = Z * math.sqrt(max(0.0, share * (1 - share)) / of + Z**2 / (4 * of**2)) / base
    return max(0.0, centre - reach), min(1.0, centre + reach)


@dataclass(frozen=True, slots=True)
class Recapture:
    """What two unlike detectors found, alone and together, and how much there may be in all."""

    first: int
    second: int
    both: int

    @property
    def total(self) -> float:
        """Chapman's estimate. Detectors that miss the same things make it too small."""
        return (self.first + 1) * (self.second + 1) / (self.both + 1) - 1

    @property
    def recall(self) -> float | None:
        """Estimated share of all that at least one of them found; None where nothing was found to tell by."""
        found = self.first + self.second - self.both
        return min(1.0, found / self.total) if self.total else None


def recapture(first: Sequence[Sequence[Span]], second: Sequence[Sequence[Span]]) -> Recapture:
    """Two detectors over the same texts; findings that overlap are one."""
    firsts = seconds = both = 0
    for ours, theirs in zip(first, second, strict=True):
        left, right = _apart(ours), _apart(theirs)
        firsts += len(left)
        seconds += len(right)
        both += sum(any(a < d and c < b for c, d in right) for a, b in left)
    return Recapture(firsts, seconds, min(both, firsts, seconds))


def two_detectors(
    texts: Sequence[str], kinds: Collection[str] = ("PERSON",), language: str = "en"
) -> tuple[tuple[str, str], Recapture] | None:
    """The spaCy pipeline and the small tagger over the same texts; None where there is no pipeline."""
    from privacy import ner, tagger
    from privacy.engine import TAGGER

    model = ner.find(language)
    if model is None:
        return None
    readers = ner.Tagger(model), tagger.Tagger(tagger.load(TAGGER))
    begun = [text[:LONGEST] for text in texts]
    found = [[[span for span in spans if span.kind in kinds] for spans in reader.tag(begun)] for reader in readers]
    return (readers[0].name, readers[1].name), recapture(*found)


def _apart(spans: Sequence[Span]) -> list[tuple[int, int]]:
    places: list[tuple[int, int]] = []
    for start, end in sorted((span.start, span.end) for span in spans):
        if places and start < places[-1][1]:
            places[-1] = (places[-1][0], max(end, places[-1][1]))
        else:
            places.append((start, end))
    return places


def sample(strata: Mapping[str, Sequence[str]], size: int, seed: bytes) -> dict[str, list[str]]:
    """Ids to review, at least one of each stratum, the rest by their share; the same for the same seed."""
    dice = random.Random(seed)  # noqa: S311 - a sample to be drawn again, not a secret
    total = sum(map(len, strata.values()))
    chosen = {}
    for name, ids in sorted(strata.items()):
        wanted = max(1, round(size * len(ids) / total)) if ids else 0
        chosen[name] = dice.sample(sorted(ids), min(wanted, len(ids)))
    return chosen


@dataclass(frozen=True, slots=True)
class Canary:
    """A made-up value planted in a text. It belongs to nobody."""

    kind: str
    value: str = field(repr=False)


def canaries(count: int, seed: bytes) -> list[Canary]:
    """Values of many kinds from ranges reserved for examples, or made up."""
    dice = random.Random(seed)  # noqa: S311 - nobody's values
    return [_MAKERS[place % len(_MAKERS)](dice) for place in range(count)]


def plant(text: str, canary: Canary, seed: bytes) -> str:
    """The text with a sentence about the canary between two of its lines."""
    dice = random.Random(seed)  # noqa: S311
    lines = text.split("\n")
    place = dice.randrange(len(lines) + 1)
    return "\n".join([*lines[:place], dice.choice(_CARRIERS[canary.kind]).format(canary.value), *lines[place:]])


def missed(redacted: Sequence[str], planted: Sequence[Canary], hosts: Sequence[str]) -> dict[str, Rate]:
    """For each kind, how many canaries can still be read, if only in part, in what became of their hosts.

    A part is a word of four or more signs that neither the host nor the sentence around it holds.
    """
    kinds: dict[str, list[bool]] = {}
    for text, canary, host in zip(redacted, planted, hosts, strict=True):
        known = {*_PLAIN, *_words(" ".join((host, *_CARRIERS[canary.kind])))}
        left = (_words(canary.value) - known) & _words(text)
        kinds.setdefault(canary.kind, []).append(canary.value in text or bool(left))
    return {kind: wilson(sum(seen), len(seen)) for kind, seen in sorted(kinds.items())}


def _words(text: str) -> set[str]:
    """Words of four or more signs; of an address the part before the sign, of hyphens each side."""
    return {word for found in re.findall(r"[\w.]+", text) if len(word := found.strip(".")) >= 4}


def _digits(dice: random.Random, count: int) -> str:
    return "".join(str(dice.randrange(10)) for _ in range(count))


_FIRST = ("Marla", "Tobin", "Ysolde", "Kenrick", "Odile", "Bram", "Sunniva", "Amadou", "Ilse", "Rafferty")
_LAST = (
    "Quillfeather",
    "Vandersloot",
    "Okonjo-Hart",
    "Brambleworth",
    "Szymkowiak",
    "Tarrantino",
    "Lindqvist",
    "Mbeki-Rowe",
)

# What canaries hold that is nobody's.
_PLAIN = frozenset({"Street", "example.net"})
_MAKERS: tuple[Callable[[random.Random], Canary], ...] = (
    lambda dice: Canary("PERSON", f"{dice.choice(_FIRST)} {dice.choice(_LAST)}"),
    lambda dice: Canary("EMAIL_ADDRESS", f"{dice.choice(_FIRST).lower()}{_digits(dice, 4)}@example.net"),
    lambda dice: Canary("PHONE_NUMBER", f"+1 {dice.randrange(201, 800)}-555-01{_digits(dice, 2)}"),
    lambda dice: Canary("IP_ADDRESS", f"198.51.100.{dice.randrange(1, 255)}"),
    lambda dice: Canary("US_SSN", f"{dice.randrange(100, 665)}-{dice.randrange(10, 99)}-{dice.randrange(1000, 9999)}"),
    lambda dice: Canary("ID_NUMBER", f"GB-ID-{_digits(dice, 7)}"),
    lambda dice: Canary("STREET_ADDRESS", f"{dice.randrange(10, 999)} {dice.choice(_LAST).partition('-')[0]} Street"),
)
_CARRIERS = {
    "PERSON": ("Yesterday {} came to see us.", "Signed: {}", "We thank {} for the photographs."),
    "EMAIL_ADDRESS": ("Write to {} for details.", "Contact: {}", "<{}> wrote:"),
    "PHONE_NUMBER": ("Call {} after six.", "Tel. {}", "my number is {}"),
    "IP_ADDRESS": ("Request from {} refused", "client={}", "ping {} failed"),
    "US_SSN": ("Her social security number is {}.", "SSN: {}", "ssn {}"),
    "ID_NUMBER": ("The form shows {} as identity.", "ID: {}", "My identity card is {}."),
    "STREET_ADDRESS": ("He has lived at {} for years.", "Address: {}", "Deliver to {} please."),
}
