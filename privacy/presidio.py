"""Presidio's recognisers, ours to run faster: gated, timed, and failing closed.

Patterns, validators and context words are Presidio's own, so a user's recogniser or YAML file
drops in unchanged.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from catalog.errors import UsageError
from catalog.values import Span
from privacy.custom import Custom, recognizers
from privacy.exact import Exact
from privacy.gate import Gate
from privacy.view import View

# What Presidio's context enhancer adds where a context word stands before a match.
CONTEXT_BONUS, CONTEXT_FLOOR = 0.35, 0.4
# Context words this short count as whole words only: "lic" is in "public", "tin" in "counting".
SHORT = 4


class Recognizers:
    """Presidio recognisers of one language, run behind one gate."""

    def __init__(self, recognizers: Sequence[Any]) -> None:
        from presidio_analyzer import PatternRecognizer

        self.all = list(recognizers)
        self._patterns: list[tuple[int, Any, float]] = []
        self._ungated: list[int] = []
        sources: list[str] = []
        for position, recognizer in enumerate(self.all):
            patterns = getattr(recognizer, "patterns", None)
            if not isinstance(recognizer, PatternRecognizer) or not patterns:
                self._ungated.append(position)
                continue
            for pattern in patterns:
                self._patterns.append((position, Exact(pattern.regex, recognizer.global_regex_flags), pattern.score))
                sources.append(pattern.regex)
        self._own_analyze = {
            position
            for position, recognizer in enumerate(self.all)
            if type(recognizer).analyze is not PatternRecognizer.analyze
        }
        self._gate = Gate(sources)

    def spans(self, view: View) -> Iterator[Span]:
        """Every match of every recogniser, after its checksum and with its context words weighed."""
        whole: set[int] = set(self._ungated)
        for index in self._gate.open_for_folded(view.folded):
            position, pattern, score = self._patterns[index]
            if position in self._own_analyze:
                if next(pattern.finditer(view.text, view.folded_bytes), None):
                    whole.add(position)
            else:
                yield from self._matches(self.all[position], pattern, score, view)
        for position in sorted(whole):
            yield from self._results(self.all[position], view)

    def _matches(self, recognizer: Any, pattern: Any, score: float, view: View) -> Iterator[Span]:
        kind = recognizer.supported_entities[0]
        for match in pattern.finditer(view.text, view.folded_bytes):
            start, end = match.span()
            if start == end:
                continue
            judged = _judge(recognizer, match.group(), score)
            if judged > 0:
                yield Span(
                    kind, start, end, _with_context(judged, recognizer.context, start, end, view), recognizer.name
                )

    def _results(self, recognizer: Any, view: View) -> Iterator[Span]:
        for result in recognizer.analyze(view.text, recognizer.supported_entities, None):
            score = _with_context(result.score, recognizer.context, result.start, result.end, view)
            yield Span(result.entity_type, result.start, result.end, score, recognizer.name)


def _judge(recognizer: Any, words: str, score: float) -> float:
    valid = recognizer.validate_result(words)
    if valid is not None:
        score = 1.0 if valid else 0.0
    return 0.0 if recognizer.invalidate_result(words) else score


def _with_context(score: float, context: Iterable[str] | None, start: int, end: int, view: View) -> float:
    if not context or score >= 1:
        return score
    # The match itself counts too, as with Presidio: "IBAN:DE89..." is one token there.
    near = [*view.words_before(start, 10), *(word.lower() for word in view.text[start:end].split())]
    joined = " ".join(near)
    if any(_supports(word.lower(), near, joined) for word in context):
        return min(1.0, max(score + CONTEXT_BONUS, CONTEXT_FLOOR))
    return score


def _supports(word: str, near: Sequence[str], joined: str) -> bool:
    if len(word) < SHORT:
        return word in near or word + "s" in near
    return word in joined


def load(
    language: str,
    countries: Sequence[str] = (),
    extra: Path | None = None,
    files: Sequence[Path] = (),
    custom: Sequence[Custom] = (),
) -> Recognizers:
    """Presidio's default recognisers for a language, those of more countries, YAML files and patterns of a recipe."""
    return Recognizers([*registered(language, countries, extra, files), *recognizers(custom, language)])


def registered(
    language: str, countries: Sequence[str] = (), extra: Path | None = None, files: Sequence[Path] = ()
) -> list[Any]:
    """The same as Presidio has them, without the patterns of a recipe."""
    _stay_offline()
    _keep_quiet()
    from presidio_analyzer.recognizer_registry import RecognizerRegistryProvider

    settings = {"supported_languages": [language]}
    registry = RecognizerRegistryProvider(registry_configuration=settings).create_recognizer_registry()
    # Phones are found by ours, on digit windows; names by the language models.
    found = [one for one in registry.recognizers if one.name not in ("PhoneRecognizer", "SpacyRecognizer")]
    found += _of_countries(language, countries, {one.name for one in found})
    beside = sorted(extra.glob("*.y*ml")) if extra else []
    return [*found, *(one for path in (*beside, *files) for one in _from_yaml(path, language))]


def country_codes() -> frozenset[str]:
    """The countries whose papers and numbers Presidio knows."""
    import presidio_analyzer.predefined_recognizers as predefined

    codes = (getattr(kind, "COUNTRY_CODE", None) for kind in vars(predefined).values())
    return frozenset(code for code in codes if code)


def _of_countries(language: str, countries: Sequence[str], loaded: set[str]) -> Iterator[Any]:
    """Those Presidio keeps switched off: of the countries asked for, and all that speak another language than English.

    English is spoken in too many countries to try all their numbers on every text.
    """
    import presidio_analyzer.predefined_recognizers as predefined
    from presidio_analyzer import PatternRecognizer

    wanted = {country.lower() for country in countries}
    for name, kind in sorted(vars(predefined).items()):
        if name in loaded or not isinstance(kind, type) or not issubclass(kind, PatternRecognizer):
            continue
        country = getattr(kind, "COUNTRY_CODE", None)
        if country and (language != "en" or country in wanted):
            recognizer = kind()
            if recognizer.supported_language == language:
                yield recognizer


def _from_yaml(path: Path, language: str) -> list[Any]:
    import yaml
    from presidio_analyzer import PatternRecognizer

    try:
        listed = yaml.safe_load(path.read_text("utf-8"))["recognizers"]
        found = [PatternRecognizer.from_dict(one) for one in listed]
    except Exception as error:  # a user's file: whatever is wrong with it is theirs to mend
        raise UsageError(
            f"the recognisers do not load: {type(error).__name__}: {error}",
            cure="Expected pattern recognisers under `recognizers:` as in Presidio's documentation.",
            place=str(path),
        ) from error
    return [one for one in found if one.supported_language == language]


def _stay_offline() -> None:
    # Presidio's e-mail recogniser asks tldextract, which downloads a list on first use: its bundled one is enough.
    import tldextract.tldextract as module

    module.TLD_EXTRACTOR = module.TLDExtract(suffix_list_urls=(), cache_dir=None)


def _keep_quiet() -> None:
    # Presidio logs what it could not validate, in the words of the text.
    logging.getLogger("presidio-analyzer").addFilter(_silent)


def _silent(_record: logging.LogRecord) -> bool:
    return False
