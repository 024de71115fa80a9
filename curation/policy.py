"""The one place where anything is judged: facts and recipe in, one decision out.

Pure: no clock, no file, no model. Rules run in a fixed order and every rule that speaks is
kept as a reason. Where a fact is missing that only later work can find, the answer is what
is needed, so that no record pays for work that cannot change its fate.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

import licenses
from catalog.suppression import ERASED
from catalog.values import Action, Consent, Decision, Preference, Reason, Signals
from curation.paragraphs import removable
from curation.recipe import Recipe, Rule
from licenses.reservations import weighing

VERSION = 10
OWN_LIFE = frozenset({"HEALTH", "BELIEF", "CHILD"})  # told in the first person, these speak of the author
FIRST_PERSON = 0.01  # share of words from which a text counts as told in the first person
NOT_EXAMINED = "not-examined"  # a picture whose pixels were not looked at

# What a record may still need, in the order in which the run can give it.
Need = Literal["duplicates", "privacy", "content", "content-verbatim"]

# Uses of a recipe and the preferences that speak about them. Crawling is another question:
# whether a page may be fetched was the crawler's to ask, so "crawl" is reported, not judged.
_PREFERENCES = {
    "train": ("train-ai", "tdm", "ai-use"),
    "share": ("tdm",),
    "share redacted": ("tdm",),
    "adapt": ("tdm",),
    "commercial": ("tdm",),
}


@dataclass(frozen=True, slots=True)
class Review:
    """A person's answer, and the reasons it was given to: it settles a hold for those, not for others."""

    answer: Literal["accept", "refuse"]
    reasons: frozenset[str]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one record when it is judged. None and "": not examined, unknown."""

    modality: str
    host: str = ""
    problem: str = ""  # it could not be read, or was erased
    review_asked: bool = False  # its source is one that a person looks through
    suppressed: str = ""  # the kind of entry by which the suppression list keeps it out
    verdict: licenses.Verdict | None = None
    preferences: tuple[Preference, ...] = ()
    author_named: bool = False  # the credit would name the author
    contributor: str = ""
    consent: Consent | None = None
    transforms: tuple[str, ...] = ()  # what reading did to it
    paragraphs: int = 0  # of the text
    repeated: int = 0  # of them, those that its site repeats
    signals: Signals = field(default_factory=dict)
    language: str | None = None
    language_confidence: float | None = None
    overlaps: tuple[str, ...] = ()  # benchmark items that the text holds
    duplicate_of: str | None = None  # None until the whole set was compared; "" if it stands for itself
    similarity: float | None = None
    privacy: str | None = None  # None until scanned; "ok", or why it could not be examined
    kinds: frozenset[str] = frozenset()  # kinds of personal data found
    redacted: frozenset[str] = frozenset()  # those of them that the rules take out
    content: str | None = None  # None until made; "ok", or why it could not be made
    verbatim: str | None = None  # the same, for content that a person accepted as it is
    review: Review | None = None  # what a person said of this very content


@dataclass(frozen=True, slots=True)
class Judgement:
    """A decision, or the next thing that is needed to reach one."""

    decision: Decision
    needs: Need | None = None
    basis: str = "unknown"  # why it may be used: licence, consent, exception, unknown


def decide(facts: Facts, recipe: Recipe, rules: tuple[Rule, ...], as_of: dt.datetime) -> Judgement:
    """Judge one record. `rules` are the recipe's, resolved once by the caller."""
    if facts.problem in ERASED:
        return Judgement(Decision("drop", (Reason(facts.problem, "suppression"),)))
    if facts.suppressed:
        return Judgement(Decision("drop", (Reason("suppressed", "suppression", facts.suppressed),)))
    if facts.problem:
        return Judgement(Decision("drop", (Reason("unreadable", "source", facts.problem),)))
    findings = [*_consent(facts, recipe, as_of), *_licence(facts, recipe), *_transforms(facts, recipe)]
    findings += [*_optouts(facts, recipe), *_language(facts, recipe), *_quality(facts, recipe, rules)]
    findings += [*_source(facts), *_contamination(facts, recipe), *_paragraphs(facts, recipe)]
    basis = _basis(facts, recipe)
    settled = _settle(findings, facts.review)
    if settled.action == "drop":
        return Judgement(settled, basis=basis)
    if recipe.duplicates.enabled and facts.duplicate_of is None:
        return Judgement(settled, "duplicates", basis)
    if facts.duplicate_of:
        kind = "duplicate-exact" if facts.similarity == 1.0 else "duplicate-near"
        similarity = "" if facts.similarity is None else f"{facts.similarity:.3f}"
        reason = Reason(kind, "duplicates", similarity, f"{recipe.duplicates.threshold:g}")
        return Judgement(Decision("drop", (*settled.reasons, reason)), basis=basis)
    if facts.privacy is None:
        return Judgement(settled, "privacy", basis)
    findings += _privacy(facts, recipe)
    settled = _settle(findings, facts.review)
    if settled.action in ("drop", "hold"):
        return Judgement(settled, basis=basis)
    return _with_content(facts, settled, basis)


