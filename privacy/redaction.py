"""Taking personal data out of a text by rules per kind; what was replaced is told without its words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from catalog.errors import UsageError
from catalog.values import Span
from privacy import surrogates
from privacy.generalise import generalise

Rule = Literal["replace", "mask", "remove", "generalise", "pseudonym", "surrogate", "keep"]

# What names, reaches or identifies somebody goes; what describes the world stays: without places,
# organisations, dates and links a text teaches little, and by themselves they name nobody.
DEFAULT_RULES: Mapping[str, str] = {
    "*": "replace",
    "AGE": "generalise",
    "DATE_OF_BIRTH": "generalise",
    "DATE_TIME": "keep",
    "LOCATION": "keep",
    "DURATION": "keep",
    "MONEY": "keep",
    "NRP": "keep",
    "ORGANIZATION": "keep",
    "PUBLIC_BODY": "keep",
    "URL": "keep",
    "UUID": "keep",
    "TITLE": "keep",
}

# Kinds that are part of a wider one: a recipe that names the wider one alone means both.
WIDER: Mapping[str, str] = {"PUBLIC_BODY": "ORGANIZATION", "DURATION": "DATE_TIME"}


@dataclass(frozen=True, slots=True)
class Redacted:
    """One replacement: kind and place in the redacted text, how sure, and a keyed digest (with a key)."""

    kind: str
    start: int
    end: int
    recognizer: str
    band: str  # "high" from 0.85, "medium" from 0.5, "low"
    digest: bytes | None


@dataclass(frozen=True, slots=True)
class Redaction:
    """The text without what the rules take out, and what was replaced where."""

    text: str = field(repr=False)
    redactions: tuple[Redacted, ...] = ()


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Overlapping spans that go together: the widest place, the kind and rule of the most telling one."""

    start: int
    end: int
    span: Span
    rule: str


def redact(
    text: str, spans: Sequence[Span], rules: Mapping[str, str] | None = None, key: bytes | None = None
) -> Redaction:
    """Replace spans by the rule of their kind.

    `rules` go over `DEFAULT_RULES`; with a rule for "*" (all kinds not named) they stand alone.
    `key` (32 bytes, one per dataset) is needed for "pseudonym" and "surrogate"; with it each
    replacement also gets a keyed digest.

    >>> redact("Write to ada@example.org", [Span("EMAIL_ADDRESS", 9, 24, 1.0, "email")]).text
    'Write to [EMAIL_ADDRESS]'
    """
    chosen = check_rules(effective(rules), key)
    parts: list[str] = []
    redactions: list[Redacted] = []
    length = last = 0
    for stretch in _stretches(text, spans, chosen):
        before = text[last : stretch.start]
        value = text[stretch.start : stretch.end]
        written = _written(value, stretch, key)
        start = length + len(before)
        parts += [before, written]
        length = start + len(written)
        last = stretch.end
        redactions.append(_told(stretch, start, length, value, key))
    return Redaction("".join([*parts, text[last:]]), tuple(redactions))


def check_rules(rules: Mapping[str, str], key: bytes | None) -> Mapping[str, str]:
    """The rules, or an error that names the kind whose rule is not one, or lacks a key."""
    for kind, rule in rules.items():
        if rule not in get_args(Rule):
            raise UsageError(f"expected one of {', '.join(get_args(Rule))} for {kind}, found {rule!r}")
        if rule in ("pseudonym", "surrogate") and not key:
            raise UsageError(f"the rule {rule!r} for {kind} needs a key", cure="Give the dataset's pseudonym key.")
    return rules


def taken_out(spans: Iterable[Span], rules: Mapping[str, str] | None = None) -> list[Span]:
    """The spans that these rules do not keep: is there anything to redact?"""
    chosen = effective(rules)
    return [span for span in spans if _rule(span.kind, chosen) != "keep"]


def effective(rules: Mapping[str, str] | None) -> Mapping[str, str]:
    """The rules in force: a recipe's over the default ones, or alone where they have one for "*"."""
    given = dict(rules or {})
    given |= {narrow: given[wide] for narrow, wide in WIDER.items() if wide in given and narrow not in given}
    return given if "*" in given else {**DEFAULT_RULES, **given}


def _rule(kind: str, rules: Mapping[str, str]) -> str:
    return rules.get(kind) or rules["*"]


def _stretches(text: str, spans: Sequence[Span], rules: Mapping[str, str]) -> list[_Stretch]:
    stretches: list[_Stretch] = []
    for span in sorted(taken_out(spans, rules), key=lambda span: (span.start, -span.end)):
        start, end = max(0, span.start), _whole_sign(text, min(len(text), span.end))
        if end <= start:
            continue
        rule = _rule(span.kind, rules)
        if stretches and start < stretches[-1].end:
            stretches[-1] = _joined(stretches[-1], _Stretch(start, end, span, rule))
        else:
            stretches.append(_Stretch(start, end, span, rule))
    return stretches


def _joined(left: _Stretch, right: _Stretch) -> _Stretch:
    # All of both goes. The longer one names the kind, unless its rule would show a part (a year, a band).
    def weight(stretch: _Stretch) -> tuple[bool, int, float]:
        return stretch.rule != "generalise", stretch.end - stretch.start, stretch.span.score

    stronger = max(left, right, key=weight)
    return _Stretch(left.start, max(left.end, right.end), stronger.span, stronger.rule)


def _whole_sign(text: str, end: int) -> int:
    # A combining mark or a joiner left behind would hang on to the placeholder.
    while end < len(text) and (unicodedata.combining(text[end]) or text[end] in "\u200d\ufe0e\ufe0f"):
        end += 1
    return end


def _written(value: str, stretch: _Stretch, key: bytes | None) -> str:
    kind = stretch.span.kind
    match stretch.rule:
        case "remove":
            return ""
        case "mask":
            return "".join("*" if sign.isalnum() else sign for sign in value)
        case "generalise":
            return generalise(kind, value) or f"[{kind}]"
        case "pseudonym" if key:
            return surrogates.pseudonym(key, kind, value)
        case "surrogate" if key:
            return surrogates.surrogate(key, kind, value)
    return f"[{kind}]"


def _told(stretch: _Stretch, start: int, end: int, value: str, key: bytes | None) -> Redacted:
    span = stretch.span
    band = "high" if span.score >= 0.85 else "medium" if span.score >= 0.5 else "low"
    digest = surrogates.keyed(key, span.kind, value)[:16] if key else None
    return Redacted(span.kind, start, end, span.recognizer, band, digest)
