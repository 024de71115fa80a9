"""What a recipe says of personal data: lists, patterns, files, a tagger, and kinds to hold on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catalog.errors import RecipeError
from catalog.queries import query
from curation import personal
from curation.recipe import Recipe, load
from curation.runner import run

TEXT = "Berth QX-4471-BB of Halyard House, in ROLL 12345: ask clerk@example.com or Operation Halyard."
YAML = """\
recognizers:
  - name: Roll
    supported_entity: ROLL_NUMBER
    supported_language: en
    patterns: [{name: roll, regex: 'ROLL \\d{5}', score: 0.9}]
"""


def recipe_with(tmp_path: Path, privacy: str) -> Recipe:
    """A recipe whose `[privacy]` says this, beside a list of words and a file of recognisers."""
    (tmp_path / "names.txt").write_text("# kept apart from the recipe\nOperation Halyard\n\n", "utf-8")
    (tmp_path / "roll.yaml").write_text(YAML, "utf-8")
    path = tmp_path / "recipe.toml"
    head = 'format = 1\ndataset = "x"\n[[source]]\npath = "x.jsonl"\n[privacy]\ntext = "patterns"\n'
    path.write_text(head + privacy, "utf-8")
    return load(path)


@pytest.mark.parametrize(
    ("privacy", "kinds"),
    [
        ("", {"EMAIL_ADDRESS:clerk@example.com"}),
        ('allow = ["Clerk@Example.com"]', set()),
        (
            "[[privacy.pattern]]\nkind = 'BERTH'\npattern = 'QX-\\d{4}-[A-Z]{2}'",
            {"EMAIL_ADDRESS:clerk@example.com", "BERTH:QX-4471-BB"},
        ),
        (
            "[[privacy.pattern]]\nkind = 'BERTH'\npattern = '\\d{4}-[A-Z]{2}'\nscore = 0.2\ncontext = ['pier']",
            {"EMAIL_ADDRESS:clerk@example.com"},
        ),
        (
            "[[privacy.deny]]\nkind = 'PLAN'\nwords = ['halyard house']\nfile = 'names.txt'",
            {"EMAIL_ADDRESS:clerk@example.com", "PLAN:Halyard House", "PLAN:Operation Halyard"},
        ),
        ("recognizers = ['roll.yaml']", {"EMAIL_ADDRESS:clerk@example.com", "ROLL_NUMBER:ROLL 12345"}),
    ],
)
def test_lists_patterns_and_files_of_a_recipe_are_looked_for(tmp_path: Path, privacy: str, kinds: set[str]) -> None:
    engine = personal.engine(recipe_with(tmp_path, privacy))
    scan = engine.scan([TEXT], ["en"])[0]
    assert scan.status == "ok"
    assert {f"{one.kind}:{TEXT[one.start : one.end]}" for one in scan.spans if one.kind != "URL"} == kinds


def test_a_pattern_speaks_for_every_language(tmp_path: Path) -> None:
    engine = personal.engine(recipe_with(tmp_path, "[[privacy.pattern]]\nkind = 'BERTH'\npattern = 'QX-\\d{4}'"))
    assert [span.kind for span in engine.scan(["Amarre QX-4471"], ["es"])[0].spans] == ["BERTH"]


@pytest.mark.parametrize(
    ("privacy", "told"),
    [
        ("[[privacy.pattern]]\nkind = 'berth'\npattern = 'Q'", "expected a kind in capitals such as CASE_NUMBER"),
        ("[[privacy.pattern]]\nkind = 'BERTH'\npattern = '(Q'", "BERTH: the pattern is no regular expression: missing"),
        ("[[privacy.pattern]]\nkind = 'BERTH'\npattern = 'Q*'", "BERTH: the pattern matches where nothing is"),
        (
            "[[privacy.pattern]]\nkind = 'BERTH'\npattern = 'Q'\nscore = 2",
            "BERTH: expected a score above 0 and up to 1",
        ),
        ("[[privacy.pattern]]\nkind = 'BERTH'", "the key 'privacy.pattern[0].pattern' is missing"),
        ("[[privacy.deny]]\nkind = 'PLAN'", "PLAN: expected a pattern or words, found neither"),
        ("[[privacy.deny]]\nkind = 'PLAN'\nfile = 'no.txt'", "privacy.deny.file: there is no file 'no.txt'"),
        ("recognizers = ['no.yaml']", "privacy.recognizers: there is no file 'no.yaml'"),
        ("model = 'no.npz'", "privacy.model: there is no file 'no.npz'"),
    ],
)
def test_a_mistake_in_them_is_told_before_any_work(tmp_path: Path, privacy: str, told: str) -> None:
    with pytest.raises(RecipeError) as error:
        personal.engine(recipe_with(tmp_path, privacy))
    assert told in str(error.value)


def test_what_is_looked_for_is_part_of_the_engine_s_fingerprint(tmp_path: Path) -> None:
    asked = ("", "allow = ['x']", "[[privacy.deny]]\nkind = 'PLAN'\nwords = ['x']", "recognizers = ['roll.yaml']")
    assert len({personal.engine(recipe_with(tmp_path, privacy)).fingerprint for privacy in asked}) == len(asked)


def test_a_run_holds_on_kinds_that_its_recipe_names(recipe: Path) -> None:
    recipe.write_text(
        recipe.read_text("utf-8").replace(
            'text = "patterns"\n',
            'text = "patterns"\nhold = ["HEALTH", "CHILD", "LIGHT"]\n'
            "[[privacy.pattern]]\nkind = 'LIGHT'\npattern = 'the lighthouse'\n",
        ),
        "utf-8",
    )
    texts = {
        "a": "She was diagnosed with type 2 diabetes in the spring of that year.",
        "b": "My two kids like the ferry and the harbour and the boats.",
        "c": "Diabetes is a disease that many people in the world have.",
        "d": "Notice: the lighthouse will be painted by the harbour office.",
    }
    rows = [json.dumps({"id": name, "text": text, "license": "CC0-1.0"}) for name, text in texts.items()]
    (recipe.parent / "texts.jsonl").write_text("\n".join(rows) + "\n", "utf-8")
    recipe.write_text(recipe.read_text("utf-8").replace("texts.jsonl.gz", "texts.jsonl"), "utf-8")
    done = run(load(recipe), workers=0)
    rows = query(
        done.workspace,
        "SELECT f.address, d.action, max(r.rule) FROM decisions d JOIN facts f USING (version, id) LEFT JOIN reasons r"
        " ON r.id = d.id AND r.reason = 'privacy-kind' GROUP BY ALL ORDER BY f.address",
    ).fetchall()
    assert [(address[-1], action, rule) for address, action, rule in rows] == [
        ("a", "hold", "HEALTH"),
        ("b", "hold", "CHILD"),
        ("c", "keep", None),
        ("d", "hold", "LIGHT"),
    ]


def test_words_in_pictures_are_judged_by_the_same_lists_patterns_and_files(tmp_path: Path) -> None:
    recipe = recipe_with(
        tmp_path,
        "allow = ['Pier 4']\ncountries = ['in']\nrecognizers = ['roll.yaml']\n"
        "[[privacy.deny]]\nkind = 'PLAN'\nfile = 'names.txt'\n"
        "[[privacy.pattern]]\nkind = 'BERTH'\npattern = 'QX-\\d{4}'\n",
    )

    options = personal.image_options(recipe)

    assert (options.text, options.allow, options.countries) == ("patterns", ("Pier 4",), ("in",))
    assert options.files == (str(tmp_path / "roll.yaml"),)
    assert [(one.kind, one.pattern, one.words) for one in options.custom] == [
        ("BERTH", "QX-\\d{4}", ()),
        ("PLAN", "", ("Operation Halyard",)),
    ]
    assert "Halyard" not in repr(options)
