"""The floors: licence verdicts on the shared labels are no worse than what was pinned."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent


def _load(name: str) -> ModuleType:
    """A script beside this file; it is no package, so that it runs by itself too."""
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def measure() -> Iterator[ModuleType]:
    _load("optouts")
    module = _load("measure")
    if not module.SHARED.exists():
        pytest.skip("the labelled items are not beside this checkout (../shared/data/licences)")
    yield module
    for name in ("optouts", "measure"):
        sys.modules.pop(name, None)


def test_the_floors_belong_to_these_labels(measure: ModuleType) -> None:
    assert measure.floors()["fingerprint"] == measure.fingerprint(measure.SHARED)


def test_verdicts_are_no_worse_than_the_floors(measure: ModuleType) -> None:
    found = measure.outcomes(measure.SHARED)
    print(measure.categories(found))
    measured = {**measure.figures(found), "opt_outs": measure.opt_outs(measure.SHARED)}
    floors = {name: value for name, value in measure.floors().items() if name != "fingerprint"}
    assert floors.keys() == measured.keys()
    assert {name: value for name, value in measured.items() if value < floors[name]} == {}


@pytest.mark.parametrize(
    ("floor", "bar"),
    [
        ("release_precision", 0.98),
        ("release_recall_pages", 0.85),
        ("review_recall", 0.97),
        ("exact", 0.90),
        ("clear_pages_released", 0.95),
        ("opt_outs", 1.0),
    ],
)
def test_no_floor_lies_below_what_was_promised(measure: ModuleType, floor: str, bar: float) -> None:
    assert measure.floors()[floor] >= bar


def test_the_table_sets_each_category_beside_the_usual_way(measure: ModuleType) -> None:
    made = measure.Outcome("a", "html", "footer", "CC-BY-4.0", measure.classify("<p>Words."), "CC-BY-4.0")
    lines = measure.categories([made]).splitlines()
    assert [line.split() for line in lines[1:]] == [
        [name, "1", "1", "0.000", "0.000", "1.000", "1.000"] for name in ("footer", "all")
    ]


def test_every_opt_out_case_has_the_answer_of_its_specification(measure: ModuleType) -> None:
    lines = (measure.SHARED / "optout_cases.jsonl").read_text(encoding="utf-8").splitlines()
    assert measure.wrong_cases([json.loads(line) for line in lines]) == []


def test_a_floor_sinks_only_with_a_reason(measure: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pinned = tmp_path / "floors.toml"
    pinned.write_text('fingerprint = "x"\nexact = 0.90\n')
    monkeypatch.setattr(measure, "FLOORS", pinned)
    with pytest.raises(SystemExit, match="exact"):
        measure.write({"exact": 0.8}, measure.SHARED, "")
    measure.write({"exact": 0.8}, measure.SHARED, "labels were corrected")
    assert pinned.read_text().startswith("# labels were corrected\n")
    assert measure.floors()["exact"] == 0.8
