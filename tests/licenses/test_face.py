"""The room's face: light to import, usable alone, and open to a new channel as one file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import licenses
from catalog.checks import discover
from catalog.errors import NotFound
from catalog.values import Declared, Record, Source
from licenses import inspect
from licenses.examples import run_example

REL = '<a rel="license" href="http://creativecommons.org/licenses/by/4.0/">licence</a>'
NEWCOMER = '''"""A channel that a newcomer adds."""
from catalog.checks import Example
from catalog.values import Claim

VERSION = 1
REPORTS = {"stamp": "A stamp that says MIT."}
EXAMPLES = (Example("stamp: MIT", ("MIT",)), Example("stamp: none"))


def claims(page):
    if "stamp: MIT" in page.markup:
        yield Claim("MIT", "page", "stamp")
'''


def test_importing_the_room_loads_none_of_its_parts() -> None:
    code = "import sys, licenses; print(*sorted(m for m in sys.modules if m.startswith(('licenses.', 'license_'))))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout == "licenses.optouts\n"


@pytest.mark.parametrize("name", licenses.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert callable(getattr(licenses, name))


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing_such"):
        _ = licenses.nothing_such


def test_a_new_channel_is_one_file(tmp_path: Path) -> None:
    (tmp_path / "stamp.py").write_text(NEWCOMER)
    record = Record("1", "text", Source("https://example.org/", "a.jsonl", 0), markup="stamp: MIT")
    assert [claim.licence for claim in licenses.claims(record, tmp_path)] == ["MIT"]
    assert licenses.fingerprint(tmp_path) != licenses.fingerprint()
    check = next(check for check in discover("claims", tmp_path) if check.name == "stamp")
    assert [run_example(check, example) for example in check.examples] == [("MIT",), ()]


def test_inspecting_a_file_tells_the_licence_and_where_it_was_read(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(f"<html><footer>This page: {REL}</footer></html>")
    found = inspect(page)
    assert found.verdict.licence == "CC-BY-4.0"
    assert found.text == (
        "CC-BY-4.0 (release)\n"
        "  licence-stated: rel_license in footer [CC-BY-4.0]\n"
        "  claim: CC-BY-4.0, covers page (rel_license, footer, at 25)"
    )


def test_inspecting_bytes_reads_any_encoding() -> None:
    text = f"<p>Ça: This page {REL}</p>"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "latin-1"):
        assert inspect(text.encode(encoding)).verdict.licence == "CC-BY-4.0"


def test_inspecting_a_picture_reads_what_its_metadata_declares() -> None:
    declared = Declared(fields=(("XMP-cc:License", "http://creativecommons.org/licenses/by-sa/3.0/"),))
    assert inspect(b"\xff\xd8\xff\xe0", declared=declared).verdict.licence == "CC-BY-SA-3.0"


def test_inspecting_a_missing_file_names_it(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"nothing\.html"):
        inspect(tmp_path / "nothing.html")
