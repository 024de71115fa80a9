"""Recipes: every mistake is told with key, expected, found and the nearest right word."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from catalog.errors import RecipeError
from catalog.facts import ANSWERS, read_answers
from curation import starter
from curation.recipe import load, parse

GOOD = 'format = 1\ndataset = "harbour"\n[[source]]\npath = "a.jsonl"\n'


def read(text: str, tmp_path: Path, *settings: str):
    path = tmp_path / "recipe.toml"
    path.write_text(text, "utf-8")
    return load(path, settings)


def test_a_short_recipe_gets_the_documented_defaults(tmp_path: Path) -> None:
    recipe = read(GOOD, tmp_path)
    assert recipe.uses == ("train", "share redacted")
    assert recipe.audience == "train-only"
    assert recipe.source[0].path == "a.jsonl"
    assert recipe.privacy.text == "strict"
    assert recipe.folder == tmp_path.resolve()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD + "[qualty]\n", "unknown key 'qualty'; did you mean 'quality'?"),
        (GOOD + "[privacy]\ntexts = 'fast'\n", "unknown key 'privacy.texts'; did you mean 'text'?"),
        (
            GOOD + "[privacy]\ntext = 'strickt'\n",
            "privacy.text: expected one of strict, fast, patterns, found 'strickt'",
        ),
        (GOOD + "[run]\nbatch = 'many'\n", "run.batch: expected a whole number, found 'many'"),
        (GOOD + "[run]\nbatch = true\n", "run.batch: expected a whole number, found True"),
        (GOOD + "[quality]\npresets = 'gopher'\n", "quality.presets: expected a list of text, found 'gopher'"),
        (GOOD + "[quality]\npresets = ['gofer']\n", "there is no preset 'gofer'; did you mean 'gopher'?"),
        (GOOD + "[[quality.rule]]\nsignal = 'x'\n", "the key 'quality.rule[0].id' is missing"),
        (GOOD.replace("harbour", "har/bour"), "dataset: expected letters, digits, - and _, found 'har/bour'"),
        (GOOD.replace("format = 1", "format = 9"), "expected format = 1, found 9"),
        ('format = 1\ndataset = "x"\nsource = []\n', "expected at least one [[source]]"),
        ('format = 1\n[[source]]\npath = "a"\n', "the key 'dataset' is missing"),
        (
            'format = 1\ndataset = "x"\n[source]\npath = "a"\n',
            "source: expected tables headed [[source]], found a table",
        ),
        ("format = = 1", "is not valid TOML"),
        ('format = 1\nuses = ["trian"]\ndataset = "x"\n[[source]]\npath = "a"\n', "did you mean 'train'?"),
    ],
)
def test_a_mistake_is_told_with_file_key_expected_and_found(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(RecipeError) as error:
        read(text, tmp_path)
    assert told in str(error.value)
    assert error.value.exit_code == 2


def test_a_missing_recipe_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="cleartitle init"):
        load(tmp_path / "none.toml")


def test_set_changes_a_key_with_a_toml_value_or_a_bare_word(tmp_path: Path) -> None:
    recipe = read(GOOD, tmp_path, "privacy.text=fast", "run.batch=7", "quality.presets=[]")
    assert (recipe.privacy.text, recipe.run.batch, recipe.quality.presets) == ("fast", 7, ())


def test_a_rule_with_a_presets_id_replaces_it_and_disable_removes_one(tmp_path: Path) -> None:
    preset = read(GOOD, tmp_path).rules
    first, second = preset[0], preset[1]
    recipe = read(
        GOOD
        + f"[quality]\ndisable = ['{second.id}']\n"
        + f"[[quality.rule]]\nid = '{first.id}'\nsignal = '{first.signal}'\nmin = 1\n",
        tmp_path,
    )
    assert len(recipe.rules) == len(preset) - 1
    assert recipe.rules[0].min == 1.0
    assert second.id not in {rule.id for rule in recipe.rules}


def test_fingerprints_move_with_what_decides_and_with_nothing_else(tmp_path: Path) -> None:
    plain = read(GOOD, tmp_path)
    assert read(GOOD + "[run]\nworkers = 3\n", tmp_path).fingerprint() == plain.fingerprint()
    assert read(GOOD + "# a comment\n", tmp_path).fingerprint() == plain.fingerprint()
    assert read(GOOD + "[privacy]\ntext = 'fast'\n", tmp_path).fingerprint() != plain.fingerprint()
    assert read(GOOD + "[privacy]\ntext = 'fast'\n", tmp_path).fingerprint("quality") == plain.fingerprint("quality")


def test_the_recipe_that_init_writes_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    starter.write(path, "mine", "data/*.jsonl")
    recipe = load(path)
    assert recipe == parse(tomllib.loads(path.read_text("utf-8")), path, path.read_text("utf-8"))
    assert recipe.dataset == "mine"
    assert recipe.card == "recipe.card.yaml"


def test_init_refuses_a_name_that_a_run_would_refuse(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="dataset: expected letters, digits, - and _, found 'My Data!'"):
        starter.write(tmp_path / "recipe.toml", "My Data!", "data/*.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_init_writes_the_questions_that_only_people_can_answer(tmp_path: Path) -> None:
    starter.write(tmp_path / "recipe.toml", "mine", "data/*.jsonl")
    path = tmp_path / "recipe.card.yaml"
    text = path.read_text("utf-8")
    assert read_answers(path) == {}
    assert all(f"# {question}\n{key}:\n" in text for key, question in ANSWERS.items())
    path.write_text(text.replace("\ncontact:\n", "\ncontact: office@port.example\n"), "utf-8")
    (tmp_path / "recipe.toml").unlink()
    starter.write(tmp_path / "recipe.toml", "mine", "data/*.jsonl")
    assert read_answers(path) == {"contact": "office@port.example"}
