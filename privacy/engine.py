"""Where personal data is in texts: patterns, checksums, context and models, in batches, failing closed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from catalog import checks
from catalog.errors import UsageError
from catalog.values import Span
from privacy import ner, overlaps, presidio
from privacy.segments import Memory
from privacy.view import View

Mode = Literal["strict", "patterns"]
VERSION = 1
# Below this a pattern has no checksum and no context word that speaks for it.
THRESHOLD = 0.35
# Languages for which Presidio has recognisers of their own.
PATTERN_LANGUAGES = frozenset({"en", "es", "it", "pl", "fi", "ko", "sv", "th", "tr", "de"})

OK = "ok"
UNSUPPORTED = "language-unsupported"
FAILED = "scan-failed"
TIMED_OUT = "scan-timed-out"


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan found; with any status but "ok" the text was not examined and must be held."""

    status: str
    spans: tuple[Span, ...] = ()


class Engine:
    """Finds personal data in texts. Loads what a language needs on first use; one per process.

    `extra` is a `checks/` folder beside a recipe: modules with a `spans` function, and Presidio
    recognisers in YAML. `countries` adds Presidio's recognisers of more countries ("in", "au").
    """

    def __init__(
        self,
        mode: str = "strict",
        extra: Path | str | None = None,
        *,
        countries: Sequence[str] = (),
        threshold: float = THRESHOLD,
    ) -> None:
        if mode not in get_args(Mode):
            raise UsageError(f"expected a privacy mode of {', '.join(get_args(Mode))}, found {mode!r}")
        self.mode = mode
        self.threshold = threshold
        self._countries = tuple(countries)
        self._extra = Path(extra) if extra else None
        self._checks = checks.discover("spans", extra)
        self._languages: dict[str, _Language] = {}

    @property
    def fingerprint(self) -> str:
        """Names everything a finding depends on, for stage keys."""
        from importlib.metadata import version

        models = [found.name + found.version for language in ("en",) if (found := ner.find(language))]
        files = sorted(self._extra.glob("*.y*ml")) if self._extra else []
        yaml = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
        packages = [version(name) for name in ("presidio-analyzer", "phonenumbers", "spacy")]
        parts = [VERSION, self.mode, self.threshold, *self._countries, *models, *yaml, *packages]
        known = "\n".join([checks.fingerprint(self._checks), *map(str, parts)])
        return hashlib.sha256(known.encode()).hexdigest()[:16]

    def supports(self, language: str) -> bool:
        """Can texts in this language be examined in this mode?"""
        return language in PATTERN_LANGUAGES if self.mode == "patterns" else ner.find(language) is not None

    def scan(self, texts: Sequence[str], languages: Sequence[str]) -> list[Scan]:
        """One scan per text, in order. Never raises for a text: what goes wrong is its status."""
        scans: list[Scan | None] = [None] * len(texts)
        for language in dict.fromkeys(languages):
            chosen = [place for place, code in enumerate(languages) if code == language]
            found = self._scan_language([texts[place] for place in chosen], language)
            for place, scan in zip(chosen, found, strict=True):
                scans[place] = scan
        return [scan or Scan(FAILED) for scan in scans]

    def _scan_language(self, texts: Sequence[str], language: str) -> list[Scan]:
        if not self.supports(language):
            return [Scan(UNSUPPORTED)] * len(texts)
        loaded = self._language(language)
        named = loaded.names(texts)
        return [self._scan_one(text, names, loaded) for text, names in zip(texts, named, strict=True)]

    def _scan_one(self, text: str, names: list[Span] | None, language: _Language) -> Scan:
        if names is None:
            return Scan(FAILED)
        try:
            found = [span for span in language.patterns(text) if span.score >= self.threshold]
        except TimeoutError:
            return Scan(TIMED_OUT)
        except Exception:  # noqa: BLE001 - whatever a recogniser raises, the text is not examined
            return Scan(FAILED)
        return Scan(OK, overlaps.merge([*found, *names]))

    def _language(self, code: str) -> _Language:
        if code not in self._languages:
            recognizers = presidio.load(code, self._countries, self._extra)
            tagger = _tagger(code) if self.mode == "strict" else None
            self._languages[code] = _Language(code, recognizers, self._checks, tagger)
        return self._languages[code]


class _Language:
    """What was loaded for one language."""

    def __init__(
        self,
        code: str,
        recognizers: presidio.Recognizers,
        found: tuple[checks.Check, ...],
        tagger: Callable[[Sequence[str]], list[list[Span]]] | None,
    ) -> None:
        self._code = code
        self._recognizers = recognizers
        self._checks = found
        self._tagger = tagger
        self._memory = Memory()

    def patterns(self, text: str) -> Iterator[Span]:
        view = View(text, self._code)
        yield from self._recognizers.spans(view)
        for check in self._checks:
            yield from check.run(view)

    def names(self, texts: Sequence[str]) -> list[list[Span] | None]:
        """What the models find; None for a text that they fail on, the others of the batch still pass."""
        if self._tagger is None:
            return [[] for _ in texts]
        try:
            return list(self._memory.tag(texts, self._tagger))
        except Exception:  # noqa: BLE001 - one text in the batch is too much for the model: find out which
            return [self._names_of_one(text) for text in texts]

    def _names_of_one(self, text: str) -> list[Span] | None:
        assert self._tagger is not None
        try:
            return self._memory.tag([text], self._tagger)[0]
        except Exception:  # noqa: BLE001 - fails closed: the text is held
            return None


@cache
def _tagger(language: str) -> Callable[[Sequence[str]], list[list[Span]]]:
    model = ner.find(language)
    assert model is not None, "supports() was asked first"
    return ner.Tagger(model).tag
