"""A picture and its words are one record: examined together, held together, released together."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

import privacy
from catalog.export import export
from catalog.queries import query
from catalog.values import Record, Region, Source
from curation.extract import alternative_text
from curation.facts import content_hash
from curation.job import Job
from curation.recipe import load
from curation.runner import Outcome, run

RECIPE = """\
format = 1
dataset = "quay"
audience = "public"
as_of = 2026-11-21
[[source]]
path = "photos"
[quality]
presets = []
[duplicates]
enabled = false
[privacy]
text = "patterns"
images = "metadata"
"""
EMAIL = "ada.berg@example.org"
PHONE = "+44 20 7946 0123"
COLUMNS = ("file", "contributor", "consent_scope", "title", "caption", "alt", "language", "licence")


def photo(**exif: str) -> bytes:
    out, tags = io.BytesIO(), Image.Exif()
    if described := exif.get("described"):
        tags[0x010E] = described
    Image.effect_noise((48, 32), 80).convert("RGB").save(out, "JPEG", exif=tags)
    return out.getvalue()


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLEARTITLE_KEYS", str(tmp_path / "keys"))
    (tmp_path / "photos").mkdir()
    (tmp_path / "recipe.toml").write_text(RECIPE, "utf-8")
    return tmp_path / "recipe.toml"


def contribute(recipe: Path, *rows: dict[str, str], data: bytes | None = None) -> None:
    folder = recipe.parent / "photos"
    with (folder / "contributions.csv").open("w", encoding="utf-8", newline="") as table:
        writer = csv.DictWriter(table, COLUMNS)
        writer.writeheader()
        for row in rows:
            writer.writerow({"contributor": "ada", "consent_scope": "train; share redacted"} | row)
            if data or not (folder / row["file"]).exists():
                (folder / row["file"]).write_bytes(data or photo())


def go(recipe: Path, *settings: str) -> Outcome:
    return run(load(recipe, settings), recipe.parent / "workspace", workers=0)


def told(done: Outcome) -> list[tuple[str, str | None, str]]:
    sql = f"""SELECT d.action, c.text, string_agg(r.reason, ', ' ORDER BY r.reason) FROM decisions d
              JOIN facts f USING (version, id) LEFT JOIN content c USING (version, id)
              LEFT JOIN reasons r USING (version, id)
              WHERE d.version = '{done.manifest.name}' GROUP BY d.action, c.text, f.address ORDER BY f.address"""
    return query(done.workspace, sql).fetchall()


def holds(folder: Path, words: str) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and words.encode() in path.read_bytes()]


def test_words_are_examined_held_and_released_in_step_with_their_picture(recipe: Path) -> None:
    about = {"title": f"Ada, {EMAIL}", "caption": f"Write to {EMAIL}", "alt": f"A board with {PHONE} on it"}
    unknown = {"file": "b.jpg", "caption": "محمد علي", "language": ""}
    described = {"file": "d.jpg", "title": f"The quay, by {EMAIL}"}
    contribute(recipe, {"file": "a.jpg", **about}, unknown, {"file": "c.jpg"}, described)
    (recipe.parent / "photos" / "d.jpg").write_bytes(photo(described=described["title"]))
    done = go(recipe)
    words = "Ada, [EMAIL_ADDRESS]\nWrite to [EMAIL_ADDRESS]\nA board with [PHONE_NUMBER] on it"
    assert told(done) == [
        ("redact", words, "pixels-not-examined"),
        ("hold", None, "privacy-not-examined"),
        ("keep", None, "pixels-not-examined"),
        ("redact", "The quay, by [EMAIL_ADDRESS]", "pixels-not-examined"),
    ]
    figures = "SELECT name, value, method FROM measurements WHERE topic = 'picture-recall'"
    assert query(done.workspace, figures).fetchall() == []  # nothing was looked for in pixels
    out = recipe.parent / "out"
    export(done.workspace, "quay", out, "parquet")
    rows = {row["text"]: row for row in pq.read_table(out / "data").to_pylist()}
    assert (len(rows), rows[words]["media_type"], rows[words]["image"][:2]) == (3, "image/jpeg", b"\xff\xd8")
    # Not as title of a credit that no licence asks for, either.
    assert holds(done.workspace.root, EMAIL) == holds(out, EMAIL) == []
    counted = "SELECT modality, kind, found, replaced FROM pii_by_kind WHERE replaced > 0 ORDER BY kind"
    kinds = query(done.workspace, counted).fetchall()
    assert kinds == [("text", "EMAIL_ADDRESS", 3, 3), ("text", "PHONE_NUMBER", 1, 1)]


def test_a_recipe_may_have_words_seen_by_a_person_or_leave_them_out(recipe: Path) -> None:
    unknown = {"file": "b.jpg", "caption": "Egy csendes reggel", "language": "hu"}
    contribute(recipe, {"file": "a.jpg", "caption": f"Write to {EMAIL}"}, unknown)
    seen = go(recipe, 'privacy.hold=["EMAIL_ADDRESS"]')
    assert told(seen)[0] == ("hold", None, "pixels-not-examined, privacy-kind")
    left_out = go(recipe, 'privacy.captions="drop"')
    assert told(left_out) == [("keep", None, "pixels-not-examined")] * 2


def test_changed_words_are_a_changed_record() -> None:
    job = cast(Job, SimpleNamespace(keys=SimpleNamespace(ids=b"k" * 32)))
    records = [
        Record("1", "image", Source("a.jpg", "photos", 0), text=words, image=b"pixels")
        for words in ("", "Noon", "Dusk")
    ]
    assert len({content_hash(job, record) for record in records}) == 3


def test_beside_a_picture_a_tables_text_column_is_its_caption(recipe: Path) -> None:
    page = '<p><img src="/other.png" alt="Another"><img src="b.png" alt="The quay at noon"></p>'
    rows: list[dict[str, Any]] = [
        {"image": photo(), "text": "First\ncaption", "caption": ["second", "first caption"], "alt": None, "html": None},
        {"image": photo(), "text": None, "caption": None, "alt": "", "html": page},
    ]
    for row, name in zip(rows, "ab", strict=True):
        row |= {"url": f"https://example.org/{name}.png", "license": "CC0-1.0"}
    pq.write_table(pa.Table.from_pylist(rows), recipe.parent / "photos.parquet")
    recipe.write_text(RECIPE.replace('"photos"', '"photos.parquet"'), "utf-8")
    assert [words for _, words, _ in told(go(recipe))] == ["First caption\nsecond\nfirst caption", "The quay at noon"]


@pytest.mark.parametrize(
    ("html", "alt"),
    [
        ('<img src="quay.png" alt=" The quay ">', "The quay"),
        ('<img src="https://example.org/a/quay.png" alt="The quay"><img src="b.png" alt="No">', "The quay"),
        ('<img src="other.png" alt="Its only picture">', "Its only picture"),
        ('<img src="b.png" alt="No"><img src="c.png" alt="No">', ""),
        ('<img src="quay.png">', ""),
        ("<p>No picture.</p>", ""),
        ("", ""),
    ],
)
def test_the_alternative_text_of_a_picture_is_found_in_its_page(html: str, alt: str) -> None:
    assert alternative_text(html, "https://example.org/a/quay.png") == alt


def test_what_a_second_look_covers_counts_as_redacted(recipe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture in which only redaction itself found something is a changed copy, which ND may not permit."""
    face = Region("FACE", ((2, 2), (9, 2), (9, 9), (2, 9)), 0.9, "second look")
    told_by_redaction = privacy.redact_image

    def covered(data: bytes, **options: Any) -> privacy.ImageRedaction:
        return replace(told_by_redaction(data, **{**options, "mode": "metadata"}), regions=(face,))

    monkeypatch.setattr(privacy, "redact_image", covered)
    rows = ({"file": "a.jpg", "licence": "CC-BY-ND-4.0"}, {"file": "b.jpg", "licence": "CC-BY-4.0"})
    contribute(recipe, *rows)
    assert [(action, reasons) for action, _, reasons in told(go(recipe))] == [
        ("hold", "nd-needs-redaction, pixels-not-examined"),
        ("redact", "pixels-not-examined"),
    ]
