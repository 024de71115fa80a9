"""CPU seconds of our engine and of Presidio's AnalyzerEngine, side by side in one process on one core.

    OMP_NUM_THREADS=1 python tests/benchmarks/text_pii.py [--only patterns] [--documents 20] [--rounds 3]

Three kinds of text: court decisions, prose and manuals, short sentences (the shared data beside the
checkout). Chunks alternate between the two sides and the best of several rounds counts for each, so
that a busy machine disturbs both alike. Our engine reads every chunk with empty memories: nothing
is gained from a text that was seen before. Both sides read with the same spaCy pipeline.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from privacy import ner, presidio
from privacy.engine import Engine, Mode
from privacy.recognizers import phone
from privacy.view import View

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
Work = Callable[[Sequence[str]], object]


def main() -> None:
    """Print megabytes a second and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["patterns", "engine"])
    parser.add_argument("--documents", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    for stage, work, peers in (
        (patterns(), "patterns", ("Presidio's recognisers",)),
        (engines(), "engine", ("AnalyzerEngine",)),
    ):
        if chosen.only not in (None, work):
            continue
        for name, texts in corpora(chosen.documents).items():
            rates = measure(texts, stage, chosen.rounds)
            for peer in peers:
                for one, rate in rates.items():
                    print(f"{name:18} {one:34} {rate:8.3f} MB / CPU s {rate / rates[peer]:7.1f} x", flush=True)


def corpora(count: int) -> dict[str, list[str]]:
    """Texts of three kinds, spread over each set."""
    courts = [one["text"] for one in json.loads((SHARED / "pii/tab_dev.json").read_text("utf-8"))]
    with gzip.open(SHARED / "text/open_docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        prose = [json.loads(line)["text"][:20_000] for line in lines]
    short = [one["full_text"] for one in json.loads((SHARED / "pii/synth_dev.json").read_text("utf-8"))]
    return {
        "court decisions": _spread(courts, count),
        "prose and manuals": _spread(prose, count),
        "short sentences": _spread(short, 15 * count),
    }


def _spread(texts: Sequence[str], count: int) -> list[str]:
    return list(texts[:: max(1, len(texts) // count)])[:count]


def engines() -> dict[str, Work]:
    """Whole engines; ours anew for each chunk, its loaded models kept."""
    analyzer = _analyzer()

    def theirs(texts: Sequence[str]) -> object:
        return [analyzer.analyze(text, language="en") for text in texts]

    return {"AnalyzerEngine": theirs, **{mode: _ours(mode) for mode in ("strict", "fast", "patterns")}}


def _ours(mode: Mode) -> Work:
    engine = Engine(mode)

    def work(texts: Sequence[str]) -> object:
        engine.forget()
        return engine.scan(texts, ["en"] * len(texts))

    return work


def _analyzer() -> Any:
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    presidio.load("en")  # quiet and offline, as for ours
    model = ner.find("en")
    assert model is not None
    settings = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": model.path}]}
    return AnalyzerEngine(nlp_engine=NlpEngineProvider(nlp_configuration=settings).create_engine())


def patterns() -> dict[str, Work]:
    """Patterns alone: Presidio's own recognisers one by one, the same behind our gate, and all of ours."""
    from presidio_analyzer.predefined_recognizers import PhoneRecognizer

    ours = presidio.load("en")
    each = [*ours.all, PhoneRecognizer()]

    def theirs(texts: Sequence[str]) -> object:
        return [one.analyze(text, one.supported_entities, None) for text in texts for one in each]

    def gated(texts: Sequence[str]) -> object:
        views = [View(text) for text in texts]
        return [(list(ours.spans(view)), list(phone.spans(view))) for view in views]

    return {"Presidio's recognisers": theirs, "the same behind our gate": gated, "all our patterns": _ours("patterns")}


def measure(texts: Sequence[str], work: dict[str, Work], rounds: int) -> dict[str, float]:
    """Megabytes a CPU second."""
    for function in work.values():
        function(texts[:1])  # tables and models load
    seconds = dict.fromkeys(work, 0.0)
    chunk = max(8, len(texts) // 3)
    for start in range(0, len(texts), chunk):
        best = dict.fromkeys(work, float("inf"))
        for _ in range(rounds):
            for name, function in work.items():
                before = time.process_time()
                function(texts[start : start + chunk])
                best[name] = min(best[name], time.process_time() - before)
        for name, value in best.items():
            seconds[name] += value
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts) / 1e6
    return {name: size / value for name, value in seconds.items()}


if __name__ == "__main__":
    main()
