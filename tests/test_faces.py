"""Each room has a face: the names it promises, loaded lazily, without the heavy packages."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

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
