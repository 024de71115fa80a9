"""The published files, asked by another duckdb than ours: `make duckdb15` puts one beside the checkout's own."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from catalog import public
from catalog.manifests import find
from catalog.publish import publish
from catalog.queries import attach
from catalog.workspace import Workspace

ROOT = Path(__file__).parents[2]
PYTHON = Path(os.environ.get("CLEARTITLE_DUCKDB15", ROOT / ".venv-duckdb15" / "bin" / "python"))
QUESTIONS = re.findall(
    r"^### \d+\. .+?\n\n```sql\n(.+?)```",
    (ROOT / "docs" / "reference" / "questions.md").read_text("utf-8"),
    re.DOTALL | re.MULTILINE,
)
ASK = """
import duckdb, json, sys
path, questions = sys.argv[1], json.load(sys.stdin)
connection = duckdb.connect(path, read_only=True)
connection.execute("SET autoinstall_known_extensions = false")
answers = [sorted(map(str, connection.execute(sql).fetchall())) for sql in questions]
print(json.dumps([duckdb.__version__, answers]))
"""

pytestmark = pytest.mark.skipif(not PYTHON.is_file(), reason="no second duckdb here: make duckdb15")


def asked(path: Path, questions: list[str], folder: Path) -> tuple[str, list[list[str]]]:
    """The other duckdb's version and answers, from another folder than the workspace's."""
    done = subprocess.run(
        [str(PYTHON), "-c", ASK, str(path)],
        input=json.dumps(questions), cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    version, answers = json.loads(done.stdout)
    return version, answers


def test_every_question_has_the_same_answer_there(seen: Workspace, tmp_path: Path) -> None:
    version, answers = asked(seen.catalog, QUESTIONS, tmp_path)
    assert version.startswith("1.5.")
    with attach(seen, seen.catalog) as connection:
        ours = [sorted(map(str, connection.execute(sql).fetchall())) for sql in QUESTIONS]
    assert len(answers) >= 40
    for sql, theirs, expected in zip(QUESTIONS, answers, ours, strict=True):
        assert theirs == expected, sql


def test_it_reads_the_publishable_catalog_too(seen: Workspace, tmp_path: Path) -> None:
    path = public.publish(seen, find(seen, "harbour@1"), tmp_path / "public.duckdb")
    assert asked(path, ["SELECT version, least FROM about", "SELECT count(*) FROM dropped_why"], tmp_path)[1] == [
        ["('harbour@1', 10)"],
        ["(5,)"],
    ]


def test_it_opens_a_catalog_that_was_moved_and_published_anew(harbour: Workspace, tmp_path: Path) -> None:
    moved = Workspace.open(harbour.root.rename(tmp_path / "another place"))
    publish(moved)
    count = "SELECT count(*), count(text) FROM released WHERE version = 'harbour@1'"
    assert asked(moved.catalog, [count], tmp_path)[1] == [["(4, 3)"]]