def as_it_is(reasons: Collection[str]) -> bool:
    """Do these reasons let a work leave unredacted? Only a person's word does, on a licence that forbids redacting."""
    return "nd-needs-redaction" in reasons and "review-accepted" in reasons


def _with_content(facts: Facts, settled: Decision, basis: str) -> Judgement:
    """The last step: content must exist before a record is said to stay."""
    verbatim = as_it_is([reason.id for reason in settled.reasons])
    made = facts.verbatim if verbatim else facts.content
    if made is None:
        return Judgement(settled, "content-verbatim" if verbatim else "content", basis)
    if made != "ok":
        return Judgement(Decision("hold", (*settled.reasons, Reason(made, "content"))), basis=basis)
    action: Action = "redact" if facts.redacted and not verbatim else "keep"
    return Judgement(Decision(action, settled.reasons), basis=basis)


Finding = tuple[Literal["drop", "hold", "flag"], Reason]


def _settle(findings: list[Finding], review: Review | None) -> Decision:
    """The strictest finding wins; a person's word settles what is held, never what is dropped."""
    reasons = tuple(reason for _, reason in findings)
    actions = {action for action, _ in findings}
    if "drop" in actions:
        return Decision("drop", reasons)
    if "hold" not in actions:
        return Decision("keep", reasons)
    holding = {reason.id for action, reason in findings if action == "hold"}
    if review and review.answer == "refuse":
        return Decision("drop", (*reasons, Reason("review-refused", "review")))
    if review and holding <= review.reasons:
        return Decision("keep", (*reasons, Reason("review-accepted", "review")))
    return Decision("hold", reasons)


def _consent(facts: Facts, recipe: Recipe, as_of: dt.datetime) -> Iterator[Finding]:
    """A contributed record needs consent that is there, in force, and wide enough."""
    if not facts.contributor and facts.consent is None:
        return
    consent = facts.consent
    if consent is None:
        yield "hold", Reason("consent-missing", "consent")
        return
    if consent.granted_at and consent.granted_at.date() > as_of.date():
        yield "drop", Reason("consent-not-yet", "consent", f"{consent.granted_at:%Y-%m-%d}", f"{as_of:%Y-%m-%d}")
    if consent.withdrawn and consent.withdrawn.date() <= as_of.date():  # `as_of` is where a day begins
        yield "drop", Reason("consent-withdrawn", "consent", f"{consent.withdrawn:%Y-%m-%d}")
    if consent.expires and consent.expires <= as_of:
        yield "drop", Reason("consent-expired", "consent", f"{consent.expires:%Y-%m-%d}", f"{as_of:%Y-%m-%d}")
    missing = [use for use in recipe.uses if not _covers(consent.scope, use)]
    if missing:
        yield "drop", Reason("consent-scope", "consent", "; ".join(consent.scope), "; ".join(missing))


def _covers(scope: tuple[str, ...], use: str) -> bool:
    return use in scope or (use == "share redacted" and "share" in scope)


def _licence(facts: Facts, recipe: Recipe) -> Iterator[Finding]:
    """The verdict against the uses; consent stands in where no licence was found."""
    verdict = facts.verdict
    if verdict is None or verdict.licence is None:
        if facts.consent is None and not facts.contributor:
            yield recipe.licenses.unknown, Reason("licence-unknown", "licence", "none", "; ".join(recipe.uses))
        return
    trusted = verdict.only_public_domain and facts.host in recipe.licenses.trusted_public_domain
    for use in recipe.uses:
        # Whether ND bites is known once personal data was looked for: an untouched ND work may be shared.
        permission = licenses.permits(verdict.licence, "share" if use == "share redacted" else use)
        if permission.answer == "no":
            yield (
                "drop",
                Reason(f"licence-forbids-{use.replace(' ', '-')}", "licence", verdict.licence, permission.section),
            )
        if permission.answer == "unknown" and not trusted:
            yield recipe.licenses.review, Reason("licence-unclear", "licence", verdict.licence, use)
    if not any(fnmatchcase(verdict.licence, pattern) for pattern in recipe.licenses.accept):
        yield "drop", Reason("licence-not-accepted", "licence", verdict.licence, ", ".join(recipe.licenses.accept))
    if verdict.point != "release" and not trusted:
        found = ", ".join(reason.id for reason in verdict.reasons) or verdict.point
        yield recipe.licenses.review, Reason("licence-review", "licence", found, "release")


def _transforms(facts: Facts, recipe: Recipe) -> Iterator[Finding]:
    """What reading did to a work, where its licence does not grant that. Redaction has a reason of its own."""
    licence = facts.verdict.licence if facts.verdict else None
    for name in facts.transforms if licence else ():
        effect = licenses.effect(licence, name, shared=_shared(recipe))
        if effect.adaptation and effect.permitted == "no":
            yield "hold", Reason("transform-forbidden", name, licence or "", effect.section)


