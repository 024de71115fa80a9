"""The licence commands: what a person reads on the screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from curation.cli_licenses import app

PAGE = """<html><head><meta name="robots" content="noai"></head><body><p>Photo: A. Nobody,
<a href="https://creativecommons.org/licenses/by/2.0/">CC BY 2.0</a></p><footer>This site is licensed under
<a rel="license" href="https://creativecommons.org/licenses/by-sa/4.0/">CC BY-SA 4.0</a>.</footer></body></html>"""


def call(*words: object) -> tuple[int, str]:
    done = CliRunner(env={"COLUMNS": "200"}).invoke(app, [str(word) for word in words])
    return done.exit_code, done.stdout


def test_inspect_tells_the_licence_its_evidence_and_what_is_reserved(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(PAGE, "utf-8")
    (tmp_path / "none.txt").write_text("Words.", "utf-8")
    code, told = call("inspect", tmp_path / "page.html", tmp_path / "none.txt")
    assert code == 0
    lines = [" ".join(line.replace("│", " ").split()) for line in told.splitlines()]
    assert [line for line in lines if line.endswith(("CC BY 2.0", "CC BY-SA 4.0", "robots: noai"))] == [
        "CC-BY-2.0 object bare_link body CC BY 2.0",
        "CC-BY-SA-4.0 page rel_license footer CC BY-SA 4.0",
        "train-ai reserved robots_meta robots: noai",
    ]
    assert "none: nothing here licenses it: that is unknown, not permission" in lines
    assert lines.count("Not looked at: HTTP headers, robots.txt and tdmrep.json of the site.") == 2


def test_explain_tells_every_use_and_every_step() -> None:
    told = call("explain", "CC BY-ND 3.0")[1]
    lines = [" ".join(line.replace("│", " ").split()) for line in told.splitlines()]
    assert lines[0] == "CC-BY-ND-3.0 https://creativecommons.org/licenses/by-nd/3.0/"
    found = [line.split()[0] for line in lines if line.split()[:1] and line.split()[0][0].islower()]
    assert {"train", "adapt", "commercial", "re-encode", "extract-text", "truncate", "redact"} <= set(found)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("explain", "CC-BY-4.0", "--use", "share"), 0, "CC-BY-4.0, share: yes (basis: licence; section 2(a)(1)(A)"),
        (("combine", "CC-BY-4.0", "CC-BY-NC-4.0"), 0, "- the whole only for a noncommercial purpose"),
        (("combine", "CC-BY-SA-3.0", "CC-BY-SA-4.0", "--how", "adaptation"), 0, "CC-BY-SA-4.0\nThe one licence of"),
        (("combine", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "--how", "adaptation"), 4, "refused: CC-BY-NC-4.0 and"),
    ],
)
def test_an_answer_is_a_sentence_and_a_refusal_a_code(words: tuple[str, ...], code: int, told: str) -> None:
    done = call(*words)
    assert done[0] == code
    assert told in done[1]
