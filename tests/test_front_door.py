from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import catalog
import cleartitle
from catalog.errors import NotFound
from catalog.publish import publish
from catalog.workspace import Workspace


def test_the_front_door_opens_a_workspace_and_answers(tmp_path: Path) -> None:
    publish(Workspace.create(tmp_path))
    opened = cleartitle.open(tmp_path)
    assert opened.sql("SELECT count(*) FROM versions").fetchall() == [(0,)]
    assert opened.versions() == []
    with pytest.raises(NotFound, match="none yet"):
        opened.version("harbour@1")
    with pytest.raises(NotFound, match="none yet"):
        opened.diff("harbour@1", "harbour@2")


def test_a_folder_that_is_no_workspace_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no cleartitle workspace"):
        cleartitle.open(tmp_path)


def test_importing_the_front_door_loads_nothing_heavy() -> None:
    heavy = "('duckdb', 'pyarrow', 'torch', 'datasets')"
    script = f"import sys, catalog, cleartitle; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_name_of_the_catalogs_face_is_there() -> None:
    assert [getattr(catalog, name).__name__ for name in catalog.__all__] == catalog.__all__
    with pytest.raises(AttributeError, match="nothing_like_it"):
        _ = catalog.nothing_like_it
