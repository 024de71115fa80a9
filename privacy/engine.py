"""Where personal data is in texts: patterns, checksums, context and models, in batches, failing closed."""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from catalog import checks
from catalog.errors import UsageError
from catalog.values import Span
from privacy import document, encodings, ner, overlaps, pipelines, plausible, presidio, segments, surrogates, tagger
from privacy.custom import Custom, fingerprint
from privacy.view import View

Mode = Literal["strict", "fast", "patterns"]
VERSION = 4
# Below this a pattern has no checksum and no context word that speaks for it.
THRESHOLD = 0.35
# How likely a word must be anything at all to the tagger for the larger pipeline to be believed about it.
DOUBT = 0.02
# How much bolder the tagger is where no pipeline reads with it.
ALONE = 0.5
# The tagger that comes with this package, and the languages it has learnt.
TAGGER = Path(__file__).parent / "models" / "general.npz"
TAGGER_LANGUAGES = frozenset({"en"})
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

    Modes: "strict" reads with a spaCy pipeline and the small tagger, "fast" with the tagger alone,
    "patterns" with no model. `model` is a tagger of one's own (`privacy.train_tagger`). `extra` is a
    `checks/` folder beside a recipe: modules with a `spans` function, and Presidio recognisers in
    YAML. `countries` adds Presidio's recognisers of more countries ("in", "au"). `allow` lists words
    that are nobody's, whatever finds them; `custom` holds patterns and deny lists of one's own, `files`
    more YAML files of Presidio recognisers. `pipeline` takes the place of the spaCy pipeline in "strict":
    another one by package or folder, or one of Presidio's NLP engines (the object or its YAML file).
    """

    def __init__(
        self,
        mode: str = "strict",
        extra: Path | str | None = None,
        *,
        countries: Sequence[str] = (),
        threshold: float = THRESHOLD,
        model: Path | str | None = None,
        allow: Collection[str] = (),
        custom: Sequence[Custom] = (),
        files: Sequence[Path] = (),
        pipeline: Any = None,
    ) -> None:
        if mode not in get_args(Mode):
            raise UsageError(f"expected a privacy mode of {', '.join(get_args(Mode))}, found {mode!r}")
        self.mode = mode
        self.threshold = threshold
        self._countries = tuple(countries)
        self._model = Path(model) if model else TAGGER
        self._allow = frozenset(surrogates.identity(words) for words in allow)
        self._extra = Path(extra) if extra else None
        self._custom = tuple(custom)
        self._files = tuple(files)
        self._pipeline = pipeline
        self._checks = checks.discover("spans", extra)
        self._languages: dict[str, _Language] = {}

    @property
    def fingerprint(self) -> str:
        """Names everything a finding depends on, for stage keys."""
        from importlib.metadata import version

        if self._pipeline is not None:
            models = [pipelines.identity(self._pipeline)]
        else:
            # A language that can be read from today on was held until now.
            models = [found.name + found.version for found in ner.installed()] if self.mode == "strict" else []
        if self.mode != "patterns":
            models.append(hashlib.sha256(self._model.read_bytes()).hexdigest())
        files = [*(sorted(self._extra.glob("*.y*ml")) if self._extra else []), *self._files]
        yaml = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
        packages = [version(name) for name in ("presidio-analyzer", "phonenumbers", "spacy")]
        words = [*sorted(self._allow), fingerprint(self._custom)]
        parts = [VERSION, self.mode, self.threshold, *self._countries, *words, *models, *yaml, *packages]
        known = "\n".join([checks.fingerprint(self._checks), *map(str, parts)])
        return hashlib.sha256(known.encode()).hexdigest()[:16]

    def supports(self, language: str) -> bool:
        """Can texts in this language be examined in this mode?"""
        if self.mode == "patterns":
            return language in PATTERN_LANGUAGES
        if self.mode == "fast":
            return language in TAGGER_LANGUAGES
        if self._pipeline is not None:
            return language in pipelines.languages(self._pipeline)
        return ner.find(language) is not None

    def forget(self) -> None:
        """Empty the memories of segments; what was loaded stays."""
        for language in self._languages.values():
            language.forget()

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
            everywhere = (*language.patterns(text), *language.in_other_writing(text))
            found = [span for span in everywhere if span.score >= self.threshold]
            # Asked twice: an allowed word may be part of a name, and is then carried to where it stands alone.
            spread = document.spread(text, self._not_allowed(text, [*found, *names]))
            merged = overlaps.merge(self._not_allowed(text, spread))
            return Scan(OK, tuple(plausible.nationals_apart(text, merged)))
        except TimeoutError:
            return Scan(TIMED_OUT)
        except Exception:  # noqa: BLE001 - whatever a recogniser raises, the text is not examined
            return Scan(FAILED)

    def _not_allowed(self, text: str, spans: list[Span]) -> list[Span]:
        if not self._allow:
            return spans
        return [span for span in spans if surrogates.identity(text[span.start : span.end]) not in self._allow]

    def _language(self, code: str) -> _Language:
        if code not in self._languages:
            recognizers = presidio.load(code, self._countries, self._extra, self._files, self._custom)
            self._languages[code] = _Language(
                code, recognizers, self._checks, self._readers(code), seconded=self._pipeline is None
            )
        return self._languages[code]

    def _readers(self, code: str) -> tuple[segments.Memory | None, segments.Memory | None]:
        pipeline = small = None
        if self.mode == "strict":
            chosen = _pipeline(code) if self._pipeline is None else pipelines.reader(self._pipeline, code)
            pipeline = segments.Memory(chosen.tag, segments.whole)
        if self.mode != "patterns" and code in TAGGER_LANGUAGES:
            weights = tagger.load(self._model)
            reader = tagger.Tagger(weights, doubt=DOUBT) if pipeline else tagger.Tagger(weights, boldness=ALONE)
            small = segments.Memory(reader.tag)
        return pipeline, small


class _Language:
    """What was loaded for one language."""

    def __init__(
        self,
        code: str,
        recognizers: presidio.Recognizers,
        found: tuple[checks.Check, ...],
        readers: tuple[segments.Memory | None, segments.Memory | None],
        *,
        seconded: bool,
    ) -> None:
        self._code = code
        self._recognizers = recognizers
        self._checks = found
        self._pipeline, self._tagger = readers
        # A pipeline that the user chose is believed without the tagger.
        self._seconded = seconded

    def forget(self) -> None:
        """Empty the memories of segments."""
        for reader in (self._pipeline, self._tagger):
            if reader:
                reader.forget()

    def patterns(self, text: str) -> Iterator[Span]:
        view = View(text, self._code)
        yield from self._recognizers.spans(view)
        for check in self._checks:
            for span in check.run(view):
                yield _sound(span, len(text))

    def in_other_writing(self, text: str) -> Iterator[Span]:
        """What stands in the text escaped or packed (percent escapes, entities, base64, ...)."""
        for reading in encodings.readings(text):
            yield from reading.placed([*self.patterns(reading.text), *self._read([reading.text])[0]])

    def names(self, texts: Sequence[str]) -> list[list[Span] | None]:
        """What the models find; None for a text that they fail on, the others of the batch still pass."""
        try:
            return list(self._read(texts))
        except Exception:  # noqa: BLE001 - one text in the batch is too much for a model: find out which
            return [self._names_of_one(text) for text in texts]

    def _names_of_one(self, text: str) -> list[Span] | None:
        try:
            return self._read([text])[0]
        except Exception:  # noqa: BLE001 - fails closed: the text is held
            return None

    def _read(self, texts: Sequence[str]) -> list[list[Span]]:
        nothing: list[list[Span]] = [[] for _ in texts]
        smaller = self._tagger.tag(texts) if self._tagger else nothing
        if self._pipeline and self._tagger and self._seconded:
            larger = self._second_reading(self._pipeline, texts, smaller)
        else:
            larger = self._pipeline.tag(texts) if self._pipeline else nothing
        named = [
            [*spans, *(span for span in seen if span.kind != tagger.PERHAPS)]
            for spans, seen in zip(larger, smaller, strict=True)
        ]
        return [list(plausible.judged(text, spans)) for text, spans in zip(texts, named, strict=True)]

    @staticmethod
    def _second_reading(
        pipeline: segments.Memory, texts: Sequence[str], smaller: Sequence[Sequence[Span]]
    ) -> list[list[Span]]:
        """What the pipeline finds where the tagger finds anything possible; elsewhere it would not be believed."""
        stretches = [list(_worth_reading(text, seen)) for text, seen in zip(texts, smaller, strict=True)]
        pieces = [text[start:end] for text, places in zip(texts, stretches, strict=True) for start, end in places]
        read = iter(pipeline.tag(pieces))
        found: list[list[Span]] = []
        for places, seen in zip(stretches, smaller, strict=True):
            spans = [
                replace(span, start=span.start + start, end=span.end + start)
                for start, _ in places
                for span in next(read)
            ]
            found.append(_seconded(spans, seen))
        return found


def _sound(span: Span, length: int) -> Span:
    """The span; raises where it names no place in the text, so that the text is held and not passed unredacted."""
    whole = type(span.start) is int and type(span.end) is int and isinstance(span.kind, str)
    if not (whole and 0 <= span.start < span.end <= length and math.isfinite(span.score)):
        raise ValueError("a recogniser's span names no place in its text, no kind or no score")
    return span


def _worth_reading(text: str, seen: Sequence[Span]) -> Iterator[tuple[int, int]]:
    """Paragraphs that hold anything the tagger holds possible, those that follow each other as one."""
    starts = sorted(span.start for span in seen)
    open_start = open_end = -1
    for start, end in segments.cut(text):
        at = bisect_left(starts, start)
        if at < len(starts) and starts[at] < end:
            open_start = start if open_start < 0 else open_start
            open_end = end
        elif open_start >= 0:
            yield open_start, open_end
            open_start = -1
    if open_start >= 0:
        yield open_start, open_end


def _seconded(spans: Sequence[Span], seen: Sequence[Span]) -> list[Span]:
    """Those the tagger finds too, or at least holds possible: alone, a pipeline for news takes programs for people."""
    places = sorted(seen, key=lambda one: one.start)
    starts = [one.start for one in places]
    kept = []
    for span in spans:
        last = bisect_left(starts, span.end) - 1
        if last >= 0 and places[last].end > span.start:
            kept.append(span)
    return kept


@cache
def _pipeline(language: str) -> ner.Tagger:
    model = ner.find(language)
    assert model is not None, "supports() was asked first"
    return ner.Tagger(model)
