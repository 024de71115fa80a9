"""Export: a version leaves as Parquet, JSONL or a Hugging Face folder, with its credits and card beside it."""

from __future__ import annotations

import csv
import datetime as dt
import html
import json
import mimetypes
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from catalog import families, public, store
from catalog.errors import UsageError
from catalog.ledger import Ledger
from catalog.manifests import Manifest
from catalog.versions import ROWS, Version, features, for_datasets, open_version
from catalog.workspace import Workspace, part_of, write_text

Format = Literal["parquet", "jsonl", "huggingface"]
FORMATS: tuple[Format, ...] = ("parquet", "jsonl", "huggingface")
PART = 256 << 20  # bytes in memory after which a new file is begun

# What leaves. Pseudonyms of contributors and annotators stay here: they would link records of one person.
COLUMNS = ("id", "text", "image", "media_type", "label", "licence", "language")
CREDITS = ("id", "title", "author", "author_url", "address", "licence", "licence_url", "notice", "changes")


@dataclass(frozen=True, slots=True)
class Export:
    """What was written."""

    version: str
    format: str
    folder: Path
    records: int
    credits: int
    pointers: int


def export(
    workspace: Workspace,
    name: str,
    out: Path | str,
    format: Format = "parquet",
    *,
    use: str = "share redacted",
    pointers: bool = False,
    catalog: bool = False,
) -> Export:
    """Write a version to a new folder, if the gate lets it through for `use`.

    `pointers` adds a list of the held records (id, address, licence): works that others may
    fetch for themselves though they may not be passed on. `catalog` adds the publishable catalog; the
    card of what is shared, or lies beside that, counts no more than it does.
    """
    version = open_version(workspace, name)
    out = Path(out).resolve()
    if format not in FORMATS:
        raise UsageError(f"expected a format out of {', '.join(FORMATS)}, found {format!r}")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError("the folder to export to is not empty", cure="Name a new folder.", place=str(out))
    version.gate(use)
    out.parent.mkdir(parents=True, exist_ok=True)
    part = part_of(out)
    try:
        done = _fill(version, part, out, format, use, pointers=pointers, catalog=catalog)
        if out.exists():
            out.rmdir()
        # First the note: a copy that nobody knows of would outlast an erasure.
        _note(workspace, version.manifest, format, use, done.records, out)
        part.replace(out)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return done


def publish_catalog(
    workspace: Workspace, manifest: Manifest, out: Path | None = None, *, use: str = "share redacted"
) -> tuple[Path, Path]:
    """Write the publishable catalog, and the card that says no more than it under the same name, as Markdown."""
    from catalog import cards, facts

    path = public.publish(workspace, manifest, out.resolve() if out else None, use=use)
    _note(workspace, manifest, "catalog", use, sum(manifest.counts.values()), path)
    known = facts.current(workspace, manifest)
    card = path.with_suffix(".md")
    write_text(card, cards.render_readme(known, told=facts.disclosed(workspace, known, path)))
    return path, card


def _fill(
    version: Version, part: Path, out: Path, format: Format, use: str, *, pointers: bool, catalog: bool
) -> Export:
    from catalog import cards, croissant, facts  # read queries, which export alone does not need to import

    (part / "data").mkdir(parents=True)
    there = version.columns()
    columns = [name for name in COLUMNS if name in there]
    batches = (batch.select(columns) for batch in version.batches(use))
    writers = {"parquet": _parquet, "jsonl": _jsonl, "huggingface": _huggingface}
    records = writers[format](part, batches, columns)
    with store.connect(version.workspace) as connection:
        families.create_views(connection, version.workspace, [version.manifest])
        credits = write_credits(connection, part, version.name)
        listed = _pointers(connection, part) if pointers else 0
    _spent(version, part)
    known = told = facts.current(version.workspace, version.manifest)
    if catalog or use != "train":  # what is shared counts no more on its card than in the publishable catalog
        counts = public.publish(version.workspace, version.manifest, part / "catalog.duckdb", use=use)
        told = facts.disclosed(version.workspace, known, counts)
        if not catalog:
            counts.unlink()
    (part / "README.md").write_text(cards.render_readme(known, format, told), "utf-8")
    croissant.write(known, told, part, format, columns)
    return Export(version.name, format, out, records, credits, listed)


