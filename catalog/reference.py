"""The reference page of the published catalog, made from what it is built from.

python -m catalog.reference > docs/reference/schema.md
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from catalog import publish, schema
from catalog.families import SIGNALS_COMMENT, sql_type
from catalog.public_tables import TABLES as PUBLIC
from catalog.rollup_tables import ROLLUPS
from catalog.tables import TABLES
from catalog.views import RECORD, VERSION, VIEWS, base

_INTRODUCTION = """\
# The tables and views of catalog.duckdb

This page is made by `make docs`; a test fails where it differs from the code.
The same sentences are in the file itself: `SELECT * FROM duckdb_columns() WHERE NOT internal`.

`catalog.duckdb` is published anew by every run and only for reading. Open it with
`cleartitle sql "…"` or with any DuckDB from 1.5 on. Almost every table has a column `version`:
say which version you mean, or you count all of them together. NULL means *not examined* or *not
known*, never zero. Times are UTC. Ids are the same in every version and view.
"""


# Not listed one by one: a new check shall not have to touch this page.
_SIGNAL = ("*signal*", "A column for each signal; the check that reports it says what it means, in the comment.")


def page() -> str:
    """The whole page as Markdown."""
    return "\n".join(_lines()).rstrip() + "\n"


def _lines() -> Iterator[str]:
    yield _INTRODUCTION
    yield "## Views to start from\n"
    for view in VIEWS:
        yield from _section(view.name, view.comment, view.columns)
    yield from _section("signals", SIGNALS_COMMENT, [VERSION, RECORD, _SIGNAL])
    yield "## Counts taken when the catalog was published\n"
    for rollup in sorted(ROLLUPS, key=lambda one: one.name):
        yield from _section(rollup.name, rollup.comment, rollup.columns)
    yield "## Tables\n"
    for table in TABLES:
        yield from _section(table.name, table.comment, [(name, words) for name, _, words in table.columns])
    yield from _section("about", publish.ABOUT_COMMENT, [(name, words) for name, _, words in publish.ABOUT])
    yield "## Shards\n\nThe Parquet files themselves, one view for each family. The views above read from these.\n"
    for family in schema.FAMILIES.values():
        types = {column.name: sql_type(column.type) for column in family.columns}
        yield from _section(family.name, family.comment, base(family), types)
    yield from _publishable()


def _publishable() -> Iterator[str]:
    yield (
        "## The publishable catalog\n\nWhat `cleartitle publish NAME@N --public` writes: one version, counts alone, no"
        " view, nothing about one person or one record.\n"
    )
    for table in PUBLIC:
        section = _section(table.name, table.comment, [(name, words) for name, _, words in table.columns])
        yield from (line.replace("### ", "### publishable: ", 1) for line in section)


def _section(
    name: str, comment: str, columns: Sequence[tuple[str, str]], types: dict[str, str] | None = None
) -> Iterator[str]:
    yield f"### {name}\n\n{comment}\n"
    yield (
        "| column | type | what it says |\n| --- | --- | --- |" if types else "| column | what it says |\n| --- | --- |"
    )
    for column, words in columns:
        kind = f" {types.get(column, 'VARCHAR')} |" if types else ""
        yield f"| {column} |{kind} {words.replace('|', chr(92) + '|')} |"
    yield ""


if __name__ == "__main__":
    sys.stdout.write(page())
