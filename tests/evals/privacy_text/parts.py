"""What each part of the engine is worth, what the patterns add and refuse, what is missed: counts by kind, no words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from unittest.mock import patch

import measure  # type: ignore[import-not-found]  # beside this file

from catalog.values import Span
from privacy import document, engine, ner, plausible, presidio
from privacy.engine import THRESHOLD, Engine
from privacy.recognizers import phone
from privacy.view import View

Change = Callable[[Engine], object]


def ablation() -> None:
    """The figures of `strict` with and without each part."""
    names = ["tab.direct", "tab.quasi", "tab.f1", "synth.f2_at_50", "panorama.f2_at_50", "manuals.words_kept"]
    print(f"{'':32}", *(f"{name:>18}" for name in names))
    for title, patches, change in _without():
        for one in patches:
            one.start()
        changed = Engine("strict")
        changed.scan(["warm"], ["en"])
        change(changed)
        values = {one.name: one.value for one in measure.figures(changed, "strict")}
        for one in patches:
            one.stop()
        print(f"{title:32}", *(f"{values[name]:18.3f}" for name in names), flush=True)


def _without() -> Iterator[tuple[str, list[Any], Change]]:
    def nothing(_: Engine) -> None:
        """Leave it as it is."""

    def no(*names: str) -> Change:
        def change(one: Engine) -> None:
            for name in names:
                setattr(one._languages["en"], name, () if name == "_checks" else None)

        return change

    yield "all of it", [], nothing
    yield "without the tagger", [], no("_tagger")
    yield "without spaCy (fast)", [], no("_pipeline")
    yield "spaCy believed unseconded", [patch.object(engine, "_seconded", lambda spans, _: list(spans))], nothing
    yield "without any model (patterns)", [], no("_tagger", "_pipeline")
    yield "without our own recognisers", [], no("_checks")
    yield "without Presidio's recognisers", [patch.object(presidio.Recognizers, "spans", lambda *_: iter(()))], nothing
    yield "without judging of names", [patch.object(plausible, "judged", lambda _, spans: spans)], nothing
    yield "without the document pass", [patch.object(document, "spread", lambda _, spans: spans)], nothing


def patterns() -> None:
    """What the pattern stage finds beyond Presidio's recognisers, and what checksums and context words refuse."""
    from presidio_analyzer.predefined_recognizers import PhoneRecognizer

    ours = presidio.load("en")
    each = [*ours.all, PhoneRecognizer()]
    whole = Engine("patterns")
    added: Counter[str] = Counter()
    checksum: Counter[str] = Counter()
    context: Counter[str] = Counter()
    for text in _all_texts():
        theirs = {
            (r.entity_type, r.start, r.end) for one in each for r in one.analyze(text, one.supported_entities, None)
        }
        for span in whole.scan([text], ["en"])[0].spans:
            if not any(start < span.end and span.start < end for kind, start, end in theirs if kind == span.kind):
                added[span.kind] += 1
        view = View(text)
        for position, pattern, score in ours._patterns:
            recognizer = ours.all[position]
            for match in pattern.finditer(text, view.folded_bytes):
                checksum[recognizer.supported_entities[0]] += presidio._judge(recognizer, match.group(), score) == 0
        for span in [*ours.spans(view), *phone.spans(view)]:
            context[span.kind] += span.score < THRESHOLD
    for title, counts in (
        ("added", added),
        ("refused by a checksum", checksum),
        ("refused for want of context", context),
    ):
        print(title, {kind: count for kind, count in counts.most_common() if count})


def lost() -> None:
    """Labelled mentions that Presidio's AnalyzerEngine covers and `strict` does not, by kind; and the other way."""
    analyzer = _analyzer()
    strict = Engine("strict")
    sets = {"synth": measure.synth(), "panorama": measure.panorama(), "tab": _tab_mentions()}
    for name, (texts, gold) in sets.items():
        theirs = [
            [
                Span(r.entity_type, r.start, r.end, r.score, "presidio")
                for r in analyzer.analyze(text, "en", score_threshold=0.4)
            ]
            for text in texts
        ]
        ours = measure.scanned(strict, texts)
        only: dict[str, Counter[str]] = {"Presidio": Counter(), "ours": Counter(), "both": Counter()}
        for spans, other, mentions in zip(ours, theirs, gold, strict=True):
            for mention in mentions:
                covered = _covered(mention, spans), _covered(mention, other)
                if any(covered):
                    only["both" if all(covered) else "ours" if covered[0] else "Presidio"][mention.kind] += 1
        print(name, {side: (sum(counts.values()), dict(counts.most_common())) for side, counts in only.items()})


def misses() -> None:
    """The twenty most frequent kinds of misses of `strict`, by set, kind and look."""
    strict = Engine("strict")
    counts: Counter[tuple[str, str, str]] = Counter()
    totals: Counter[tuple[str, str]] = Counter()
    for name, (texts, gold) in {
        "synth": measure.synth(),
        "panorama": measure.panorama(),
        "tab": _tab_mentions(),
    }.items():
        for text, spans, mentions in zip(texts, measure.scanned(strict, texts), gold, strict=True):
            for mention in mentions:
                totals[name, mention.kind] += 1
                if not _covered(mention, spans):
                    counts[name, mention.kind, _look(text[mention.start : mention.end])] += 1
    for (name, kind, look), count in counts.most_common(20):
        print(f"{name:10} {kind:22} {look:28} {count:4} of {totals[name, kind]}")


def _covered(mention: Span, spans: Sequence[Span]) -> bool:
    """Is at least half of it under spans of any kind?"""
    under: set[int] = set()
    for span in spans:
        under.update(range(max(span.start, mention.start), min(span.end, mention.end)))
    return len(under) * 2 >= mention.end - mention.start


def _look(words: str) -> str:
    size = "one word" if len(words.split()) == 1 else "two or three words" if len(words.split()) < 4 else "long"
    signs = "digits" if any(sign.isdigit() for sign in words) else "lower case" if words.islower() else "capitals"
    return f"{size}, {signs}"


def _tab_mentions() -> tuple[list[str], list[list[Span]]]:
    documents = measure.tab()
    return [one.text for one in documents], [
        [Span(m.kind, m.start, m.end, 1.0, "gold") for m in one.annotators[0] if m.identifier != "NO_MASK"]
        for one in documents
    ]


def _all_texts() -> list[str]:
    return [*measure.synth()[0], *measure.panorama()[0], *(one.text for one in measure.tab()), *measure.manuals()]


def _analyzer() -> Any:
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    presidio.load("en")  # quiet and offline
    model = ner.find("en")
    assert model is not None
    settings = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": model.path}]}
    return AnalyzerEngine(nlp_engine=NlpEngineProvider(nlp_configuration=settings).create_engine())
