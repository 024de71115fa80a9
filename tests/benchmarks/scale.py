"""Peak memory and CPU time per document as the set grows: signals, signatures, shards, duplicates.

    OMP_NUM_THREADS=1 PYTHONPATH=. python tests/benchmarks/scale.py 10000 50000 200000

Each size runs in its own process, over made texts of 300 words of which a tenth are copies.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import pyarrow as pa

from catalog import store
from catalog.checks import Check
from catalog.schema import FACTS
from curation.duplicates import find, signature
from curation.signals import checks, measure
from curation.text import views

SHARD = 1000
NAMES = ("id", "content_hash", "minhash", "shingles", "picture_hash", "picture_check")
MEMORY = "64MB"  # what DuckDB may hold; beyond it spills


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", type=int, nargs="+")
    parser.add_argument("--child", action="store_true")
    parser.add_argument("--no-signals", action="store_true", help="signatures, shards and duplicates alone")
    arguments = parser.parse_args()
    if arguments.child:
        work(arguments.sizes[0], () if arguments.no_signals else checks("text"))
        return
    for size in arguments.sizes:
        options = ["--no-signals"] if arguments.no_signals else []
        subprocess.run([sys.executable, __file__, str(size), "--child", *options], check=True)


def work(size: int, signals: tuple[Check, ...]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        before = time.process_time()
        shards = [write(start, min(SHARD, size - start), folder, signals) for start in range(0, size, SHARD)]
        facts = time.process_time()
        count = find(shards, folder / "clusters.parquet", temp=folder / "spill", threads=1, memory_limit=MEMORY)
        after = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << (10 if sys.platform == "linux" else 20))
    per = 1e6 / size
    print(
        f"{size:8} documents: facts {(facts - before) * per:6.0f} us each, "
        f"duplicates {(after - facts) * per:5.0f} us each,"
        f" {count} replaced, peak {peak:.0f} MiB",
        flush=True,
    )


def write(start: int, count: int, folder: Path, signals: tuple[Check, ...]) -> Path:
    columns: dict[str, list[object]] = {name: [] for name in NAMES}
    numbers = range(start, start + count)
    for number, view in zip(numbers, views(map(text, numbers)), strict=True):
        measure(signals, view)
        found = signature(view, b"benchmark")
        row = (uuid.UUID(int=number).bytes, None, found.minhash, found.shingles, None, None)
        for name, value in zip(NAMES, row, strict=True):
            columns[name].append(value)
    path = folder / f"{start:08}.parquet"
    store.write(path, pa.table(columns, schema=pa.schema([FACTS.schema.field(name) for name in NAMES])))
    return path


def text(number: int) -> str:
    chooser = random.Random(number - 1 if number % 10 == 9 else number)
    words = [f"w{chooser.randrange(20000)}" for _ in range(300)]
    return "\n".join(" ".join(words[place : place + 12]) for place in range(0, 300, 12)) + f" {number}"


if __name__ == "__main__":
    main()