def _parquet(part: Path, batches: Iterator[pa.RecordBatch], columns: list[str]) -> int:
    chosen = pa.schema([ROWS.field(name) for name in columns])
    return _write_parquet(part, batches, "part", pa.RecordBatch.from_pylist([], schema=chosen))


def _huggingface(part: Path, batches: Iterator[pa.RecordBatch], columns: list[str]) -> int:
    empty = pa.RecordBatch.from_pylist([], schema=features(columns).arrow_schema)
    return _write_parquet(part, (for_datasets(batch, columns) for batch in batches), "train", empty)


def _write_parquet(part: Path, batches: Iterator[pa.RecordBatch], stem: str, empty: pa.RecordBatch) -> int:
    count = 0
    for number, group in enumerate(_groups(batches, empty)):
        table = pa.Table.from_batches(group)
        # Statistics of other columns would repeat somebody's words in the footer.
        pq.write_table(
            table, part / "data" / f"{stem}-{number:05}.parquet", compression="zstd", write_statistics=["id"]
        )
        count += table.num_rows
    return count


def _groups(batches: Iterator[pa.RecordBatch], empty: pa.RecordBatch) -> Iterator[list[pa.RecordBatch]]:
    group = [empty]  # a version without records still has its columns
    size = 0
    for batch in batches:
        if size >= PART:
            yield group
            group, size = [empty], 0
        group.append(batch)
        size += batch.nbytes
    yield group


def _jsonl(part: Path, batches: Iterator[pa.RecordBatch], _columns: list[str]) -> int:
    count = 0
    with (part / "data" / "records.jsonl").open("w", encoding="utf-8") as file:
        for batch in batches:
            for row in batch.to_pylist():
                if row.get("image") is not None:
                    row["image"] = _picture_file(part, row)
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
                count += 1
    return count


def _picture_file(part: Path, row: dict[str, Any]) -> str:
    """Write a picture as a file of its own, and give its path as seen from the export."""
    suffix = mimetypes.guess_extension(row["media_type"] or "") or ".bin"
    path = part / "images" / row["id"][:2] / f"{row['id']}{suffix}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(row["image"])
    return str(path.relative_to(part))


def write_credits(connection: duckdb.DuckDBPyConnection, part: Path, name: str) -> int:
    """ATTRIBUTION.csv for programs, .md and .html for readers, from one pass sorted by licence."""
    from catalog.facts import unlicensed

    chosen = ", ".join(f"a.{column}" for column in CREDITS)
    cursor = connection.execute(
        f"""SELECT {chosen}, CASE WHEN a.licence IS NULL THEN d.licence_basis END AS basis
            FROM attributions a SEMI JOIN content c USING (version, id) LEFT JOIN decisions d USING (version, id)
            ORDER BY a.licence, basis, a.id"""
    )
    count, last = 0, ""
    with (
        (part / "ATTRIBUTION.csv").open("w", encoding="utf-8", newline="") as table,
        (part / "ATTRIBUTION.md").open("w", encoding="utf-8") as text,
        (part / "ATTRIBUTION.html").open("w", encoding="utf-8") as page,
    ):
        writer = csv.writer(table)
        writer.writerow(CREDITS)
        text.write(f"# Attribution for {name}\n\n{_ABOUT}\n")
        page.write(_HEAD.format(title=html.escape(f"Attribution for {name}"), about=_ABOUT))
        while rows := cursor.fetchmany(1000):
            for *row, basis in rows:
                credit = dict(zip(CREDITS, row, strict=True))
                writer.writerow([_cell(value) for value in row])
                heading = credit["licence"] or unlicensed(basis).capitalize()
                if heading != last:
                    last = heading
                    text.write(f"\n## {_plain(heading)}\n\n")
                    page.write(f"</ul>\n<h2>{html.escape(heading)}</h2>\n<ul>\n")
                text.write(_credit_line(credit))
                page.write(_credit_entry(credit))
                count += 1
        page.write("</ul>\n</body>\n</html>\n")
    return count


