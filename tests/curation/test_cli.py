"""The command line: exit codes by cause, errors as sentences, and every verb on a real workspace."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pytest

from catalog.queries import query
from catalog.workspace import Workspace
from curation import doctor
from curation.cli import _tell
from curation.recipe import load
from curation.runner import run


@pytest.fixture
def workspace(recipe: Path) -> Path:
    """A workspace with one version."""
    return run(load(recipe), workers=0).workspace.root


def test_a_run_shows_what_became_of_every_record_and_where_things_are(call, recipe: Path) -> None:
    code, out, _ = call("run", recipe, "--workers", "0")
    assert code == 0
    assert "what became of every record" in out
    assert "nd-needs-redaction" in out
    assert "EMAIL_ADDRESS" in out
    assert "catalog.duckdb" in out.replace("\n", "")


def test_a_run_over_a_broken_file_ends_with_3_and_names_the_place(call, recipe: Path) -> None:
    with (recipe.parent / "texts.jsonl.gz").open("ab") as file:
        file.write(b"no gzip at all")
    code, out, _ = call("run", recipe, "--workers", "0")
    assert code == 3
    assert "texts.jsonl.gz" in out


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("run", "none.toml"), 2, "error CT-201 none.toml: there is no such recipe"),
        (("sql", "SELECT 1", "-w", "nowhere"), 2, "error CT-202"),
        (("status", "-w", "nowhere"), 2, "this is no cleartitle workspace"),
        (("license", "explain", "my-own-licence"), 2, "expected a licence, found 'my-own-licence'"),
        (("license", "combine", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "--how", "adaptation"), 4, ""),
        (("nonsense",), 2, "No such command"),
        (("run",), 2, "Missing argument"),
    ],
)
def test_an_error_is_a_sentence_with_an_exit_code(call, arguments: tuple[str, ...], code: int, told: str) -> None:
    found, _, err = call(*arguments)
    assert found == code
    assert told in " ".join(err.split())
    assert "Traceback" not in err


def test_a_missing_file_is_no_fault_of_the_machine(capsys) -> None:
    assert _tell(FileNotFoundError(2, "No such file or directory", "answers.jsonl")) == 2
    assert "error CT-202 answers.jsonl: No such file or directory" in capsys.readouterr().err


def test_a_missing_package_is_told_with_the_extra_that_brings_it(call, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise ModuleNotFoundError(name="opacus")

    monkeypatch.setattr(doctor, "examine", missing)
    code, _, err = call("doctor")
    assert code == 5
    assert 'error CT-501 the package opacus is not installed. Install it: pip install "cleartitle[train]".' in err


def test_budget_is_set_shown_and_needs_a_data_set(call, workspace: Path) -> None:
    assert "nothing was trained here" in call("budget", "-w", workspace)[1]
    assert call("budget", "-w", workspace, "--set", "3")[0] == 2
    code, out, _ = call("budget", "-w", workspace, "--set", "3", "--dataset", "harbour")
    assert (code, "budget per record: epsilon 3 at delta 1e-05, 0.00 of it used" in out) == (0, True)


def test_a_bug_says_so_and_shows_its_traceback_only_on_demand(call, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("555-0100")

    monkeypatch.setattr(doctor, "examine", broken)
    code, _, err = call("doctor")
    assert (code, "555" in err) == (1, False)
    assert "ZeroDivisionError: a bug in cleartitle" in err
    monkeypatch.setenv("CLEARTITLE_DEBUG", "1")
    assert "Traceback" in call("doctor")[2]


def test_status_why_card_and_doctor_speak_of_the_version(call, workspace: Path) -> None:
    assert "harbour@1" in call("status", "-w", workspace)[1]
    _, out, _ = call("sql", "SELECT id FROM held ORDER BY id LIMIT 1", "-w", workspace, "--format", "json")
    held = json.loads(out)[0]["id"]
    code, story, _ = call("why", held[:13], "-w", workspace)
    assert code == 0
    for word in ("nd-needs-redaction", "CC-BY-ND-4.0", "EMAIL_ADDRESS", "texts.jsonl.gz", "harbour@1", "meaning"):
        assert word in story, word
    assert "clerk" not in story
    assert call("card", "harbour@1", "-w", workspace)[1].startswith("---\n")
    assert call("card", "harbour", "-w", workspace, "--verify")[0] == 0
    code, out, _ = call("doctor", "-w", workspace)
    assert (code, "harbour@1" in out) == (0, True)


def test_sql_prints_tables_csv_and_json_and_tells_a_bad_query(call, workspace: Path) -> None:
    query = "SELECT action, count(*) AS n FROM decisions WHERE action = 'hold' GROUP BY action"
    assert call("sql", query, "-w", workspace, "--format", "csv")[1] == "action,n\nhold,2\n"
    assert json.loads(call("sql", query, "-w", workspace, "--format", "json")[1]) == [{"action": "hold", "n": 2}]
    assert "hold" in call("sql", query, "-w", workspace)[1]
    code, _, err = call("sql", "SELEC 1", "-w", workspace)
    assert (code, "error CT-204" in err) == (2, True)
    code, _, err = call("sql", "DROP TABLE about", "-w", workspace)
    assert (code, "the published catalog is only ever read" in err) == (2, True)


def test_an_answer_shows_values_as_they_are_however_many_there_are(call, workspace: Path) -> None:
    _, out, _ = call("sql", "SELECT ':smile:' AS a, '\x0aff'::BLOB AS b, [{'n': 1}] AS c", "-w", workspace)
    assert [":smile:" in out, "0a6666" in out, '[{"n": 1}]' in out] == [True] * 3
    _, out, _ = call("sql", "SELECT version, hash FROM versions", "-w", workspace)
    assert "┃ version   ┃ hash" in out
    _, out, _ = call("sql", "SELECT * FROM versions", "-w", workspace)
    assert "│ version" in out.split("harbour@1")[0].splitlines()[-1]


def test_plain_duckdb_opens_the_catalog_from_another_directory(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with duckdb.connect(str(workspace / "catalog.duckdb"), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM records").fetchall() == [(60,)]


def test_review_lists_and_takes_an_answer(call, workspace: Path) -> None:
    code, out, _ = call("review", "-w", workspace)
    assert (code, "2 held" in out) == (0, True)
    _, listed, _ = call("sql", "SELECT id FROM held ORDER BY id LIMIT 1", "-w", workspace, "--format", "csv")
    held = listed.split()[1]
    assert "accepted" in call("review", held[:13], "--accept", "-w", workspace)[1]
    assert call("review", "-w", workspace)[1].count("accept") == 1
    assert call("review", "zzzz", "--refuse", "-w", workspace)[0] == 2
    assert call("review", "--accept", "-w", workspace)[0] == 2


def test_thresholds_and_diff_show_what_a_rule_does_and_what_a_change_did(call, workspace: Path, recipe: Path) -> None:
    code, out, _ = call("thresholds", "harbour", "-w", workspace)
    assert code == 0
    assert "too-short (gopher_words >= 8): 1 of 60 beyond it, 1 drop" in out
    assert "just outside  2 " in out
    assert call("thresholds", "harbour", "-w", workspace, "--rule", "no-such")[0] == 2
    recipe.write_text(recipe.read_text("utf-8").replace("min = 8", "min = 1"), "utf-8")
    run(load(recipe), workspace, workers=0)
    code, out, _ = call("diff", "harbour@1", "harbour@2", "-w", workspace)
    assert code == 0
    assert "│       0 │    0 │                    1 │               0 │               0 │" in out


def test_export_writes_data_and_credits(call, workspace: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, _, err = call("export", "harbour@1", "-w", workspace, "--out", out)
    assert (code, "for training only" in err) == (4, True)
    assert call("export", "harbour@1", "-w", workspace, "--out", out, "--format", "jsonl", "--use", "train")[0] == 0
    names = {path.name for path in out.rglob("*") if path.is_file()}
    assert {"ATTRIBUTION.md", "README.md"} <= {
        name if name == "README.md" else name.upper().replace(".MD", ".md") for name in names
    }


def test_what_could_not_be_read_is_listed_with_kind_and_address_and_counted(call, recipe: Path) -> None:
    photos = recipe.parent / "photos"
    photos.mkdir()
    (photos / "quay.jpg").write_bytes(b"no picture")
    (photos / "tides.bin").write_bytes(b"beside")
    (recipe.parent / "rows.jsonl").write_text("{broken\n" * 45, "utf-8")
    recipe.write_text(
        recipe.read_text("utf-8").replace(
            'path = "texts.jsonl.gz"', 'path = "rows.jsonl"\n[[source]]\npath = "photos"'
        ),
        "utf-8",
    )
    code, out, _ = call("run", recipe, "--workers", "0", "--set", "privacy.images=metadata")
    assert code == 3
    assert "46 records or parts of files could not be read; each has a row:" in out
    assert re.search(r"photos +│ +0 │ photos/quay.jpg │ unreadable-picture", out)
    assert "and 6 more: cleartitle sql" in out
    assert re.search(r"^inputs   45 line, 1 .*\.bin", out, re.MULTILINE)
    sql = "SELECT problem, expected, found FROM input_problems WHERE input = 'photos'"
    assert query(Workspace.open(recipe.parent / "workspace"), sql).fetchall() == [
        ("unreadable-picture", "a picture", "bytes that do not open")
    ]


def test_a_version_of_a_limited_run_says_so(call, recipe: Path) -> None:
    _, out, _ = call("run", recipe, "--workers", "0", "--limit", "1")
    assert "limited: of each input 1 item at most, not all that it holds" in out
    assert "harbour@1 (limit 1)" in call("status", "-w", recipe.parent / "workspace")[1]
    assert "limited:" not in call("run", recipe, "--workers", "0")[1]
    assert call("status", "-w", recipe.parent / "workspace")[1].count("(limit") == 1


def test_a_dry_run_says_what_a_run_would_take_and_keeps_nothing(call, recipe: Path) -> None:
    code, out, _ = call("run", recipe, "--dry-run")
    assert code == 0
    assert out.startswith("60 records; about ")
    assert "nd-needs-redaction" in out
    assert not (recipe.parent / "workspace").exists()


def test_init_writes_a_recipe_once(call, tmp_path: Path) -> None:
    path = tmp_path / "new" / "recipe.toml"
    assert call("init", path, "--dataset", "mine")[0] == 0
    assert load(path).dataset == "mine"
    assert call("init", path)[0] == 2


def test_files_are_inspected_and_redacted_without_a_workspace(call, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Write to ada@example.com.", "utf-8")
    code, out, _ = call("pii", "inspect", letter, "--mode", "patterns")
    assert (code, "EMAIL_ADDRESS" in out, "ada@" in out) == (0, True, False)
    assert call("pii", "redact", letter, "--mode", "patterns")[1] == "Write to [EMAIL_ADDRESS].\n"
    letter.write_bytes("Schreib ada@example.com, Zoë.".encode("utf-16"))
    told = call("pii", "redact", letter, "--mode", "patterns", "--out", tmp_path / "out.txt")[1]
    assert "1 places replaced" in told
    assert (tmp_path / "out.txt").read_text("utf-8") == "Schreib [EMAIL_ADDRESS], Zoë."
    code, _, err = call("pii", "redact", letter, "--mode", "patterns", "--out", letter)
    assert (code, "it is not written over" in err) == (2, True)
    page = tmp_path / "page.html"
    page.write_text(
        '<p>Text</p><a rel="license" href="https://creativecommons.org/licenses/by/4.0/">CC BY</a>', "utf-8"
    )
    assert "CC-BY-4.0" in call("license", "inspect", page)[1]


def test_what_a_run_needs_is_told_before_it_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LEAST_FREE", 1 << 60)
    missing = [finding for finding in doctor.examine(tmp_path) if finding.state == "missing"]
    assert [finding.what for finding in missing] == ["disk"]
    with pytest.raises(doctor.Unavailable, match="Free some space"):
        doctor.require(tmp_path, images=False, text_model=False)


def test_an_interrupted_command_says_how_to_go_on(call, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("catalog.workspace.Workspace.open", stopped)
    code, _, err = call("status")
    assert code == 130
    assert "the same command goes on" in err
