"""If it is not documented, or documented otherwise than it is, the test fails."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from curation import reference

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "ARCHITECTURE.md", *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("name", sorted(reference.pages()))
def test_a_generated_page_says_what_the_code_says(name: str) -> None:
    found = (ROOT / "docs" / "reference" / name).read_text("utf-8")
    assert found == reference.pages()[name], "run `make docs`"


def test_every_recipe_key_has_a_meaning() -> None:
    page = reference.pages()["recipe.md"]
    keys = re.findall(r"^\| `(\w+)` \|.*\| (.*) \|$", page, re.MULTILINE)
    assert len(keys) > 40
    assert [name for name, meaning in keys if not meaning.strip()] == []


def test_every_command_has_help_and_an_example() -> None:
    page = reference.pages()["commands.md"]
    sections = page.split("\n## ")[1:]
    assert len(sections) >= 18
    assert [section.splitlines()[0] for section in sections if "Example: cleartitle" not in section] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (page.parent / target).exists(), target
