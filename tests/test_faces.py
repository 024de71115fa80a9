"""Each room has a face: the names it promises, loaded lazily, without the heavy packages."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

import cleartitle

ROOMS = ("catalog", "licenses", "privacy", "curation", "training", "cleartitle")
HEAVY = ("torch", "spacy", "presidio_analyzer", "datasets", "pandas", "cv2", "onnxruntime", "opacus")


@pytest.mark.parametrize("room", ROOMS)
def test_importing_a_room_loads_nothing_heavy(room: str) -> None:
    code = f"import {room}, sys; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_is_there_and_documented(room: str) -> None:
    module = importlib.import_module(room)
    assert module.__all__
    for name in module.__all__:
        value = getattr(module, name)
        assert not callable(value) or value.__doc__, name


def test_a_room_knows_no_other_names() -> None:
    for room in ROOMS:
        with pytest.raises(AttributeError, match="no_such_name"):
            _ = importlib.import_module(room).no_such_name


def test_the_command_line_starts_without_the_heavy_packages() -> None:
    code = f"import curation.cli, sys; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_command_names_who_shadows_a_room(tmp_path: Path) -> None:
    (tmp_path / "catalog").mkdir()
    (tmp_path / "catalog" / "__init__.py").touch()
    code = "import cleartitle; cleartitle.main()"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, env=environment, cwd=tmp_path, check=False
    )
    assert done.returncode == 5
    assert "the package 'catalog' is expected in" in done.stderr
    assert str(tmp_path / "catalog") in done.stderr


def test_nobody_shadows_a_room_here() -> None:
    assert cleartitle.shadowed(Path(cleartitle.__file__).resolve().parent) == ""
