from __future__ import annotations

from pathlib import Path

import pytest

from catalog.checks import discover, fingerprint
from catalog.errors import CheckError

CHECK = """
from catalog.checks import Example
VERSION = 1
REPORTS = {"shouting": "Share of capital letters."}
EXAMPLES = (Example("AB", ("shouting=1",)), Example("ab", ("shouting=0",)))
def signals(view):
    return {"shouting": 1.0}
"""


def test_a_file_dropped_into_the_folder_is_a_check(tmp_path: Path) -> None:
    (tmp_path / "shouting.py").write_text(CHECK)
    (tmp_path / "_helper.py").write_text("not a check")
    found = {check.name: check for check in discover("signals", tmp_path)}
    assert found["shouting"].reports == {"shouting": "Share of capital letters."}
    assert found["shouting"].run(None) == {"shouting": 1.0}
    assert "shouting" not in {check.name for check in discover("signals")}
    assert "shouting" not in {check.name for check in discover("spans", tmp_path)}


def test_an_edited_check_has_another_fingerprint_even_with_the_same_version(tmp_path: Path) -> None:
    path = tmp_path / "shouting.py"
    path.write_text(CHECK)
    before = fingerprint(discover("signals", tmp_path))
    assert fingerprint(discover("signals", tmp_path)) == before
    path.write_text(CHECK.replace("1.0", "0.5"))
    assert fingerprint(discover("signals", tmp_path)) != before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CHECK.replace("VERSION = 1", ""), "expected VERSION of type int"),
        (CHECK.replace("REPORTS = {", "REPORTED = {"), "expected REPORTS of type dict"),
        (
            CHECK.replace("EXAMPLES = (", "EXAMPLES = list((").replace('=0",)))', '=0",))))'),
            "expected EXAMPLES of type tuple",
        ),
        (CHECK.replace("def signals", "def signal"), "expected exactly one of the functions"),
        (CHECK + "def spans(text): return []", "expected exactly one of the functions"),
        ("1 / 0", "does not load: ZeroDivisionError"),
    ],
)
def test_a_check_that_lacks_a_part_is_told_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "shouting.py").write_text(text)
    with pytest.raises(CheckError, match=said) as caught:
        discover("signals", tmp_path)
    assert caught.value.place == str(tmp_path / "shouting.py")


def test_a_check_may_not_shadow_another(tmp_path: Path) -> None:
    name = discover("signals")[0].name
    (tmp_path / f"{name}.py").write_text(CHECK)
    with pytest.raises(CheckError, match=f"two checks of kind 'signals' are called '{name}'"):
        discover("signals", tmp_path)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("signals", "    return {'loud': float(view)}\n"),
        ("claims", "    yield float(view)\n"),
        ("preferences", "    return [float(view)]\n"),
    ],
)
def test_what_a_check_of_ones_own_raises_is_told_by_its_line_without_its_words(
    kind: str, body: str, tmp_path: Path
) -> None:
    path = tmp_path / "shouting.py"
    path.write_text(f"VERSION = 1\nREPORTS = {{}}\nEXAMPLES = ()\ndef {kind}(view):\n{body}", "utf-8")
    (check,) = [check for check in discover(kind, tmp_path) if check.name == "shouting"]
    with pytest.raises(CheckError) as error:
        list(check.run("anna@example.com"))
    told = f"{path}: {kind}() raised ValueError, line 5. Mend the check, or move it out of the checks folder."
    assert str(error.value) == told
