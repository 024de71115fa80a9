"""The whole near-duplicate step, ours and datatrove's, in one process on one core.

    ../peer/bin/pip install duckdb pyarrow psutil      # beside what text_speed.py asks for
    OMP_NUM_THREADS=1 PYTHONPATH=. ../peer/bin/python tests/benchmarks/near_duplicates.py TEXTS.jsonl.gz --count 20000

Texts beyond those in the file are altered copies of them: a share of the words changed, by
nothing up to a third. `--no-peer` leaves datatrove out. Recall is measured in tests/evals/quality.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import shutil
import tempfile
import time
import uuid
from pathlib import Path

import pyarrow as pa

from catalog import store
from catalog.schema import FACTS
from curation.duplicates import find, signature
from curation.text import TextView

THRESHOLD = 0.8
SHARD = 2000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts")
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument(
        "--shipped", action="store_true", help="datatrove with its own tokenizer (spaCy), too: takes minutes"
    )
    arguments = parser.parse_args()
    texts = altered(arguments.texts, arguments.count)
    with tempfile.TemporaryDirectory() as folder:
        ours = measure_ours(texts, Path(folder))
        for shipped in () if arguments.no_peer else (False, True) if arguments.shipped else (False,):
            theirs = measure_theirs(texts, Path(folder) / "peer", shipped=shipped)
            print(f"ratio, whole step: {theirs / ours:.1f}", flush=True)


def altered(path: str, count: int) -> list[str]:
    with gzip.open(path) as lines:
        texts: list[str] = [json.loads(line)["text"] for line, _ in zip(lines, range(count), strict=False)]
    chooser = random.Random(1)
    for number in range(count - len(texts)):
        words = texts[number].split(" ")
        for _ in range(int(len(words) * chooser.choice((0, 0.005, 0.02, 0.05, 0.3)))):
            words[chooser.randrange(len(words))] = str(chooser.randrange(10**6))
        texts.append(" ".join(words))
    return texts


def measure_ours(texts: list[str], folder: Path) -> float:
    write(texts[:1], 0, folder)  # tables and modules load
    before = time.process_time()
    shards = [write(texts[start : start + SHARD], start, folder) for start in range(0, len(texts), SHARD)]
    signed = time.process_time()
    count = find(shards, folder / "clusters.parquet", temp=folder / "spill", threads=1, threshold=THRESHOLD)
    after = time.process_time()
    print(
        f"ours: {len(texts)} documents, signatures and shards {signed - before:.2f} CPU s, find {after - signed:.2f},"
    )
    print(f"      {len(texts) / (after - before):.0f} documents / CPU s, {count} replaced", flush=True)
    return after - before


def write(texts: list[str], start: int, folder: Path) -> Path:
    names = ("id", "content_hash", "minhash", "shingles", "picture_hash", "picture_check")
    signatures = [signature(TextView(text), b"benchmark") for text in texts]
    count = len(texts)
    columns = {
        "id": [uuid.UUID(int=start + number).bytes for number in range(count)],
        "content_hash": [None] * count,
        "minhash": [found.minhash for found in signatures],
        "shingles": [found.shingles for found in signatures],
        "picture_hash": [None] * count,
        "picture_check": [None] * count,
    }
    path = folder / f"{start:08}.parquet"
    store.write(path, pa.table(columns, schema=pa.schema([FACTS.schema.field(name) for name in names])))
    return path


def measure_theirs(texts: list[str], folder: Path, *, shipped: bool) -> float:
    from datatrove.data import Document
    from datatrove.pipeline.dedup import minhash
    from datatrove.utils.hashing import HashConfig

    class Split:
        def word_tokenize(self, text: str) -> list[str]:
            return text.split()

    # xxhash 4 refuses the texts that datatrove gives it; its other hash works.
    config = minhash.MinhashConfig(hash_config=HashConfig(hash_fc="sha1"))
    parts = [str(folder / name) for name in ("signatures", "buckets", "remove")]
    before = time.process_time()
    sign = minhash.MinhashDedupSignature(parts[0], config)
    if not shipped:
        sign.word_tokenizer = Split()
    sign.run(Document(text=text, id=str(number)) for number, text in enumerate(texts))
    for rank in range(config.num_buckets):
        minhash.MinhashDedupBuckets(parts[0], parts[1], config=config).run(None, rank, config.num_buckets)
    minhash.MinhashDedupCluster(parts[1], parts[2], config).run(None, 0, 1)
    documents = (Document(text=text, id=str(number)) for number, text in enumerate(texts))
    kept = sum(1 for _ in minhash.MinhashDedupFilter(parts[2]).run(documents, 0, 1))
    seconds = time.process_time() - before
    shutil.rmtree(folder)
    kind = "as shipped" if shipped else "str.split"
    print(f"datatrove ({kind}): {seconds:.1f} CPU s, {len(texts) / seconds:.0f} documents / CPU s,", end=" ")
    print(f"{len(texts) - kept} removed")
    return seconds


if __name__ == "__main__":
    main()
