from __future__ import annotations

import pickle
import stat
from pathlib import Path
from types import ModuleType

import pytest

from catalog import keys
from catalog.errors import Unavailable
from catalog.keys import Keys, digest, fingerprint
from catalog.workspace import Workspace


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLEARTITLE_KEYS", str(tmp_path / "keys"))
    return tmp_path / "keys"


def test_keys_are_made_once_private_and_outside_the_workspace(workspace: Workspace, folder: Path) -> None:
    made = keys.load(workspace, "harbour")
    assert keys.load(workspace, "harbour") == made
    assert sorted(path.name for path in folder.iterdir()) == ["contributors.key", "ids.key", "pseudonyms-harbour.key"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert len({made.ids, made.contributors, made.pseudonyms}) == 3
    assert keys.load(workspace, "quay").pseudonyms != made.pseudonyms


def test_a_key_never_shows(workspace: Workspace, folder: Path) -> None:
    made = keys.load(workspace, "harbour")
    assert repr(made) == "Keys()"
    for name, print_ in made.fingerprints().items():
        assert len(print_) == 16
        assert getattr(made, name).hex() != print_
        assert print_ not in getattr(made, name).hex()
    assert pickle.loads(pickle.dumps(made)) == made  # workers are handed the keys


def test_a_key_comes_from_the_environment_or_a_command(
    workspace: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLEARTITLE_KEY_IDS", "11" * 32)
    monkeypatch.setenv("CLEARTITLE_KEY_PSEUDONYMS_HARBOUR", "22" * 32)
    monkeypatch.setenv("CLEARTITLE_KEY_COMMAND", "printf " + "33" * 32)
    assert keys.load(workspace, "harbour") == Keys(b"\x11" * 32, b"\x33" * 32, b"\x22" * 32)
    with pytest.raises(Unavailable, match="CLEARTITLE_KEY_PSEUDONYMS_HARBOUR may be another data set's"):
        keys.load(workspace, "Harbour")
    assert not folder.exists()
    monkeypatch.setenv("CLEARTITLE_KEY_COMMAND", "false")
    with pytest.raises(Unavailable, match="status 1 for key 'contributors'"):
        keys.load(workspace, "harbour")


@pytest.mark.parametrize("text", ["", "zz", "11" * 31])
def test_a_damaged_key_is_told_without_quoting_it(workspace: Workspace, folder: Path, text: str) -> None:
    folder.mkdir()
    (folder / "ids.key").write_text(text)
    with pytest.raises(Unavailable, match="expected a key of 32 bytes"):
        keys.load(workspace, "harbour")


def test_ids_depend_on_key_address_place_and_nothing_else() -> None:
    one = Keys(b"1" * 32, b"2" * 32, b"3" * 32)
    assert one.record_id("https://port.example/") == one.record_id("https://port.example/")
    others = {
        one.record_id("https://port.example/"),
        one.record_id("https://port.example/", "img1"),
        one.record_id("https://port.example/i", "mg1"),
        Keys(b"9" * 32, b"2" * 32, b"3" * 32).record_id("https://port.example/"),
    }
    assert len(others) == 4
    assert len(one.contributor("Anna")) == 32


def test_parts_do_not_run_into_each_other_and_purposes_are_apart() -> None:
    key = b"k" * 32
    found = {digest(key, "a", "bc", "d"), digest(key, "a", "b", "cd"), digest(key, "b", "bc", "d"), digest(key, "a")}
    assert len(found) == 4
    assert digest(key, "a", "é") == digest(key, "a", "é".encode())
    assert fingerprint(b"1") != fingerprint(b"2")


@pytest.mark.parametrize("name", ["ids", "contributors"])
def test_versions_made_with_other_keys_are_no_ground_to_make_new_ones(
    workspace: Workspace,
    folder: Path,
    invented: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    name: str,
) -> None:
    made = keys.load(workspace, "harbour")
    invented.commit(workspace, invented.first_rows(), "a" * 64, keys=made.fingerprints())
    assert keys.load(workspace, "harbour") == made
    ask = {"ids": keys.of_ids, "contributors": keys.of_contributors}[name]
    monkeypatch.setenv("CLEARTITLE_KEYS", str(tmp_path / "elsewhere"))
    with pytest.raises(Unavailable, match=f"the key '{name}' is not here, .* Restore the key"):
        ask(workspace)
    assert not (tmp_path / "elsewhere").exists()
    monkeypatch.setenv(f"CLEARTITLE_KEY_{name.upper()}", "11" * 32)
    with pytest.raises(Unavailable, match=f"the key '{name}' is another one than the versions here were made with"):
        ask(workspace)


def test_a_destroyed_key_of_pseudonyms_is_made_anew(workspace: Workspace, folder: Path, invented: ModuleType) -> None:
    made = keys.load(workspace, "harbour")
    invented.commit(workspace, invented.first_rows(), "a" * 64, keys=made.fingerprints())
    (folder / "pseudonyms-harbour.key").unlink()
    assert keys.load(workspace, "harbour").pseudonyms != made.pseudonyms
