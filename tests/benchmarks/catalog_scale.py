"""Ten million invented records in the catalog: questions, publishing, diff; the same in one plain DuckDB file.

    PYTHONPATH=. python tests/benchmarks/catalog_scale.py FOLDER generate --rows 10000000
    PYTHONPATH=. python tests/benchmarks/catalog_scale.py FOLDER publish
    PYTHONPATH=. python tests/benchmarks/catalog_scale.py FOLDER plain
    PYTHONPATH=. python tests/benchmarks/catalog_scale.py FOLDER ask
    PYTHONPATH=. python tests/benchmarks/catalog_scale.py FOLDER diff

Each step is a process of its own and says its wall time, CPU time and peak memory. bench@1 holds the records;
bench@2 has one shard in a hundred of each family anew, and all of the duplicates, which a run compares anew.
Signatures (minhash, shingles) are left empty: no question reads them, and at random they would not compress.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import resource
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb

from catalog import manifests, publish, schema, store
from catalog.diff import diff
from catalog.families import signal_parts, sql_type
from catalog.manifests import Manifest
from catalog.queries import attach
from catalog.rollup_tables import JUDGED, ROLLUPS
from catalog.shards import Shard
from catalog.views import VIEWS
from catalog.workspace import Workspace

SHARD = 100_000
THREADS = 2
SIGNALS = 33
QUESTIONS = Path(__file__).parents[2] / "docs" / "reference" / "questions.md"
ID = "CAST(md5(i::VARCHAR) AS UUID)"
PICK = "hash(i)"
WORDS = "['ship','quay','tide','crane','wind','rope','light','north','cargo','pilot','berth','chart','anchor']"

# What each column holds, as SQL over i (the record's number); what is not named is NULL.
COLUMNS: dict[str, dict[str, str]] = {
    "inputs": {
        "name": "'crawl-' || i || '.warc.gz'", "kind": "'warc'", "size": "1000000000::BIGINT", "records": "i::BIGINT",
        "entries": "[{'type': 'response', 'count': i::BIGINT}]", "problems": "[]",
    },
    "facts": {
        "modality": f"CASE WHEN {PICK} % 50 = 0 THEN 'image' ELSE 'text' END",
        "address": f"'https://host' || ({PICK} % 40000) || '.example/page/' || i",
        "host": f"'host' || ({PICK} % 40000) || '.example'",
        "container": f"'crawl-' || (i // {SHARD}) || '.warc.gz'",
        "position": "(i * 7919)::BIGINT", "media_type": "'text/html'", "fetched_at": "TIMESTAMP '2026-03-01 00:00:00'",
        "headers_captured": f"{PICK} % 10 > 0", "content_hash": "unhex(md5('c' || i))",
        "language": f"['en','de','fr','es','pt'][1 + ({PICK} % 5)::INTEGER]", "language_confidence": "0.9",
        "characters": f"({PICK} % 20000)::BIGINT",
        "contributor": f"CASE WHEN {PICK} % 50 = 0 THEN md5('p' || ({PICK} % 3000)) END",
        "consent_scope": f"CASE WHEN {PICK} % 50 = 0 THEN ['train', 'share'] END",
        "consent_expires": f"CASE WHEN {PICK} % 50 = 0 THEN TIMESTAMP '2027-03-01 00:00:00' END",
        "transforms": "[{'name': 'extract-text', 'detail': ''}]",
        "claims": (
            f"[{{'licence': ['CC-BY-4.0','CC-BY-SA-4.0','CC0-1.0','CC-BY-ND-4.0'][1 + ({PICK} % 4)::INTEGER],"
            " 'scope': 'page', 'channel': 'rel_license', 'speaker': 'site', 'subject': '',"
            " 'quote': '<a rel=\"license\">', 'start': 10::BIGINT, 'end': 27::BIGINT, 'url_written': '//l.example',"
            " 'url': 'https://l.example', 'where': 'footer', 'observed_at': TIMESTAMP '2026-03-01 00:00:00'}]"
        ),
        "preferences": (
            f"CASE WHEN {PICK} % 40 = 0 THEN [{{'use': 'train-ai', 'answer': 'reserved', 'channel': 'robots_meta',"
            " 'agent': '*', 'speaker': 'site', 'quote': 'noai', 'layer': 'meta',"
            " 'observed_at': TIMESTAMP '2026-03-01 00:00:00'}] ELSE [] END"
        ),
        **{f"signal_{n:02}": f"round(({PICK} % {1009 + n}) / 1000, 3)" for n in range(SIGNALS)},
    },
    "clusters": {
        "keeper": "CAST(md5((i // 20)::VARCHAR) AS UUID)", "kind": "'near'", "similarity": "0.9",
    },
    "privacy": {
        "status": "'ok'", "mode": "'strict'",
        "spans": (
            f"[{{'kind': ['PERSON','LOCATION','EMAIL_ADDRESS'][1 + (({PICK} + n * 31) % 3)::INTEGER],"
            " 'start': n * 10, 'end': n * 10 + 5, 'score': 0.4 + 0.1 * n, 'recognizer': 'spacy'}"
            f" FOR n IN range(({PICK} % 4)::BIGINT)]"
        ),
    },
    "decisions": {
        "action": f"CASE WHEN {PICK} % 10 < 6 THEN 'keep' WHEN {PICK} % 10 < 8 THEN 'redact'"
        f" WHEN {PICK} % 10 < 9 THEN 'hold' ELSE 'drop' END",
        "licence": f"['CC-BY-4.0','CC-BY-SA-4.0','CC0-1.0','CC-BY-ND-4.0'][1 + ({PICK} % 4)::INTEGER]",
        "licence_point": "'release'", "licence_basis": "'licence'",
        "reasons": (
            f"CASE WHEN {PICK} % 10 > 7 THEN [{{'reason': ['gopher-words','language','nd-needs-redaction',"
            f"'duplicate-near'][1 + (({PICK} // 10) % 4)::INTEGER], 'rule': 'r', 'value': '1', 'threshold': '2'}}]"
            " ELSE [] END"
        ),
    },
    "content": {
        "text": f"array_to_string([{WORDS}[1 + (hash(i * 31 + n) % 13)::INTEGER] FOR n IN range(20)], ' ')",
        "media_type": "'text/plain'", "label": f"CASE WHEN {PICK} % 100 = 0 THEN 'calm' END",
        "licence": "'CC-BY-4.0'",
        "redactions": (
            f"CASE WHEN {PICK} % 10 >= 6 THEN [{{'kind': 'PERSON', 'start': 4::BIGINT, 'end': 9::BIGINT,"
            " 'recognizer': 'spacy', 'band': 'high', 'digest': unhex(md5('d' || i))}] ELSE [] END"
        ),
        "transforms": "[{'name': 'extract-text', 'detail': ''}, {'name': 'redact', 'detail': '1'}]",
        "row_digest": "unhex(md5('r' || i))",
    },
    "attributions": {
        "title": "'Page ' || i", "author": f"'Author ' || ({PICK} % 100000)",
        "address": f"'https://host' || ({PICK} % 40000) || '.example/page/' || i",
        "licence": "'CC-BY-4.0'", "licence_url": "'https://l.example'", "changes": "'modified'", "complete": "true",
    },
}  # fmt: skip

# Which records a family has a row for.
ROWS = {"clusters": f"{PICK} % 20 = 7", "content": f"{PICK} % 10 < 8", "attributions": f"{PICK} % 10 < 8"}
# What is another in bench@2, in the shards that are made anew.
NEW: dict[str, dict[str, str]] = {
    "facts": {"content_hash": "unhex(md5('n' || i))", "characters": f"({PICK} % 30000)::BIGINT"},
    "clusters": {"similarity": "0.95"},
    "privacy": {"mode": "'fast'"},
    "decisions": {"licence_point": "'review'"},
    "content": {"text": f"'anew ' || ({COLUMNS['content']['text']})", "row_digest": "unhex(md5('n' || i))"},
    "attributions": {"changes": "'modified anew'"},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("step", choices=["generate", "publish", "plain", "ask", "diff"])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--seconds", type=int, default=300, help="generate, plain: stop after so long; again goes on")
    parser.add_argument("--questions", type=int, nargs="*", help="ask: only these")
    arguments = parser.parse_args()
    folder = arguments.folder
    workspace = Workspace.create(folder / "workspace")
    steps = {
        "generate": lambda: generate(workspace, arguments.rows, arguments.seconds),
        "publish": lambda: publishing(workspace),
        "plain": lambda: plain(workspace, folder / "plain.duckdb", arguments.seconds),
        "ask": lambda: ask(workspace, folder / "plain.duckdb", arguments.questions),
        "diff": lambda: compare(workspace),
    }
    with Timed(arguments.step):
        steps[arguments.step]()
    print(f"peak memory {peak():.0f} MiB; on disk {size(folder) / 2**30:.1f} GiB")


class Timed:
    """Says wall and CPU seconds of what is done in it."""

    def __init__(self, what: str) -> None:
        self.what = what

    def __enter__(self) -> Timed:
        self.begun = time.monotonic(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall, self.cpu = time.monotonic() - self.begun[0], time.process_time() - self.begun[1]
        print(f"{self.what}: {self.wall:.2f} s wall, {self.cpu:.2f} s CPU", flush=True)


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << (10 if sys.platform == "linux" else 20))


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def generate(workspace: Workspace, rows: int, seconds: int) -> None:
    """Shards that are there already are not made again; the versions are committed when all are."""
    until = time.monotonic() + seconds
    first: dict[str, tuple[Shard, ...]] = {}
    second: dict[str, tuple[Shard, ...]] = {}
    for family in schema.FAMILIES.values():
        groups = groups_of(family, rows)
        for start, end in groups:
            if time.monotonic() > until:
                print("more is to be made: run it again")
                return
            make(workspace, family, start, end)
        first[family.name] = tuple(told(workspace, path(workspace, family, start)) for start, _ in groups)
        anew = [make(workspace, family, *groups[-1], anew=True)] if family.name in NEW else []
        second[family.name] = (*first[family.name][: len(groups) - len(anew)], *(told(workspace, one) for one in anew))
    counts = {"keep": rows * 6 // 10, "redact": rows * 2 // 10, "hold": rows // 10, "drop": rows // 10}
    draft = Manifest(
        "bench", 1, "one", "public", ("train", "share"), "2026-03-02", "", "f" * 32, {}, "0", "2026-03-02T10:00:00",
        "run", None, counts, first,
    )  # fmt: skip
    manifests.write(workspace, draft)
    manifests.write(workspace, replace(draft, number=2, hash="two", parent=1, shards=second))


def groups_of(family: schema.Family, rows: int) -> list[tuple[int, int]]:
    """From and to which record each shard goes; a run writes the list of inputs and the duplicates whole."""
    if family.name == "inputs":
        return [(0, 1)]
    size = rows if family.name == "clusters" else SHARD
    return [(start, min(start + size, rows)) for start in range(0, rows, size)]


def path(workspace: Workspace, family: schema.Family, start: int, *, anew: bool = False) -> Path:
    return workspace.shards / family.name / f"{start:012}{'-new' if anew else ''}.parquet"


def make(workspace: Workspace, family: schema.Family, start: int, end: int, *, anew: bool = False) -> Path:
    into = path(workspace, family, start, anew=anew)
    if into.exists():
        return into
    into.parent.mkdir(parents=True, exist_ok=True)
    with store.connect(workspace, threads=THREADS) as connection:
        given = dict(COLUMNS[family.name])
        if anew:
            given |= NEW[family.name]
        fixed = {column.name: sql_type(column.type) for column in family.columns}
        given = {"id": ID, **given} if "id" in fixed else given
        names = [*fixed, *(name for name in given if name not in fixed)]
        chosen = ", ".join(f'({given.get(name, "NULL")})::{fixed.get(name, "DOUBLE")} AS "{name}"' for name in names)
        connection.execute(
            f"COPY (SELECT {chosen} FROM range({start}, {end}) t(i) WHERE {ROWS.get(family.name, 'true')})"
            f" TO '{into}.part' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 100000)"
        )
    Path(f"{into}.part").rename(into)
    return into


def told(workspace: Workspace, path: Path) -> Shard:
    import pyarrow.parquet as pq

    name = str(path.relative_to(workspace.root))
    return Shard(name, hashlib.sha256(name.encode()).hexdigest(), pq.read_metadata(path).num_rows, path.stat().st_size)


def publishing(workspace: Workspace) -> None:
    newest = manifests.versions(workspace)[-1]
    later = workspace.versions / f"{newest.name}.json"
    later.unlink()
    shutil.rmtree(workspace.stages / "rollups", ignore_errors=True)
    with Timed("publish of the first version: everything is counted"):
        publish.publish(workspace)
    manifests.write(workspace, newest)
    with Timed("publish of a new version (1 % changed) beside it"):
        publish.publish(workspace)
    with Timed("publish again"):
        publish.publish(workspace)


def plain(workspace: Workspace, path: Path, seconds: int) -> None:
    """The same rows as tables of one DuckDB file, with the same views; the counts are views as well."""
    until = time.monotonic() + seconds
    with attach(workspace, workspace.catalog) as connection:
        connection.execute(f"SET threads = {THREADS}; SET memory_limit = '8GB'; SET preserve_insertion_order = false")
        connection.execute(f"ATTACH '{path}' AS plain")
        tables = {base: {name for (name,) in connection.execute(
            f"SELECT table_name FROM duckdb_tables() WHERE database_name = '{base}'").fetchall()}
            for base in ("catalog", "plain")}  # fmt: skip
        wanted = {*schema.FAMILIES, "signals", *tables["catalog"]} - {rollup.name for rollup in ROLLUPS}
        for name in sorted(wanted - tables["plain"]):
            if time.monotonic() > until:
                print("more is to be made: run it again")
                return
            where = " WHERE version = 'bench@1'" if name in (*schema.FAMILIES, "signals") else ""
            with Timed(f"  {name}"):
                connection.execute(f"CREATE TABLE plain.{name} AS SELECT * FROM catalog.{name}{where}")
        connection.execute("USE plain")
        connection.execute(f"CREATE VIEW judged AS {JUDGED}; CREATE VIEW signal_parts AS {signal_parts(connection)}")
        connection.execute("CREATE VIEW whole AS SELECT version, as_of FROM versions WHERE version = 'bench@1'")
        for view in VIEWS:
            connection.execute(f"CREATE VIEW {view.name} AS {view.sql}")
        for rollup in ROLLUPS:
            connection.execute(f"CREATE VIEW {rollup.name} AS {rollup.over([part.select for part in rollup.parts])}")
        connection.execute("USE memory")


def questions() -> Iterator[tuple[int, str]]:
    found = re.findall(r"^### (\d+)\. .+?\n\n```sql\n(.+?)```", QUESTIONS.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    some = duckdb.sql(f"SELECT {ID}::VARCHAR, 'https://host' || ({PICK} % 40000) || '.example/page/' || i,"
                      " md5('p' || 50) FROM (SELECT 31337 AS i)").fetchall()[0]  # fmt: skip
    for number, sql in found:
        asked = sql.replace("harbour@", "bench@").strip().rstrip(";")
        asked = re.sub(r"'[0-9a-f]{8}-0000-[0-9a-f-]+'", f"'{some[0]}'", asked)
        asked = asked.replace("https://port.example/3", some[1]).replace("a" * 32, some[2])
        yield int(number), asked


def ask(workspace: Workspace, path: Path, only: list[int] | None) -> None:
    """Every question once cold and once warm, answers fetched as Arrow; the better of two, side by side."""
    with attach(workspace, workspace.catalog) as ours, duckdb.connect() as theirs:
        if path.exists():
            theirs.execute(f"ATTACH '{path}' AS plain (READ_ONLY); USE plain")
        for connection in (ours, theirs):
            connection.execute(f"SET threads = {THREADS}; SET memory_limit = '8GB'")
        total = [0.0] * 4
        for number, sql in questions():
            if only and number not in only:
                continue
            two = "bench@2" in sql  # the plain file holds one version: it is not asked what changed
            times = [*best(ours, sql), *((None, None) if two or not path.exists() else best(theirs, sql))]
            total = [one + (more or 0) for one, more in zip(total, times, strict=True)]
            shown = "  ".join(f"{one:7.2f}" if one is not None else "      -" for one in times)
            print(f"{number:3}  {shown}  {' '.join(sql.split())[:70]}", flush=True)
        print(f"all  {'  '.join(f'{one:7.2f}' for one in total)}  wall and CPU seconds: this catalog, one plain file")


def best(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[float, float]:
    """Wall and CPU seconds, each the better of two."""
    times = []
    for _ in range(2):
        begun = time.monotonic(), time.process_time()
        for _ in connection.sql(sql).to_arrow_reader(100_000):
            pass
        times.append((time.monotonic() - begun[0], time.process_time() - begun[1]))
        if times[0][1] > 10:
            break
    return min(wall for wall, _ in times), min(cpu for _, cpu in times)


def compare(workspace: Workspace) -> None:
    with Timed("diff of 1 % changed"):
        found = diff(workspace, "bench@1", "bench@2")
    print(f"{found.changed} changed; {found.shards_shared} shards shared, {found.shards_read} read")


if __name__ == "__main__":
    main()
