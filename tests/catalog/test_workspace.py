from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from catalog import processes
from catalog.errors import FormatError, NotFound, WorkspaceLocked
from catalog.workspace import STAGED, Workspace, json_lines, refuse_newer, write_atomically, write_text


def test_a_workspace_is_made_once_and_keeps_its_id(tmp_path: Path) -> None:
    made = Workspace.create(tmp_path / "w")
    assert Workspace.create(tmp_path / "w") == made == Workspace.open(tmp_path / "w")


def test_a_folder_that_is_none_is_told_with_the_cure(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no cleartitle workspace .* --workspace"):
        Workspace.open(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "x", "id": "y"}'])
def test_a_marker_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "cleartitle.json").write_text(text)
    with pytest.raises(FormatError, match="expected a JSON object with format and id"):
        Workspace.open(tmp_path)


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cleartitle.json").write_text(json.dumps({"format": 2, "id": "y"}))
    with pytest.raises(FormatError, match=r"has format 2, this program knows formats up to 1\. Update cleartitle"):
        Workspace.open(tmp_path)
    refuse_newer(1, 1, tmp_path)


def test_the_lock_admits_one_process_and_ends_with_it(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path)
    script = (
        "from catalog.workspace import Workspace\nfrom catalog.errors import WorkspaceLocked\n"
        f"try:\n    with Workspace.open({str(tmp_path)!r}).lock(): print('in')\n"
        "except WorkspaceLocked as error: print(error.id)"
    )

    def other() -> str:
        return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()

    with workspace.lock():
        assert other() == "CT-502"
        with pytest.raises(WorkspaceLocked, match="another cleartitle process"), workspace.lock():
            pass
    assert other() == "in"


def test_the_lock_sweeps_what_killed_runs_left(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path)
    for folder in (workspace.root, workspace.shards / "facts", workspace.exports, workspace.spill):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{STAGED}1-x").write_text("half")
    kept = workspace.shards / "facts" / "whole.parquet"
    kept.write_text("whole")
    with workspace.lock():
        assert list(tmp_path.glob(f"**/{STAGED}*")) == []
    assert (kept.exists(), workspace.spill.exists()) == (True, False)


def test_the_sweep_leaves_what_a_living_process_is_writing(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path)
    script = "import sys; from catalog import processes; print(processes.name(), flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdin
        assert other.stdout
        owner = other.stdout.readline().decode().strip()
        part, spill = workspace.root / f"{STAGED}{owner}-1-file", workspace.root / "spill" / owner
        part.write_text("half")
        spill.mkdir(parents=True)
        with workspace.lock():
            assert (part.exists(), spill.exists(), processes.state(owner)) == (True, True, "alive")
        other.kill()
        other.wait()
        with workspace.lock():
            assert (part.exists(), spill.exists(), processes.state(owner)) == (False, False, "gone")


def test_a_number_given_again_is_another_process(tmp_path: Path) -> None:
    number, started, machine = processes.name().split(".")
    assert processes.state(f"{number}.{started}.{machine}-rest") == "alive"
    assert processes.state(f"{number}.{int(started) + 1}.{machine}") == "gone"
    assert processes.state("7-of-an-older-cleartitle") == "gone"
    workspace = Workspace.create(tmp_path)
    elsewhere = workspace.root / f"{STAGED}{number}.{started}.00000000-1-file"
    elsewhere.write_text("half")
    assert processes.state(elsewhere.name.removeprefix(STAGED)) == "elsewhere"
    workspace.sweep()
    assert elsewhere.exists()
    os.utime(elsewhere, (0, 0))
    workspace.sweep()
    assert not elsewhere.exists()


def test_a_later_publisher_waits_and_then_sees_what_the_earlier_one_saw(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path)
    order: list[str] = []

    def later() -> None:
        with workspace.publishing():
            order.append("later")

    thread = threading.Thread(target=later)
    with workspace.publishing():
        thread.start()
        thread.join(0.2)
        order.append("earlier")
    thread.join(10)
    assert order == ["earlier", "later"]


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    write_atomically(path, lambda part: part.write_text("one"), mode=0o444)
    assert path.stat().st_mode & 0o777 == 0o444

    def fails(part: Path) -> None:
        part.write_text("tw")
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        write_atomically(path, fails)
    assert (path.read_text(), [found.name for found in path.parent.iterdir()]) == ("one", ["file"])


def test_only_a_line_feed_ends_a_line_of_json() -> None:
    note = json.dumps({"note": "one\u2028two\x85three"}, ensure_ascii=False)
    assert list(json_lines(f"{note}\n\n{note}\n")) == [(1, note), (3, note)]


def test_a_private_file_is_private_from_its_first_byte(tmp_path: Path) -> None:
    seen: list[int] = []

    def write(part: Path) -> None:
        seen.append(part.stat().st_mode & 0o777)
        part.write_text("one")

    write_atomically(tmp_path / "new", write, mode=0o600)
    assert seen == [0o600]
    write_text(tmp_path / "text", "zwölf", mode=0o600)
    assert (tmp_path / "text").read_bytes() == "zwölf".encode()
    assert (tmp_path / "text").stat().st_mode & 0o777 == 0o600
