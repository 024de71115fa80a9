"""From a recipe's paths to inputs."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import fsspec
import pytest

from catalog.errors import RecipeError
from curation import sources
from curation.sources import Input, SourceOptions


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.jsonl", "a.jsonl.gz", "deep/c.warc.gz", "deep/d.csv", "notes.txt", "odd[1].jsonl"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    return tmp_path


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("*.jsonl*", [("a.jsonl.gz", "jsonl"), ("b.jsonl", "jsonl"), ("odd[1].jsonl", "jsonl")]),
        ("**/*.csv", [("deep/d.csv", "csv")]),
        ("deep", [("deep/c.warc.gz", "warc"), ("deep/d.csv", "csv")]),
        ("deep/", [("deep/c.warc.gz", "warc"), ("deep/d.csv", "csv")]),
        ("odd[1].jsonl", [("odd[1].jsonl", "jsonl")]),
        ("./b.jsonl", [("b.jsonl", "jsonl")]),
    ],
)
def test_inputs_come_sorted_and_with_their_kind(path: str, found: list[tuple[str, str]], folder: Path) -> None:
    assert [(one.name, one.kind) for one in sources.expand(SourceOptions(path=path), folder)] == found


def test_an_input_outside_the_recipes_folder_is_named_from_there(folder: Path) -> None:
    [found] = sources.expand(SourceOptions(path="../b.jsonl"), folder / "deep")
    assert (found.name, found.size) == ("../b.jsonl", 1)
    assert Path(found.path).samefile(folder / "b.jsonl")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (SourceOptions(path="c.jsonl"), r"c\.jsonl: there is no such file or folder"),
        (SourceOptions(path="*.parquet"), r"\*\.parquet: no file matches"),
        (SourceOptions(path="notes.txt"), r"notes\.txt: the kind of this file cannot be told"),
        (SourceOptions(path="b.jsonl", kind="json"), r"no kind of source called 'json'.*contributions, csv, folder"),
        (SourceOptions(path="nowhere://x"), r"nowhere://x: the path cannot be opened: ValueError"),
    ],
)
def test_what_is_missing_is_said_with_path_and_cure(options: SourceOptions, said: str, folder: Path) -> None:
    with pytest.raises(RecipeError, match=said):
        sources.expand(options, folder)


def test_an_archive_under_another_name_is_known_by_its_beginning(folder: Path) -> None:
    (folder / "crawl.bad").write_bytes(b"WARC/1.0\r\n\r\n")
    [found] = sources.expand(SourceOptions(path="crawl.bad"), folder)
    assert found.kind == "warc"


def test_a_hub_id_needs_no_file(folder: Path) -> None:
    assert sources.expand(SourceOptions(path="harbour/notes", kind="huggingface"), folder) == [
        Input("harbour/notes", "harbour/notes", "huggingface")
    ]


def test_remote_files_are_read_like_local_ones(folder: Path) -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/quay/a.jsonl", b'{"text": "from afar"}')
    options = SourceOptions(path="memory://quay/*.jsonl")
    [found] = sources.expand(options, folder)
    [piece] = sources.open_items(found, options)
    assert isinstance(piece, sources.Item)
    [record] = sources.parse(piece, found, options, lambda address, place="": address)
    assert getattr(record, "text", "") == "from afar"
    assert found.name == "memory:///quay/a.jsonl"
    memory.rm("/quay", recursive=True)


def test_every_option_says_what_it_means() -> None:
    meanings = sources.option_meanings()
    assert list(meanings) == [option.name for option in dataclasses.fields(SourceOptions)]
    assert all(meaning.endswith(".") for meaning in meanings.values())
