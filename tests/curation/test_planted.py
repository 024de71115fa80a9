"""Over five hundred made-up personal values lie in every corner of the sources; none may come out.

What is searched is all bytes of the workspace, decompressed too, and all that any command said.
"""

from __future__ import annotations

import importlib
import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from curation import cli


@pytest.fixture
def planting(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module that writes the sources (this folder is no package)."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    return importlib.import_module("planting")


class Searcher:
    """Finds any form of any planted value in bytes: by its first six bytes, then whole."""

    def __init__(self, values: dict[str, str], forms: Callable[[str], set[str]]) -> None:
        self._of: dict[int, list[tuple[bytes, str]]] = {}
        for value, place in values.items():
            for form in forms(value):
                for written in (form.encode(), form.encode("utf-16-le")):
                    self._of.setdefault(int.from_bytes(written[:6], "little"), []).append((written, place))
        self._starts = np.array(sorted(self._of), np.uint64)

    def places(self, data: bytes) -> set[str]:
        """Where the values that are found had been planted."""
        found: set[str] = set()
        data = data.lower()
        for at in range(0, len(data), 1 << 20):
            signs = np.frombuffer(data[at : at + (1 << 20) + 5], np.uint8).astype(np.uint64)
            if len(signs) < 6:
                break
            keys = sum(signs[place : len(signs) - 5 + place] << np.uint64(8 * place) for place in range(6))
            near = np.minimum(np.searchsorted(self._starts, keys), len(self._starts) - 1)
            for hit in np.flatnonzero(self._starts[near] == keys):
                start = at + int(hit)
                found.update(place for form, place in self._of[int(keys[hit])] if data.startswith(form, start))
        return found

    def leaks(self, root: Path) -> dict[str, set[str]]:
        """For each file, the places that its values come from; file names count."""
        found: dict[str, set[str]] = {}
        for path in sorted(root.rglob("*")):
            name = str(path.relative_to(root))
            seen = self.places(name.encode())
            for data in _readings(path) if path.is_file() else ():
                seen |= self.places(data)
            if seen:
                found[name] = seen
        return found


def _readings(path: Path) -> Iterator[bytes]:
    """A file's bytes, and what they are when decompressed."""
    yield path.read_bytes()
    if path.suffix == ".parquet":
        yield from _told(pq.ParquetFile(path).read().to_pylist())
    elif path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as connection:
            for (table,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
                yield from _told(connection.execute(f'SELECT * FROM "{table}"').fetchall())
    elif path.suffix == ".json":
        yield repr(json.loads(path.read_text("utf-8"))).encode()


def _told(value: Any) -> Iterator[bytes]:
    """Every value in rows, a line each; pictures with the texts in them."""
    if isinstance(value, dict):
        yield from _told([*value.keys(), *value.values()])
    elif isinstance(value, list | tuple):
        yield b"\n".join(part for item in value for part in _told(item))
    elif isinstance(value, bytes):
        yield value
        if value.startswith(b"\x89PNG"):
            yield repr(Image.open(io.BytesIO(value)).info).encode()
    else:
        yield str(value).encode("utf-8", "replace")


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Call the command with --debug; all that it said, by whatever way."""

    monkeypatch.setenv("CLEARTITLE_DEBUG", "1")  # --debug sets it, too; here it is taken back after the test

    def command(*arguments: str | Path) -> str:
        monkeypatch.setattr(sys, "argv", ["cleartitle", "--debug", *map(str, arguments)])
        with pytest.raises(SystemExit):
            cli.main()
        said = capfd.readouterr()
        return said.out + said.err

    return command


def test_no_planted_value_comes_out_anywhere(
    tmp_path: Path, planting: ModuleType, monkeypatch: pytest.MonkeyPatch, call: Callable[..., str]
) -> None:
    monkeypatch.setenv("CLEARTITLE_KEYS", str(tmp_path / "keys"))
    planted = planting.write(tmp_path / "in")
    assert len(planted.values) > 500
    searcher = Searcher(planted.values, planting.forms)
    assert len(searcher.places((tmp_path / "in" / "rows.jsonl").read_bytes())) > 100  # it does find what is there
    workspace = tmp_path / "workspace"
    said = {"run": call("run", tmp_path / "in" / "recipe.toml", "-w", workspace, "--workers", "0", "--log", "json")}
    assert "committed" in said["run"]
    with duckdb.connect(str(workspace / "catalog.duckdb"), read_only=True) as connection:
        rows = connection.execute("SELECT id::VARCHAR, action FROM decisions ORDER BY ALL").fetchall()
        stays = connection.execute("SELECT count(*) FROM content").fetchone()
    assert stays is not None
    assert stays[0] > 150  # nothing is met by holding
    for action in ("keep", "redact", "hold", "drop"):
        for identity in [row[0] for row in rows if row[1] == action][:2]:
            said[f"why {action} {identity}"] = call("why", identity, "-w", workspace)
            if action == "hold":
                note = f"ask {next(iter(planted.values))}"
                said[f"answer {identity}"] = call("review", identity, "--refuse", "-w", workspace, "--note", note)
    for verb in ("review", "status", "doctor"):
        said[verb] = call(verb, "-w", workspace)
    said["leaks"] = call("leaks", "planted", "-w", workspace, "--no-review", "--size", "20", "--json")
    for verb in ("card", "thresholds", "distribution", "anonymity"):
        said[verb] = call(verb, "planted", "-w", workspace)
    for form in ("jsonl", "parquet"):
        said[form] = call("export", "planted", "-w", workspace, "--format", form, "--use", "train", "--catalog")
    said["sql"] = call("sql", "SELECT CAST(text AS INTEGER) FROM content", "-w", workspace)
    assert {name: places for name, told in said.items() if (places := searcher.places(told.encode()))} == {}
    assert searcher.leaks(workspace) == {}


LOUD = """\
from catalog.checks import Example
VERSION = 1
REPORTS = {"loud": "Raises what it reads."}
EXAMPLES = (Example("calm", ("loud=0",)),)
def signals(view):
    raise ValueError(view.text)
"""


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_run_that_crashes_tells_where_and_no_words(
    tmp_path: Path, planting: ModuleType, monkeypatch: pytest.MonkeyPatch, call: Callable[..., str], workers: str
) -> None:
    monkeypatch.setenv("CLEARTITLE_KEYS", str(tmp_path / "keys"))
    planted = planting.write(tmp_path / "in")
    searcher = Searcher(planted.values, planting.forms)
    (tmp_path / "in" / "checks").mkdir()
    (tmp_path / "in" / "checks" / "loud.py").write_text(LOUD, "utf-8")
    said = call("run", tmp_path / "in" / "recipe.toml", "-w", tmp_path / "w", "--workers", workers, "--log", "json")
    assert "ValueError" in said
    assert "loud.py" in said
    assert searcher.places(said.encode()) == set()
    assert searcher.leaks(tmp_path / "w") == {}
