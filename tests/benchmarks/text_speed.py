"""Documents per CPU second, ours and datatrove's, side by side in one process on one core.

    python -m venv ../peer && ../peer/bin/pip install datatrove==0.10.1 xxhash spacy tokenizers numpy
    OMP_NUM_THREADS=1 PYTHONPATH=. ../peer/bin/python tests/benchmarks/text_speed.py TEXTS.jsonl.gz

Without datatrove it prints our figures alone. Chunks of documents alternate between the two,
and the best of several rounds counts, so that a busy machine disturbs both alike.
"""

from __future__ import annotations

import argparse
import gzip
import json
import tempfile
import time
from collections.abc import Callable, Sequence

from curation.minhash import signature
from curation.quality import fineweb, gopher_quality, gopher_repetition
from curation.text import TextView, views

CHUNK = 50
ROUNDS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", help="JSONL, gzipped, with a field `text`")
    parser.add_argument("--limit", type=int, default=1000)
    arguments = parser.parse_args()
    with gzip.open(arguments.texts) as lines:
        texts = [json.loads(line)["text"] for line, _ in zip(lines, range(arguments.limit), strict=False)]
    rates = measure(texts, {**ours(), **theirs()})
    for name, rate in rates.items():
        print(f"{name:44} {rate:9.0f} documents / CPU s")
    for mine, peer in (
        ("ours: three families", "datatrove: three families, str.split"),
        ("ours: signatures", "datatrove: signatures, str.split"),
        ("ours: signatures", "datatrove: signatures, as shipped (spaCy)"),
    ):
        if peer in rates:
            print(f"{mine} / {peer}: {rates[mine] / rates[peer]:.1f}")


Work = Callable[[Sequence[str]], object]


def ours() -> dict[str, Work]:
    def families(texts: Sequence[str]) -> object:
        return [
            (gopher_repetition.signals(view), gopher_quality.signals(view), fineweb.signals(view))
            for view in views(texts)
        ]

    return {
        "floor: every byte once (a class for it)": lambda texts: [TextView(text).classes for text in texts],
        "ours: three families": families,
        "ours: signatures": lambda texts: [signature(TextView(text), b"benchmark") for text in texts],
    }


def theirs() -> dict[str, Work]:
    try:
        import datatrove.pipeline.dedup.minhash as minhash
        from datatrove.data import Document
        from datatrove.pipeline.filters import fineweb_quality_filter, gopher_quality_filter, gopher_repetition_filter
        from datatrove.utils.hashing import HashConfig
    except ImportError:
        return {}
    for module in (fineweb_quality_filter, gopher_quality_filter, gopher_repetition_filter):
        module.split_into_words = lambda text, _: text.split()
    filters = (
        gopher_repetition_filter.GopherRepetitionFilter(),
        gopher_quality_filter.GopherQualityFilter(),
        fineweb_quality_filter.FineWebQualityFilter(),
    )
    # xxhash 4 refuses the texts that datatrove gives it; its other hash works.
    config = minhash.MinhashConfig(hash_config=HashConfig(hash_fc="sha1"))
    shipped, split = (minhash.MinhashDedupSignature(tempfile.gettempdir(), config) for _ in range(2))
    split.word_tokenizer = _Split()
    return {
        "datatrove: three families, str.split": lambda texts: [
            step.filter(Document(text=text, id="")) for text in texts for step in filters
        ],
        "datatrove: signatures, str.split": lambda texts: [
            split.get_signature(split.get_shingles(text)) for text in texts
        ],
        "datatrove: signatures, as shipped (spaCy)": lambda texts: [
            shipped.get_signature(shipped.get_shingles(text)) for text in texts
        ],
    }


class _Split:
    def word_tokenize(self, text: str) -> list[str]:
        return text.split()


def measure(texts: Sequence[str], work: dict[str, Work]) -> dict[str, float]:
    for function in work.values():
        function(texts[:1])  # tables and models load
    seconds = dict.fromkeys(work, 0.0)
    for start in range(0, len(texts), CHUNK):
        best = dict.fromkeys(work, float("inf"))
        for _ in range(ROUNDS):
            for name, function in work.items():
                before = time.thread_time()
                function(texts[start : start + CHUNK])
                best[name] = min(best[name], time.thread_time() - before)
        for name, value in best.items():
            seconds[name] += value
    return {name: len(texts) / value for name, value in seconds.items()}


if __name__ == "__main__":
    main()
