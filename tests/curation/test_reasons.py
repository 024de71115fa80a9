"""Every reason that a decision can give has a sentence; a new one without fails here."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from curation import reasons

ROOT = Path(__file__).parents[2]
GIVING = (
    "curation/policy.py",
    "curation/judge.py",
    "curation/content.py",
    "catalog/rewriting.py",
    "licenses/verdict.py",
)
DECIDED = {name for part in reasons.DECISIONS.values() for name in part}


def _given(path: str) -> set[str]:
    """The literal ids in `Reason("…")`, in `{"reason": "…"}`, and in the names that content gives for a problem."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Reason":
            found |= _literals(node.args[0])
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            found |= {
                name
                for key, value in pairs
                if key is not None and "reason" in _literals(key)
                for name in _literals(value)
            }
        elif isinstance(node, ast.Assign) and any(
            isinstance(to, ast.Name) and to.id in ("kind", "GONE") for to in node.targets
        ):
            found |= _literals(node.value)
    return found


def _literals(node: ast.expr) -> set[str]:
    if isinstance(node, ast.IfExp):
        return _literals(node.body) | _literals(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


@pytest.mark.parametrize("path", GIVING)
def test_every_reason_in_the_code_has_a_sentence(path: str) -> None:
    known = set(reasons.VERDICTS) if path.startswith("licenses") else DECIDED
    given = _given(path)
    assert given
    assert given - known == set()


def test_every_sentence_is_of_a_reason_that_the_code_gives() -> None:
    from catalog.suppression import ERASED
    from curation.policy import _PREFERENCES
    from curation.recipe import USES

    composed = {f"licence-forbids-{use.replace(' ', '-')}" for use in USES}
    composed |= {"optout-" + name for names in _PREFERENCES.values() for name in names} | {"optout-train-ai-images"}
    given = set().union(*map(_given, GIVING)) | composed | set(ERASED)
    pictures = {name for name in DECIDED if name.startswith("picture-")}
    assert (DECIDED | set(reasons.VERDICTS)) - pictures == given


def test_every_way_in_which_a_picture_is_held_has_a_sentence() -> None:
    pictures = "".join(file.read_text("utf-8") for file in sorted((ROOT / "privacy" / "pictures").glob("*.py")))
    written = re.findall(r'(?:"failed": |\breason(?:: str)? ?= ?|return held\()"([a-z-]+)"', pictures)
    written += re.findall(r'return "([a-z-]+)" if .* else "([a-z-]+)"', pictures.partition("def _reason")[2])[0]
    assert len(set(written)) >= 8
    assert {"picture-" + name for name in written} | {"picture-not-rebuilt"} == {
        name for name in DECIDED if name.startswith("picture-")
    }


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (("consent-missing", "consent"), "It comes from a contributor, and no consent to any use is known."),
        (
            ("gopher-words", "gopher_words"),
            "By the recipe's threshold on: Words, not counting those made of punctuation alone.",
        ),
        (
            ("too-short", "gopher_words"),
            "By the recipe's threshold on: Words, not counting those made of punctuation alone.",
        ),
        (("house-rule", "house_signal"), "A rule of the recipe's own says so."),
        (
            ("licence-review", "licence", "licence-stated, licence-conflict"),
            "The evidence for its licence has doubts that a person should settle. Another licence is claimed as well.",
        ),
    ],
)
def test_a_reason_is_told_in_words(reason: tuple[str, ...], told: str) -> None:
    assert reasons.meaning(*reason) == told
