"""Values of a recipe that mean nothing are told when it is read: they would switch a guard off."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from catalog.errors import RecipeError
from curation.recipe import load

GOOD = 'format = 1\ndataset = "harbour"\n[[source]]\npath = "a.jsonl"\n'
RULE = "[[quality.rule]]\nid = 'own'\nsignal = '{}'\nmax = 1\n"
RECOGNISER = """\
recognizers:
  - name: roll
    supported_language: en
    supported_entity: ROLL
    patterns: [{name: roll, regex: 'R-[0-9]{6}', score: 0.8}]
"""
CHECK = """\
from catalog.checks import Example
VERSION = 1
REPORTS = {"shouting": "Share of capitals."}
EXAMPLES = (Example("AB"),)
def signals(view):
    return {"shouting": 1.0}
"""


def read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(text, "utf-8")
    load(path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD + "[privacy]\nhold = ['HELTH']\n", "privacy.hold[0]: expected a kind of personal data that is looked for,"
         " found 'HELTH'; did you mean 'HEALTH'?"),
        (GOOD + "[privacy]\nhold = ['health']\n", "found 'health'; did you mean 'HEALTH'?"),
        (GOOD + "[privacy]\nhold = ['AU_ABN']\n", "Papers of more countries are looked for where privacy.countries"),
        (GOOD + "[privacy.rules]\nEMAIL = 'mask'\n", "privacy.rules.EMAIL: expected a kind of personal data that is"
         " looked for, found 'EMAIL'; did you mean 'EMAIL_ADDRESS'?"),
        (GOOD + "[privacy.rules]\nPERSON = 'msk'\n", "privacy.rules.PERSON: expected one of replace, mask,"),
        (GOOD + "[privacy]\ncountries = ['xx']\n", "privacy.countries: expected some of au, ca, "),
        (GOOD + "[[privacy.pattern]]\nkind = 'ROLL'\npattern = 'R\\d'\nscore = 0.3\n", "privacy.pattern ROLL: score:"
         " expected 0.35 or more, or context words, found 0.3"),
        (GOOD + RULE.format("gopher_wrods"), "quality rule 'own': signal: expected a signal of the modality 'text',"
         " found 'gopher_wrods'; did you mean 'gopher_words'?"),
        (GOOD + RULE.format("image_width"), "expected a signal of the modality 'text', found 'image_width'"),
        (GOOD + RULE.format("shouting"), "expected a signal of the modality 'text', found 'shouting'"),
        (GOOD + "[[quality.rule]]\nid = 'own'\nsignal = 'gopher_words'\n", "quality rule 'own': expected min or max"),
        (GOOD + RULE.format("gopher_words") + "languages = ['English']\n", "quality rule 'own': languages: expected"),
        (GOOD + "[quality]\ndisable = ['gopher-wrds']\n", "quality.disable: expected the id of a rule, found"
         " 'gopher-wrds'; did you mean 'gopher-words'?"),
        (GOOD + "[quality]\nlanguages = ['english']\n", "quality.languages: expected ISO 639 codes such as en, found"),
        (GOOD + "[quality]\nlanguages = ['EN']\n", "found 'EN'; did you mean 'en'?"),
        (GOOD + "[quality]\nlanguage_confidence = 50\n", "quality.language_confidence: expected a confidence from 0"),
        (GOOD + "[duplicates]\nthreshold = 8\n", "duplicates.threshold: expected a similarity above 0 and up to 1,"
         " found 8.0"),
        (GOOD + "[paragraphs]\nshare = 30\n", "paragraphs.share: expected a share above 0 and up to 1, found 30.0"),
        (GOOD + "[paragraphs]\npages = 0\n", "paragraphs.pages: expected 1 or more, found 0"),
        (GOOD + "[decontaminate]\nwords = 5\n", "decontaminate.words: expected 6 or more"),
        (GOOD + "[decontaminate]\nfiles = ['no*.jsonl']\n", "decontaminate.files: expected a file or glob from the"),
        (GOOD + "[decontaminate]\nfiles = ['/no/such.jsonl']\n", "decontaminate.files: expected a file or glob from"),
        (GOOD + "[licenses]\naccept = ['CC0-*', 'CCBY']\n", "licenses.accept: expected a pattern that some licence id"
         " matches, found 'CCBY'; did you mean 'CC-BY-*'?"),
        (GOOD + "[licenses]\ntrusted_public_domain = ['https://a.example']\n", "expected a host such as example.org"),
        (GOOD + "licence = 'Apache-3.0'\n", "source[0].licence: expected an SPDX id, found 'Apache-3.0'; did you mean"
         " 'Apache-2.0'?"),
        (GOOD + "licence = 'CC-BY-5.0'\n", "source[0].licence: expected an SPDX id, found 'CC-BY-5.0'"),
        (GOOD + "[run]\nbatch = 0\n", "run.batch: expected 1 or more, found 0"),
        (GOOD + "[run]\nworkers = -1\n", "run.workers: expected 0 (one for each core) or more, found -1"),
        ("uses = []\n" + GOOD, "uses: expected some of train, share, share redacted, adapt, commercial, found []"),
        ("card = 'none.yaml'\n" + GOOD, "card: expected a file beside the recipe, found 'none.yaml'"),
    ],
)  # fmt: skip
def test_a_value_that_means_nothing_is_told_with_key_expected_and_found(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(RecipeError) as error:
        read(tmp_path, text)
    assert told in str(error.value)
    assert (error.value.id, error.value.place) == ("CT-201", str(tmp_path / "recipe.toml"))


@pytest.mark.parametrize(
    "text",
    [
        "[privacy]\nhold = ['HEALTH', 'FACE', 'MEDICAL_LICENSE', 'PL_PESEL', 'TITLE']\n",
        "[privacy]\nhold = ['AU_ABN']\ncountries = ['AU']\n",
        "[privacy]\nhold = ['ROLL']\nrecognizers = ['roll.yaml']\n",
        "[privacy]\nhold = ['ROLL']\n[[privacy.deny]]\nkind = 'ROLL'\nwords = ['x']\n",
        "[privacy.rules]\n'*' = 'remove'\nROLL = 'mask'\n[[privacy.pattern]]\nkind = 'ROLL'\npattern = 'R\\d'\n",
        "[privacy]\nhold = ['ODD']\ntext_model = 'engine.yaml'\n",
        "[quality]\nlanguages = ['en', 'ceb']\ndisable = ['gopher-words']\n",
        "[quality]\ndisable = ['own']\n" + RULE.format("gopher_words"),
        RULE.format("image_width") + "modality = 'image'\n",
        "[licenses]\naccept = ['*-4.0', 'LicenseRef-CC-BY-unversioned', 'LicenseRef-mine', 'MIT']\n",
        "licence = 'MIT OR Apache-2.0'\n",
        "licence = 'https://creativecommons.org/licenses/by/4.0/deed.de'\n",
        "[decontaminate]\nfiles = ['ro*.yaml']\n",
    ],
)
def test_what_is_known_passes(text: str, tmp_path: Path) -> None:
    (tmp_path / "roll.yaml").write_text(RECOGNISER, "utf-8")
    read(tmp_path, GOOD + text)


def test_a_signal_of_a_check_beside_the_recipe_is_known_while_the_check_is_there(tmp_path: Path) -> None:
    check = tmp_path / "checks" / "shouting.py"
    check.parent.mkdir()
    check.write_text(CHECK, "utf-8")
    read(tmp_path, GOOD + RULE.format("shouting"))
    check.unlink()
    with pytest.raises(RecipeError, match="found 'shouting'"):
        read(tmp_path, GOOD + RULE.format("shouting"))


def test_a_recipe_that_names_no_odd_kind_loads_no_model(tmp_path: Path) -> None:
    (tmp_path / "recipe.toml").write_text(GOOD + "[privacy]\nhold = ['HEALTH']\n", "utf-8")
    code = (
        "import sys; from curation.recipe import load; load('recipe.toml'); print({'spacy', 'torch'} & {*sys.modules})"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"