def _credit_line(credit: dict[str, Any]) -> str:
    """Title, author, source, licence and changes: what the licences ask for, as one line of Markdown."""
    author = f" by {_link(_plain(credit['author']), credit['author_url'])}" if credit["author"] else ""
    parts = [
        _link(_plain(credit["title"] or "untitled"), credit["address"]) + author,
        _link(_plain(credit["licence"] or ""), credit["licence_url"]),
        _plain(credit["notice"] or ""),
        _plain(credit["changes"] or ""),
    ]
    return f"- {'; '.join(part for part in parts if part)} (`{credit['id']}`)\n"


_ABOUT = "Every work below is used under the licence it stands under."
_HEAD = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title></head>
<body>
<h1>{title}</h1>
<p>{about}</p>
<ul>
"""


def _credit_entry(credit: dict[str, Any]) -> str:
    """The same as one entry of HTML, the licence's link marked as such."""
    author = f" by {_anchor(credit['author'], credit['author_url'])}" if credit["author"] else ""
    parts = [
        _anchor(credit["title"] or "untitled", credit["address"]) + author,
        _anchor(credit["licence"] or "", credit["licence_url"], ' rel="license"'),
        html.escape(credit["notice"] or ""),
        html.escape(credit["changes"] or ""),
    ]
    return f'<li id="{credit["id"]}">{"; ".join(part for part in parts if part)}</li>\n'


def _anchor(words: str, address: str | None, relation: str = "") -> str:
    shown = html.escape(" ".join(words.split()))
    if not address or not address.startswith(("https://", "http://")):
        return f"{shown} ({html.escape(address)})" if address else shown
    return f'<a{relation} href="{html.escape(address)}">{shown}</a>'


def _cell(value: object) -> str:
    """A value for the table. What a spreadsheet would run as a formula is made text."""
    written = "" if value is None else str(value)
    return f"'{written}" if written[:1] in ("=", "+", "-", "@", "\t") else written


def _plain(text: str) -> str:
    """Supplied words as Markdown that means nothing but the words."""
    words = " ".join(str(text).split())
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#|" else sign for sign in words)


def _link(words: str, address: str | None) -> str:
    if not address or not address.startswith(("https://", "http://")):
        return f"{words} ({_plain(address)})" if address else words
    safe = address.replace("(", "%28").replace(")", "%29").replace("<", "%3C").replace(">", "%3E").replace(" ", "%20")
    return f"[{words}](<{safe}>)" if words else f"<{safe}>"


def _spent(version: Version, part: Path) -> None:
    """What private training spent on the data set travels with it: whoever trains on the copy goes on from there."""
    if not version.workspace.ledger.exists():
        return
    carried = Ledger(version.workspace.ledger).carried(version.manifest.dataset)
    if carried["runs"]:
        (part / "spent.json").write_text(json.dumps(carried, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _pointers(connection: duckdb.DuckDBPyConnection, part: Path) -> int:
    cursor = connection.execute(
        """SELECT d.id, f.address, d.licence FROM decisions d JOIN facts f USING (version, id)
           WHERE d.action = 'hold' ORDER BY d.id"""
    )
    count = 0
    with (part / "POINTERS.csv").open("w", encoding="utf-8", newline="") as table:
        writer = csv.writer(table)
        writer.writerow(("id", "address", "licence"))
        while rows := cursor.fetchmany(1000):
            writer.writerows(rows)
            count += len(rows)
    return count


def _note(workspace: Workspace, manifest: Manifest, format: str, use: str, records: int, path: Path) -> None:
    """Remember that a copy left: erasure names the copies it cannot reach."""
    entry = {
        "version": manifest.name,
        "hash": manifest.hash,
        "amendment": manifest.amendment,
        "format": format,
        "use": use,
        "records": records,
        "path": workspace.from_root(path),
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    }
    with (workspace.root / "exports.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
