from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest

from catalog.ledger import ORDERS, Charge, Contribution, Ledger
from catalog.publish import publish
from catalog.queries import attach, query
from catalog.reference import page
from catalog.workspace import Workspace

DOCS = Path(__file__).parents[2] / "docs" / "reference"
QUESTIONS = re.findall(
    r"^### (\d+)\. (.+?)\n\n```sql\n(.+?)```", (DOCS / "questions.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
)


def test_the_reference_page_is_what_the_code_says() -> None:
    assert (DOCS / "schema.md").read_text("utf-8") == page(), "make it anew: python -m catalog.reference"


def test_every_column_of_the_published_catalog_has_a_comment_and_is_on_the_page(seen: Workspace) -> None:
    columns = query(seen, "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal").fetchall()
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", page(), re.DOTALL | re.MULTILINE))
    ours = [row for row in columns if not (row[0] == "signals" and row[1] in ("words", "lines"))]
    assert len(ours) > 250
    for table, column, comment in ours:
        assert comment, f"{table}.{column} has no comment"
        assert f"| {column} |" in sections[table], f"{table}.{column} is not on the page"


def test_every_table_and_view_has_a_comment(seen: Workspace) -> None:
    tables = query(
        seen,
        """SELECT table_name, comment FROM duckdb_tables() WHERE NOT internal
           UNION ALL SELECT view_name, comment FROM duckdb_views() WHERE NOT internal""",
    ).fetchall()
    assert [name for name, comment in tables if not comment] == []


def test_no_column_needs_quotes(seen: Workspace) -> None:
    with attach(seen, seen.catalog) as connection:
        sql = "SELECT table_name, list(column_name) FROM duckdb_columns() WHERE NOT internal GROUP BY table_name"
        for table, columns in connection.execute(sql).fetchall():
            if table != "signals":
                connection.execute(f"SELECT {', '.join(columns)} FROM {table} LIMIT 0").fetchall()


def test_questions_are_numbered_and_there_are_enough() -> None:
    assert [int(number) for number, _, _ in QUESTIONS] == list(range(1, len(QUESTIONS) + 1))
    assert len(QUESTIONS) >= 25


def test_every_view_is_used_by_a_question_or_is_the_base_of_one() -> None:
    asked = " ".join(sql for _, _, sql in QUESTIONS)
    for name in ("lineage", "held", "licence_mix", "dropped_why", "pii_by_kind", "claims", "preferences", "spans"):
        assert re.search(rf"\b{name}\b", asked), name


# Questions whose answer is rightly empty for the invented workspace.
EMPTY = {15, 17, 22, 25, 36, 37, 38, 39, 41, 42, 43, 44, 45, 46}


@pytest.mark.parametrize(("number", "question", "sql"), QUESTIONS, ids=[number for number, _, _ in QUESTIONS])
def test_each_question_is_answered(seen: Workspace, number: str, question: str, sql: str) -> None:
    rows = query(seen, sql).fetchall()
    assert (rows == []) == (int(number) in EMPTY), question


def test_lineage_goes_from_a_model_to_records_people_and_licences_and_back(
    harbour: Workspace, invented: ModuleType
) -> None:
    renyi = {"record": tuple(0.1 for _ in ORDERS)}
    charge = Charge("harbour-1-20260303", "harbour", 1, "one", "record", "try", "{}", 2.5, 1e-5, "public", "f", renyi)
    Ledger(harbour.ledger).reserve(charge, [Contribution(invented.ANNA, 1, 2.5, 1e-5)])
    publish(harbour)
    answers = {int(number): query(harbour, sql).fetchall() for number, _, sql in QUESTIONS if int(number) in MODELS}
    run = "harbour-1-20260303"
    assert [str(row[0])[-1] for row in answers[41]] == ["1", "2", "6", "7"]
    assert answers[41][1][1:] == ("https://port.example/2", "crawl.warc.gz", 200, "CC-BY-4.0", "licence")
    assert answers[42] == [(run, "harbour@1", 2.5, "reserved")]
    assert answers[43] == [(run, "harbour@1", 1, 2.5, 1e-5, "reserved")]
    assert answers[44] == [("CC-BY-4.0", "rel_license", "site", 2)]
    assert answers[37] == [(run, "CC-BY-4.0", 2, 0), (run, None, 2, 2)]


MODELS = {37, 41, 42, 43, 44}
