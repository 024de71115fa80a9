"""A version keeps the recipe as it was run, and every command reads it back alike."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path

from curation.as_run import recipe_of, written
from curation.outlook import outlooks
from curation.recipe import load
from curation.runner import run

PRESET = '[[rule]]\nid = "short-words"\nsignal = "gopher_words"\nmin = 20\n'


def test_what_is_written_is_read_back_as_it_was() -> None:
    table = {
        "dataset": 'a "quoted" \\ name\x7f\n\U0001f30a',
        "as_of": dt.date(2026, 11, 21),
        "source": [{"path": "a/*.jsonl", "quality": False, "include": []}, {"path": "b"}],
        "quality": {"presets": [], "language_confidence": 0.25, "rule": [{"id": "x", "min": 1e-9, "max": 10**18}]},
        "privacy": {"rules": {"*": "replace", "EMAIL_ADDRESS": "keep"}},
    }
    assert tomllib.loads(written(table)) == table


def test_a_recipe_that_nothing_was_set_in_is_kept_word_for_word(recipe: Path) -> None:
    assert load(recipe).text == recipe.read_text("utf-8")


def test_what_was_set_is_kept_with_the_version_and_counts_wherever_the_recipe_is_read_again(recipe: Path) -> None:
    (recipe.parent / "own.toml").write_text(PRESET, "utf-8")
    as_set = load(recipe, ("quality.presets=['own.toml']", "run.batch=60"))
    done = run(as_set, recipe.parent / "workspace", workers=0)
    assert recipe_of(done.workspace, done.manifest) == as_set
    effects = {effect.rule.id: effect for effect in outlooks(done.workspace, done.manifest.name)}
    assert effects["short-words"].given > 20
