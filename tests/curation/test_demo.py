"""The demo's input: all that it promises is in it, and nobody real is."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from catalog.values import Record
from curation import sources
from curation.demo.make import make
from curation.sources import Problem, SiteFile, SourceOptions


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    make(folder)
    return folder


@pytest.fixture(scope="module")
def crawl(town: Path) -> list[Record | SiteFile | Problem]:
    options = SourceOptions(path="crawl/*.warc.gz")
    [source] = sources.expand(options, town)
    pieces = [piece for piece in sources.open_items(source, options) if isinstance(piece, sources.Item)]
    return [found for piece in pieces for found in sources.parse(piece, source, options, lambda a, place="": a + place)]


def pages(crawl: list[Record | SiteFile | Problem]) -> list[Record]:
    return [found for found in crawl if isinstance(found, Record) and found.modality == "text"]


def test_it_is_the_same_every_time(town: Path, tmp_path: Path) -> None:
    make(tmp_path)
    names = sorted(path.relative_to(town) for path in town.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert [name for name in names if (town / name).read_bytes() != (tmp_path / name).read_bytes()] == []


def test_another_seed_gives_another_town(town: Path, tmp_path: Path) -> None:
    make(tmp_path, seed=1, messages=10)
    assert (tmp_path / "crawl/harbour.warc.gz").read_bytes() != (town / "crawl/harbour.warc.gz").read_bytes()


def test_what_no_drawing_library_touched_is_the_same_on_every_machine(town: Path) -> None:
    digests = {
        name: hashlib.sha256((town / name).read_bytes()).hexdigest()[:16]
        for name in ("messages.jsonl", "photos/contributions.csv")
    }
    assert digests == {"messages.jsonl": "901e3c8d7d372fda", "photos/contributions.csv": "7d6ecbacdcf1bf7c"}


def test_the_crawl_holds_sixty_pages_in_six_languages_and_a_picture(crawl: list[Record | SiteFile | Problem]) -> None:
    assert [found for found in crawl if isinstance(found, Problem)] == []
    languages = Counter(record.declared.get("html:lang") for record in pages(crawl))
    assert languages == {"en": 52, "de": 3, "fr": 2, "es": 2, "pt": 2, "it": 1}
    assert [record.source.media_type for record in crawl if isinstance(record, Record) and record.image] == [
        "image/jpeg"
    ]


def test_pages_are_long_enough_and_carry_no_navigation(crawl: list[Record | SiteFile | Problem]) -> None:
    good = [record for record in pages(crawl) if "windfall" not in record.source.address]
    assert min(len(record.text.split()) for record in good) >= 120
    assert max(len(record.text.split()) for record in good) <= 400
    assert [record.source.address for record in good if "cookie" in record.text or "Contact" in record.text] == []


@pytest.mark.parametrize(
    "sign",
    [
        "by/4.0/",
        "by-sa/4.0/",
        "by-sa/3.0/",
        "by-nc/4.0/",
        "by-nc-nd/4.0/",
        "by-nc-sa/4.0/",
        "by/3.0/de/",
        "publicdomain/zero/1.0/",
        "All rights reserved",
        "application/ld+json",
        '<link rel="license"',
        '<a rel="license"',
        'name="dcterms.license"',
        "<figcaption>Photo:",
    ],
)
def test_licences_are_said_in_many_ways(sign: str, crawl: list[Record | SiteFile | Problem]) -> None:
    assert any(sign in record.markup for record in pages(crawl))


def test_some_sites_say_no(crawl: list[Record | SiteFile | Problem]) -> None:
    files = {(found.kind, found.status): found.body for found in crawl if isinstance(found, SiteFile)}
    assert "GPTBot" in files["robots.txt", 200]
    assert '"tdm-reservation": 1' in files["tdmrep.json", 200]
    headers = {header for record in pages(crawl) for header in record.source.headers or ()}
    assert {("X-Robots-Tag", "noai, noimageai"), ("tdm-reservation", "1")} <= headers


def test_the_contributions_are_of_every_kind(town: Path) -> None:
    rows = list(csv.DictReader((town / "photos/contributions.csv").read_text("utf-8").splitlines()))
    pictures = {path.name for path in (town / "photos").iterdir()} - {"contributions.csv"}
    assert len(pictures) == 24
    assert pictures - {row["file"] for row in rows} == {"found-on-the-stairs.jpg", "from-a-shoe-box.png"}
    assert {row["file"] for row in rows} - pictures == {"lost-in-the-post.jpg"}
    assert Counter(bool(row["withdrawn"]) for row in rows)[True] == 2
    assert Counter(bool(row["expires"]) for row in rows)[True] == 2
    assert {scope for row in rows for scope in row["consent_scope"].split(";")} == {"train", "share", "share redacted"}


def test_pictures_hide_what_cameras_hide(town: Path) -> None:
    with Image.open(town / "photos/gulls.jpg") as picture:
        exif = picture.getexif()
        assert dict(exif.get_ifd(0x8825))[1] == "N"
        assert exif.get_ifd(0x8769)[0xA431].startswith("HX")
    data = (town / "photos/gulls.jpg").read_bytes()
    assert data.count(b"\xff\xd8\xff") == 2  # the picture and its thumbnail
    assert b"creativecommons.org/licenses/by-sa/4.0/" in (town / "photos/two-boats.jpg").read_bytes()


def test_messages_have_votes_of_several_people_who_do_not_always_agree(town: Path) -> None:
    rows = [json.loads(line) for line in (town / "messages.jsonl").read_text("utf-8").splitlines()]
    assert len({row["text"] for row in rows}) == 4000
    assert {len(row["annotations"]) for row in rows} == {3, 4, 5}
    assert len({vote["annotator"] for row in rows for vote in row["annotations"]}) == 5
    agreed = sum(len({vote["label"] for vote in row["annotations"]}) == 1 for row in rows)
    assert 0.5 < agreed / len(rows) < 0.8
    votes = Counter(vote["label"] for row in rows for vote in row["annotations"])
    assert set(votes) == {"berth", "weather", "cargo", "lost"}
    assert {row["withdrawn"] for row in rows if "withdrawn" in row} == {"2026-02-01"}


def test_personal_data_belongs_to_nobody(town: Path, crawl: list[Record | SiteFile | Problem]) -> None:
    texts = [record.text for record in pages(crawl)]
    texts += [json.loads(line)["text"] for line in (town / "messages.jsonl").read_text("utf-8").splitlines()]
    everything = "\n".join(texts)
    mails = set(re.findall(r"[\w.]+@[\w.]+\w", everything))
    assert mails
    assert {mail.partition("@")[2] for mail in mails} == {"example.com"}
    phones = set(re.findall(r"\b\d{3}-\d{4}\b|\b0\d\d \d{4} \d{4}\b", everything))
    assert phones
    assert all(phone.startswith(("555-01", "020 7946 0")) for phone in phones)
    hosts = {record.source.address.split("/")[2].rpartition(".")[2] for record in pages(crawl)}
    assert hosts == {"example", "test"}


def test_its_recipe_names_all_of_it(town: Path) -> None:
    recipe = (town / "recipe.toml").read_text("utf-8")
    for path in ("crawl/*.warc.gz", "photos", "messages.jsonl"):
        assert f'path = "{path}"' in recipe
        assert sources.expand(SourceOptions(path=path), town)
