"""What a recipe's values mean: one that means nothing is told when the recipe is read.

A misspelt kind, signal or licence would otherwise switch a guard off without a word.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from operator import attrgetter

from catalog.checks import discover
from catalog.errors import RecipeError
from curation.decontaminate import SHORTEST, matching
from curation.recipe import USES, Recipe, nearest, preset


@dataclass(frozen=True, slots=True)
class Mistake:
    """A value that means nothing. `known`: words among which the nearest may be the one that was meant."""

    key: str
    expected: str
    found: object
    known: Collection[str] = ()
    cure: str = ""


def check(recipe: Recipe, place: str) -> None:
    """Raise RecipeError for the first value that means nothing."""
    for wrong in (wrong for look in _LOOKS for wrong in look(recipe)):
        hint = nearest(str(wrong.found), wrong.known)
        told = f"{wrong.key}: expected {wrong.expected}, found {wrong.found!r}{hint}"
        raise RecipeError(told, cure=wrong.cure, place=place)


def _numbers(recipe: Recipe) -> Iterator[Mistake]:
    for key, sensible, expected in _NUMBERS:
        value = attrgetter(key)(recipe)
        if not sensible(value):
            yield Mistake(key, expected, value)


_NUMBERS: tuple[tuple[str, Callable[[float], bool], str], ...] = (
    ("duplicates.threshold", lambda value: 0 < value <= 1, "a similarity above 0 and up to 1"),
    ("paragraphs.share", lambda value: 0 < value <= 1, "a share above 0 and up to 1"),
    ("paragraphs.pages", lambda value: value >= 1, "1 or more"),
    ("quality.language_confidence", lambda value: 0 <= value <= 1, "a confidence from 0 to 1"),
    ("decontaminate.words", lambda value: value >= SHORTEST, f"{SHORTEST} or more: shorter runs stand in every text"),
    ("run.batch", lambda value: value >= 1, "1 or more"),
    ("run.workers", lambda value: value >= 0, "0 (one for each core) or more"),
)


def _uses(recipe: Recipe) -> Iterator[Mistake]:
    if not recipe.uses:
        yield Mistake("uses", f"some of {', '.join(USES)}", [])
    for use in recipe.uses:
        if use not in USES:
            yield Mistake("uses", f"some of {', '.join(USES)}", use, USES)


def _licences(recipe: Recipe) -> Iterator[Mistake]:
    from licenses import ids, names

    for index, source in enumerate(recipe.source):
        read = names.expression(source.licence)[0]
        if source.licence and (not read or any(map(ids.invented, read))):
            yield Mistake(f"source[{index}].licence", "an SPDX id", source.licence, ids.known())
    families = {re.sub(r"-\d.*", "-*", one) for one in ids.known()}
    for pattern in recipe.licenses.accept:
        if not pattern.startswith(("*", "LicenseRef-")) and not any(fnmatchcase(one, pattern) for one in ids.known()):
            yield Mistake("licenses.accept", "a pattern that some licence id matches", pattern, families)
    for host in recipe.licenses.trusted_public_domain:
        if not re.fullmatch(r"[\w.-]+", host):
            yield Mistake("licenses.trusted_public_domain", "a host such as example.org", host)


def _rules(recipe: Recipe) -> Iterator[Mistake]:
    of_presets = {rule.id for name in recipe.quality.presets for rule in preset(name, recipe.folder)}
    known = of_presets | {rule.id for rule in recipe.quality.rule}
    for id_ in recipe.quality.disable:
        if id_ not in known:
            yield Mistake("quality.disable", "the id of a rule", id_, known)
    checks = discover("signals", recipe.checks) if recipe.rules else ()
    for rule in recipe.rules:
        key = f"quality rule {rule.id!r}"
        if rule.min is None and rule.max is None:
            yield Mistake(key, "min or max", "neither")
        fitting = (one for one in checks if getattr(one.module, "MODALITY", "text") == rule.modality)
        reported = {name for one in fitting for name in one.reports}
        if rule.signal not in reported:
            yield Mistake(f"{key}: signal", f"a signal of the modality {rule.modality!r}", rule.signal, reported)
        yield from _languages(f"{key}: languages", rule.languages)


def _languages(key: str, codes: Collection[str]) -> Iterator[Mistake]:
    from curation import language

    for code in codes:
        if code not in language.CODES and not re.fullmatch("[a-z]{3}", code):
            yield Mistake(key, "ISO 639 codes such as en", code, language.CODES)


def _kinds(recipe: Recipe) -> Iterator[Mistake]:
    asked = recipe.privacy
    named = {f"privacy.rules.{kind}": kind for kind in asked.rules if kind != "*"}
    named |= {f"privacy.hold[{index}]": kind for index, kind in enumerate(asked.hold)}
    if not named or asked.text_model.endswith((".yaml", ".yml")):
        return  # an NLP engine of one's own reports kinds that only its model knows
    from privacy import kinds
    from privacy.engine import PATTERN_LANGUAGES

    own = {*(one.kind for one in asked.pattern), *(one.kind for one in asked.deny)}
    model = recipe.folder / asked.model
    known = own | kinds.found(recipe.checks, model if asked.model and model.is_file() else None)
    if not known.issuperset(named.values()):
        files = [path for name in asked.recognizers if (path := recipe.folder / name).is_file()]
        known |= kinds.by_presidio(sorted(PATTERN_LANGUAGES), asked.countries, recipe.checks, files)
    for key, kind in named.items():
        if kind not in known:
            cure = "Papers of more countries are looked for where privacy.countries names them."
            yield Mistake(key, "a kind of personal data that is looked for", kind, known, cure)


def _scores(recipe: Recipe) -> Iterator[Mistake]:
    from privacy.engine import THRESHOLD

    for one in recipe.privacy.pattern:
        if one.score < THRESHOLD and not one.context:
            yield Mistake(f"privacy.pattern {one.kind}: score", f"{THRESHOLD} or more, or context words", one.score)


def _operators(recipe: Recipe) -> Iterator[Mistake]:
    from privacy.redaction import Rule

    operators = typing.get_args(Rule)
    for kind, operator in recipe.privacy.rules.items():
        if operator not in operators:
            yield Mistake(f"privacy.rules.{kind}", f"one of {', '.join(operators)}", operator, operators)


def _countries(recipe: Recipe) -> Iterator[Mistake]:
    if not recipe.privacy.countries:
        return
    from privacy import presidio

    known = presidio.country_codes()
    for code in recipe.privacy.countries:
        if code.lower() not in known:
            yield Mistake("privacy.countries", f"some of {', '.join(sorted(known))}", code)


def _files(recipe: Recipe) -> Iterator[Mistake]:
    if recipe.card and not (recipe.folder / recipe.card).is_file():
        beside = [path.name for path in recipe.folder.iterdir()]
        yield Mistake("card", "a file beside the recipe", recipe.card, beside)
    for name in recipe.decontaminate.files:
        if not matching(recipe.folder, name):
            yield Mistake("decontaminate.files", "a file or glob from the recipe's folder", name)


# Cheap looks first.
_LOOKS: tuple[Callable[[Recipe], Iterator[Mistake]], ...] = (
    _numbers,
    _uses,
    _files,
    _licences,
    _rules,
    lambda recipe: _languages("quality.languages", recipe.quality.languages),
    _operators,
    _scores,
    _kinds,
    _countries,
)