def _shared(recipe: Recipe) -> bool:
    return any(use.startswith("share") for use in recipe.uses)


def _basis(facts: Facts, recipe: Recipe) -> str:
    if facts.verdict is not None and facts.verdict.licence is not None:
        return licenses.permits(facts.verdict.licence, recipe.uses[0]).basis if recipe.uses else "licence"
    return "consent" if facts.consent is not None else "unknown"


def _optouts(facts: Facts, recipe: Recipe) -> Iterator[Finding]:
    """A reservation does not revoke a licence; that it drops a record is house policy."""
    asked = {preference for use in recipe.uses for preference in _PREFERENCES[use]}
    if facts.modality == "image" and "train-ai" in asked:
        asked.add("train-ai-images")
    for preference in sorted(asked):
        if licenses.reserved(facts.preferences, preference) == "reserved":
            channels = sorted({item.channel for item in weighing(facts.preferences, preference)})
            yield recipe.licenses.optouts, Reason("optout-" + preference, "house policy", ", ".join(channels))


def _known_language(facts: Facts, recipe: Recipe) -> str | None:
    """The language, where it is sure enough."""
    sure = (facts.language_confidence or 0.0) >= recipe.quality.language_confidence
    return facts.language if sure else None


def _language(facts: Facts, recipe: Recipe) -> Iterator[Finding]:
    wanted, language = recipe.quality.languages, _known_language(facts, recipe)
    if wanted and language is not None and language not in wanted:
        yield "drop", Reason("language", "language", language, ", ".join(wanted))


def _quality(facts: Facts, recipe: Recipe, rules: tuple[Rule, ...]) -> Iterator[Finding]:
    language = _known_language(facts, recipe)
    for rule in rules:
        value = facts.signals.get(rule.signal)
        if value is None or rule.modality != facts.modality:
            continue
        if rule.languages and language is not None and language not in rule.languages:
            continue
        value = round(value, 6)
        if rule.min is not None and value < rule.min:
            yield rule.action, Reason(rule.id, rule.signal, f"{value:g}", f">= {rule.min:g}")
        elif rule.max is not None and value > rule.max:
            yield rule.action, Reason(rule.id, rule.signal, f"{value:g}", f"<= {rule.max:g}")


def _contamination(facts: Facts, recipe: Recipe) -> list[Finding]:
    """Items of benchmarks in the text: where they stand is with the decision."""
    if not facts.overlaps:
        return []
    first, *others = sorted(set(facts.overlaps))
    found = f"{first} and {len(others)} more" if others else first
    asked = recipe.decontaminate
    return [(asked.action, Reason("benchmark-overlap", "decontaminate", found, f"{asked.words} words in a row"))]


def _paragraphs(facts: Facts, recipe: Recipe) -> Iterator[Finding]:
    """Lines that the page shares with its site; a page of nothing else would be empty without them."""
    asked = recipe.paragraphs
    if not facts.repeated:
        return
    found = f"{facts.repeated} of {facts.paragraphs}", f"on {asked.pages} pages and {asked.share:.0%} of the site"
    licence = facts.verdict.licence if facts.verdict else None
    if asked.action == "remove" and facts.repeated == facts.paragraphs and removable(licence):
        yield "drop", Reason("site-paragraphs-only", "paragraphs", *found)
    else:
        yield "flag", Reason("site-paragraphs", "paragraphs", *found)


def _source(facts: Facts) -> Iterator[Finding]:
    """Screens, cards, tattoos: what no detector finds, a person does."""
    if facts.review_asked:
        yield "hold", Reason("source-review", "source", "all of it", "a person must look")


def _privacy(facts: Facts, recipe: Recipe) -> list[Finding]:
    """What the scan found, and whether the licence lets us act on it."""
    found: list[Finding] = []
    if facts.privacy == NOT_EXAMINED and recipe.privacy.images == "metadata":
        # The recipe asked for just that. The words that come with the picture were examined.
        found.append(("flag", Reason("pixels-not-examined", "privacy", "unknown")))
    elif facts.privacy != "ok":
        return [("hold", Reason("privacy-not-examined", "privacy", facts.privacy or ""))]
    found += [
        ("hold", Reason("privacy-kind", kind, "found", "a person must look"))
        for kind in sorted(facts.kinds & set(recipe.privacy.hold))
    ]
    told = facts.signals.get("first_person") or 0.0
    if facts.author_named and told >= FIRST_PERSON and facts.kinds & OWN_LIFE:
        reason = Reason("named-author", "first_person", f"{told:g}", f"< {FIRST_PERSON:g}")
        found.append((recipe.licenses.named_author, reason))
    licence = facts.verdict.licence if facts.verdict else None
    if facts.redacted and licence:
        effect = licenses.effect(licence, "redact", shared=_shared(recipe))
        if effect.permitted == "no":
            found.append(("hold", Reason("nd-needs-redaction", "licence", licence, effect.section)))
    return found
