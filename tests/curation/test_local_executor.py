"""The local executor: results of every task, whatever happens to the workers."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

from catalog.errors import CleartitleError, RecipeError, WorkerDied
from curation.executors.local import LocalExecutor


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The functions workers run: by name, from a module they can import (this folder is no package)."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    return importlib.import_module("executor_tasks")


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_every_task_gives_its_result_once(workers: int, tasks: ModuleType) -> None:
    with LocalExecutor(10, workers) as pool:
        assert sorted(pool.map(tasks.double, range(20))) == [10 * n for n in range(20)]
        assert sorted(pool.map(tasks.double, range(3))) == [0, 10, 20]  # the same workers, a second stage


def test_a_killed_worker_is_replaced_and_its_task_given_again(tmp_path: Path, tasks: ModuleType) -> None:
    with LocalExecutor(str(tmp_path), 2) as pool:
        assert sorted(pool.map(tasks.die_once, range(8))) == list(range(8))
    assert (tmp_path / "died").exists()


def test_a_task_that_kills_every_worker_ends_with_a_cure(tasks: ModuleType) -> None:
    with (
        LocalExecutor(None, 1) as pool,
        pytest.raises(WorkerDied, match=r"died 3 times on 1 .*status -9.*fewer --workers"),
    ):
        list(pool.map(tasks.die_always, [1]))


def test_our_errors_arrive_whole(tasks: ModuleType) -> None:
    with LocalExecutor("ours", 1) as pool, pytest.raises(RecipeError) as error:
        list(pool.map(tasks.fail, ["x"]))
    assert (error.value.place, error.value.cure) == ("there", "Mend it.")


def test_another_error_arrives_without_the_words_of_the_record(tasks: ModuleType) -> None:
    with LocalExecutor("other", 1) as pool, pytest.raises(CleartitleError) as error:
        list(pool.map(tasks.fail, ["call 555-0100"]))
    assert "ValueError in a worker (executor_tasks.py" in str(error.value)
    assert "555" not in str(error.value)
