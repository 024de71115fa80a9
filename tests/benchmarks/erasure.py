"""Random erasures over a workspace of made-up records, some killed midway: what stays, and what does not.

python tests/benchmarks/erasure.py --erasures 200 --killed 20

Every record holds a token of its own in its text, address, author and in a review of it. After all
erasures the tokens found in the workspace, raw and unpacked, must be those of the records that stay,
and each row of those must be what it was.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[2]))

from catalog import erase, erasures, keys, manifests, schema, shards, store
from catalog.manifests import Manifest
from catalog.publish import publish
from catalog.requests import Request, resolve
from catalog.workspace import Workspace

TOKEN = re.compile(rb"zq[a-z]{26}qz")
HARBOUR = "All ships report to the harbour office before they leave the quay. The office is open all night. "


@dataclass(frozen=True)
class Made:
    """One made-up record."""

    number: int
    token: str
    id: str
    address: str
    host: str
    contributor: str  # name; empty for crawled records


@dataclass
class House:
    """The workspace, and what is known of it without asking it."""

    workspace: Workspace
    records: list[Made]
    mates: dict[str, str]  # id -> the record that stands for it
    gone: set[str] = field(default_factory=set)

    def erased_by(self, request: Request) -> set[str]:
        """What a request must come to, with duplicates."""
        of = {"record": "id", "source": "address", "host": "host", "contributor": "contributor"}[request.kind]
        found = {one.id for one in self.records if getattr(one, of) == request.value and one.id not in self.gone}
        keepers = found | {self.mates[one] for one in found if one in self.mates}
        return found | keepers | {one for one, keeper in self.mates.items() if keeper in keepers}


def build(root: Path, count: int, chance: random.Random) -> House:
    """Two versions of one dataset in shards of 100 rows, the stages' outputs beside them, published."""
    workspace = Workspace.create(root)
    ids = keys.of_ids(workspace)
    records = []
    for number in range(count):
        token = "zq" + "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=26)) + "qz"
        host = f"host{number % 20}.example"
        address = f"https://{host}/{token}"
        person = f"person{number % 97}" if number % 3 == 0 else ""
        records.append(Made(number, token, keys.record_id(ids, address), address, host, person))
    crawled = [one for one in records if not one.contributor]
    mates = {crawled[i + 1].id: crawled[i].id for i in range(0, len(crawled) - 1, 24)}
    house = House(workspace, records, mates)
    _commit(house, records[: count * 4 // 5], "one")
    _commit(house, records[count // 10 :], "two")
    _stages(house)
    with workspace.reviews.open("w", encoding="utf-8") as file:
        for one in records[::7]:
            file.write(json.dumps({"id": one.id, "answer": "accept", "note": f"seen {one.token}"}) + "\n")
    folder = workspace.exports / "one"
    folder.mkdir(parents=True)
    (folder / "records.jsonl").write_text("".join(_text(one) + "\n" for one in records[: count * 4 // 5]))
    note = {"version": "harbour@1", "hash": "", "amendment": 0, "format": "jsonl", "use": "share", "records": 1,
            "path": str(folder), "at": "2026-03-02T10:00:00"}  # fmt: skip
    (workspace.root / "exports.jsonl").write_text(json.dumps(note) + "\n")
    publish(workspace)
    return house


def _text(one: Made) -> str:
    return f"{HARBOUR}The pilot {one.token} came aboard as number {one.number} of the day, and {one.token} went ashore."


def _rows(house: House, records: list[Made]) -> dict[str, list[dict[str, object]]]:
    workspace = house.workspace
    key = keys.of_contributors(workspace)
    rows: dict[str, list[dict[str, object]]] = {name: [] for name in schema.FAMILIES}
    there = {one.id for one in records}
    for one in records:
        identity = keys.id_bytes(one.id)
        mate = house.mates.get(one.id)
        rows["facts"].append({
            "id": identity, "modality": "text", "address": one.address, "host": one.host, "container": "crawl.warc.gz",
            "position": one.number, "content_hash": hashlib.blake2b(one.token.encode(), digest_size=16).digest(),
            "characters": len(_text(one)), "contributor": keys.contributor(key, one.contributor) if one.contributor
            else None, "words": 30.0,
        })  # fmt: skip
        rows["decisions"].append({"id": identity, "action": "drop" if mate in there else "keep",
                                  "licence": "CC-BY-4.0", "licence_basis": "licence", "reasons": []})  # fmt: skip
        rows["privacy"].append({"id": identity, "status": "ok", "mode": "patterns", "spans": []})
        if mate in there:
            rows["clusters"].append({"id": identity, "keeper": keys.id_bytes(mate or ""), "kind": "near",
                                     "similarity": 0.9})  # fmt: skip
            continue
        rows["content"].append({"id": identity, "text": _text(one), "media_type": "text/plain",
                                "row_digest": one.token.encode()[:16], "redactions": [], "transforms": []})  # fmt: skip
        rows["attributions"].append({"id": identity, "author": one.token, "address": one.address, "complete": True})
    return rows


def _tables(house: House, records: list[Made], size: int) -> Iterator[tuple[schema.Family, list[object]]]:
    for name, found in _rows(house, records).items():
        family = schema.FAMILIES[name]
        signals = ("words",) if name == "facts" else ()
        yield family, [store.table(family, found[at : at + size], signals) for at in range(0, len(found), size)]


def _commit(house: House, records: list[Made], digest: str) -> Manifest:
    packed = {
        family.name: shards.pack(house.workspace, family, [[table] for table in tables], rows=1)
        for family, tables in _tables(house, records, 100)
    }
    return manifests.commit(house.workspace, Manifest(
        dataset="harbour", number=0, hash=digest, audience="public", uses=("train",), as_of="2026-03-02", recipe="",
        recipe_fingerprint="f" * 32, keys={}, code_version="0", created_at="2026-03-02T10:00:00+00:00", run=digest,
        parent=None, counts={}, shards=packed,
    ))  # fmt: skip


def _stages(house: House) -> None:
    folders = {"facts": "facts", "privacy": "scan", "content": "content", "attributions": "attributions",
               "decisions": "decisions"}  # fmt: skip
    for family, tables in _tables(house, house.records, 40):
        if family.name in folders:
            for number, table in enumerate(tables):
                path = house.workspace.stages / folders[family.name] / f"{uuid.UUID(int=number).hex}-key.parquet"
                store.write(path, table)


def draw(house: House, chance: random.Random) -> Request:
    """A random request for something that is still there."""
    left = [one for one in house.records if one.id not in house.gone]
    one = chance.choice(left)
    kinds = ["record"] * 5 + ["source"] * 4 + (["contributor"] * 3 if one.contributor else [])
    kind = chance.choice(kinds)
    return Request(kind, {"record": one.id, "source": one.address, "contributor": one.contributor}[kind])


STEPS = ("suppress", "shard", "manifest", "stage", "lists", "publish", "unlink", "proof", "end")


def carry_out(workspace: Workspace, requests: list[Request], kill_at: str = "") -> None:
    """Erase in this process; it kills itself where a step of that name begins ("shard 3": the third)."""
    met: dict[str, int] = {}

    def told(step: str) -> None:
        met[step] = met.get(step, 0) + 1
        if kill_at in (step, f"{step} {met[step]}"):
            os.kill(os.getpid(), signal.SIGKILL)

    with workspace.lock():
        erase.finish(workspace)
        meant = resolve(workspace, requests, masked={}, retention=10)
        erase.carry_out(workspace, erase.preview(workspace, meant), 0, told)


def killed(house: House, requests: list[Request], chance: random.Random, *, by_clock: bool) -> bool:
    """Erase in another process that is killed at a random step, or at a random time; was it?"""
    asked = json.dumps([[one.kind, one.value] for one in requests])
    step = "" if by_clock else chance.choice([*STEPS, "shard 3", "stage 4", "manifest 2"])
    command = [sys.executable, __file__, "--child", str(house.workspace.root), asked, step]
    with subprocess.Popen(command) as process:
        if by_clock:
            journal = house.workspace.root / "erasing"
            while process.poll() is None and not list(journal.glob("0*.json")):
                time.sleep(0.01)
            time.sleep(chance.uniform(0, 1.5))
            process.kill()
        process.wait()
    with house.workspace.lock():
        erase.finish(house.workspace)
    return process.returncode == -signal.SIGKILL


def tokens(workspace: Workspace) -> set[bytes]:
    """Every token in the workspace: in the bytes of its files, and in what they hold when read as what they are."""
    found: set[bytes] = set()
    for path in workspace.root.rglob("*"):
        if not path.is_file():
            continue
        found.update(TOKEN.findall(path.read_bytes()))
        if path.suffix == ".parquet":
            for column in pq.read_table(path, partitioning=None).columns:
                found.update(TOKEN.findall(str(column.to_pylist()).encode()))
        elif path.suffix == ".duckdb":
            with duckdb.connect(":memory:") as connection:
                connection.execute(f"ATTACH '{path}' AS looked (READ_ONLY)")
                sql = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'looked'"
                for (name,) in connection.execute(sql).fetchall():
                    rows = connection.execute(f"SELECT * FROM looked.{name}").fetchall()
                    found.update(TOKEN.findall(str(rows).encode()))
    return found


def rows_by_hash(workspace: Workspace) -> dict[tuple[str, str, str, str], str]:
    """(version, family, id, who stands for it) -> hash of the row."""
    found = {}
    for manifest in manifests.versions(workspace):
        for family in schema.FAMILIES:
            for path in manifest.paths(workspace, family):
                for row in pq.read_table(path, partitioning=None).to_pylist():
                    name = (manifest.name, family, str(row.get("id")), str(row.get("keeper")))
                    found[name] = hashlib.sha256(str(row).encode()).hexdigest()
    return found


def run(root: Path, *, count: int, erased: int, kills: int, passes: int, seed: int) -> dict[str, object]:
    """Build, erase so many requests in so many passes, some of them killed, and compare."""
    chance = random.Random(seed)
    house = build(root, count, chance)
    before = rows_by_hash(house.workspace)
    sizes = [erased // passes + (number < erased % passes) for number in range(passes)]
    doomed = set(chance.sample(range(passes), kills))
    done = 0
    for number, size in enumerate(sizes):
        requests, expected = [], set()
        for _ in range(size):
            request = draw(house, chance)
            expected |= house.erased_by(request)
            house.gone |= expected
            requests.append(request)
        if number in doomed:
            done += killed(house, requests, chance, by_clock=done % 4 == 3)
        if not _erased_already(house, expected):
            carry_out(house.workspace, requests)
    log = list(erasures.log(house.workspace))
    after = rows_by_hash(house.workspace)
    wanted = {one.token.encode() for one in house.records if one.id not in house.gone}
    # Where the record that stood for another was erased, its name goes from there: the tokens tell of that.
    kept = {key: value for key, value in before.items() if not house.gone & set(key)}
    there = tokens(house.workspace)
    return {
        "requests": erased, "passes": len(sizes), "killed": done, "records": count, "erased": len(house.gone),
        "tokens of erased records found": len(there - wanted), "tokens of others missing": len(wanted - there),
        "rows of others": len(kept), "changed or lost": sum(after.get(key) != value for key, value in kept.items()),
        "stones": sum(key not in before for key in after if key[1] == "decisions"),
        "unfinished": len(erasures.journals(house.workspace)),
        "proofs that failed": sum(not one.proof or one.proof.found + one.proof.holding > 0 for one in log),
        "windows": sum(one.proof.windows for one in log if one.proof),
    }  # fmt: skip


def one_of(root: Path, count: int) -> None:
    """Erase one record of so many, and tell the CPU seconds of each step."""
    workspace = Workspace.create(root)
    packed: dict[str, list[shards.Shard]] = {name: [] for name in schema.FAMILIES}
    for start in range(0, count, 100_000):
        size = min(100_000, count - start)
        identities = [number.to_bytes(16, "big") for number in range(start, start + size)]
        rows = {
            "facts": [{"id": one, "modality": "text", "address": f"https://h.example/{i}", "host": "h.example",
                       "content_hash": one, "characters": 200} for i, one in enumerate(identities, start)],
            "decisions": [{"id": one, "action": "keep", "licence_basis": "licence", "reasons": []}
                          for one in identities],
            "privacy": [{"id": one, "status": "ok"} for one in identities],
            "content": [{"id": one, "text": hashlib.blake2b(one).hexdigest() * 2, "row_digest": one}
                        for one in identities],
            "attributions": [{"id": one, "author": f"author {i}"} for i, one in enumerate(identities, start)],
        }  # fmt: skip
        for name, found in rows.items():
            packed[name].append(shards.save(workspace, name, store.table(schema.FAMILIES[name], found)))
    manifests.commit(workspace, Manifest(
        dataset="harbour", number=0, hash="one", audience="public", uses=("train",), as_of="2026-03-02", recipe="",
        recipe_fingerprint="f" * 32, keys={}, code_version="0", created_at="2026-03-02T10:00:00+00:00", run="one",
        parent=None, counts={}, shards={name: tuple(group) for name, group in packed.items()},
    ))  # fmt: skip
    publish(workspace)
    spent: dict[str, float] = {}
    last = [time.process_time(), "finding and showing what it touches"]

    def told(step: str) -> None:
        spent[str(last[1])] = spent.get(str(last[1]), 0) + time.process_time() - float(last[0])
        last[:] = [time.process_time(), step]

    asked = [Request("record", str(uuid.UUID(int=count // 2)))]
    with workspace.lock():
        effects = erase.preview(workspace, resolve(workspace, asked, masked={}, retention=10))
        told("taking windows")
        erase.carry_out(workspace, effects, 0, told)
    told("")
    (done,) = erasures.log(workspace)
    size = sum(path.stat().st_size for path in workspace.shards.rglob("*.parquet"))
    print(f"{count} records, {size >> 20} MiB: {effects.shards} of {effects.shards_of} shards rewritten; {done.proof}")
    for step, seconds in spent.items():
        print(f"  {step:40} {seconds:6.2f} s")


def _erased_already(house: House, expected: set[str]) -> bool:
    from catalog import holdings

    return not holdings.holding(house.workspace, [keys.id_bytes(one) for one in expected])


def main() -> None:
    """Read the arguments and run, or be the process that is killed."""
    if sys.argv[1:2] == ["--child"]:
        asked = [Request(kind, value) for kind, value in json.loads(sys.argv[3])]
        carry_out(Workspace.open(sys.argv[2]), asked, sys.argv[4])
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--erasures", type=int, default=200)
    parser.add_argument("--killed", type=int, default=20)
    parser.add_argument("--records", type=int, default=1200)
    parser.add_argument("--passes", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--one-of", type=int, default=0, help="instead: the cost of erasing one record of so many")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("CLEARTITLE_KEYS", str(Path(folder) / "keys"))
        if given.one_of:
            one_of(Path(folder) / "workspace", given.one_of)
            return
        began, cpu = time.monotonic(), time.process_time()
        found = run(Path(folder) / "workspace", count=given.records, erased=given.erasures, kills=given.killed,
                    passes=given.passes, seed=given.seed)  # fmt: skip
        for name, value in found.items():
            print(f"{name:32} {value}")
        print(f"{'seconds (CPU of this process)':32} {time.monotonic() - began:.0f} ({time.process_time() - cpu:.0f})")


if __name__ == "__main__":
    main()
