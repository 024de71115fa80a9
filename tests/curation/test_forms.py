"""A work that a person let out as it is, and what becomes of it when the recipe changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.queries import query
from curation import review
from curation.recipe import load
from curation.runner import Outcome, run

ALONE = "uses = ['train']"


def again(recipe: Path, *settings: str) -> Outcome:
    return run(load(recipe, settings), recipe.parent / "workspace", workers=0)


def of_record(done: Outcome, table: str, columns: str, record: str) -> list[tuple[object, ...]]:
    sql = f"SELECT {columns} FROM {table} WHERE version = '{done.manifest.name}' AND id = '{record}'"
    return query(done.workspace, sql).fetchall()


@pytest.fixture
def accepted(recipe: Path) -> tuple[Outcome, str]:
    """A run after a person accepted a work that holds an e-mail and may not be shared redacted; its id."""
    done = again(recipe)
    held = next(item for item in review.held(done.workspace) if item.reasons == "nd-needs-redaction")
    review.answer(done.workspace, held.id, "accept")
    return again(recipe), held.id


def test_what_was_let_out_as_it_is_leaves_redacted_where_the_recipe_lets_it_be_redacted(
    recipe: Path, accepted: tuple[Outcome, str]
) -> None:
    before, record = accepted
    assert of_record(before, "decisions", "action", record) == [("keep",)]
    [(text,)] = of_record(before, "content", "text", record)
    assert "@example.com" in str(text)
    after = again(recipe, ALONE)  # ND lets a redacted copy be made, and not be shared
    assert of_record(after, "decisions", "action", record) == [("redact",)]
    [(text, places)] = of_record(after, "content", "text, len(redactions)", record)
    assert "@example.com" not in str(text)
    assert places == 2
    assert of_record(after, "attributions", "changes", record) == [("modified: personal data removed",)]
    back = again(recipe)
    [(text,)] = of_record(back, "content", "text", record)
    assert "@example.com" in str(text)
    assert of_record(back, "attributions", "changes", record) == [("",)]


def test_both_forms_made_at_once_keep_their_credits(recipe: Path, accepted: tuple[Outcome, str]) -> None:
    made = again(recipe, "licenses.credit = 'link'")  # all content anew, in one round
    sql = f"""SELECT count(*) FROM content ANTI JOIN attributions USING (version, id)
              WHERE version = '{made.manifest.name}'"""
    assert query(made.workspace, sql).fetchone() == (0,)
    assert of_record(made, "content", "len(redactions)", accepted[1]) == [(0,)]
