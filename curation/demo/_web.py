"""The demo's crawl: sites that say what may be done with their pages, each in its own way."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.demo._archive import Archive
from curation.demo._dice import Dice, contact, fill, stock
from curation.demo._photos import draw_jpeg

_DATE = "2026-03-{day:02}T08:{minute:02}:00Z"
_HTML = ("Content-Type", "text/html; charset=utf-8")


@dataclass(frozen=True, slots=True)
class Page:
    """A page before it is dressed in its site's markup."""

    title: str
    paragraphs: tuple[str, ...]
    language: str = "en"


def write_crawl(path: Path, seed: int) -> None:
    """Write the archive."""
    archive = Archive(path)
    archive.info(_DATE.format(day=1, minute=0))
    originals: list[Page] = []
    for number, site in enumerate(stock("sites")["site"]):
        dice = Dice(f"{seed}/web/{site['host']}")
        pages = [_page(wanted, dice, originals) for wanted in site["pages"]]
        originals += pages
        _write_site(archive, site, pages, number + 1, dice)
    archive.save()


def _write_site(archive: Archive, site: dict[str, Any], pages: list[Page], day: int, dice: Dice) -> None:
    base = f"https://{site['host']}"
    site_files = (("/robots.txt", "text/plain", "robots"), ("/.well-known/tdmrep.json", "application/json", "tdmrep"))
    for path, media_type, key in site_files:
        date = _DATE.format(day=day, minute=0)
        if key in site:
            archive.visit(base + path, date, "200 OK", [("Content-Type", media_type)], site[key].strip().encode())
        else:
            archive.visit(base + path, date, "404 Not Found", [_HTML], b"<h1>Not here</h1>")
    headers = [_HTML, *((name, value) for name, value in site.get("headers", ()))]
    if "link_header" in site:
        headers.append(("Link", site["link_header"]))
    for number, page in enumerate(pages):
        body = "\n".join(_markup(site, page, pages, dice)).encode()
        date = _DATE.format(day=day, minute=number + 1)
        archive.visit(f"{base}/{_slug(page.title)}-{number}.html", date, "200 OK", headers, body)
    if "aside" in site:
        picture = draw_jpeg({"scene": "ferry", "file": "ferry.jpg", "title": "Ferry"}, Dice("aside"))
        date = _DATE.format(day=day, minute=30)
        archive.visit(f"{base}/img/ferry.jpg", date, "200 OK", [("Content-Type", "image/jpeg")], picture)
        archive.visit(f"{base}/timetable.pdf", date, "200 OK", [("Content-Type", "application/pdf")], b"%PDF-1.4\n")
        archive.visit(f"{base}/old", date, "301 Moved Permanently", [("Location", base)], b"")


def _page(wanted: str, dice: Dice, originals: list[Page]) -> Page:
    """The page that a line of sites.toml asks for: "topic:half", "mixed", "de:0", "copy:3", "bad:1"."""
    kind, _, number = wanted.partition(":")
    if kind == "mixed":
        return _mixed(dice)
    if kind == "copy":
        return _copy(originals[5 * int(number)], dice)
    if kind == "bad":
        return _bad(int(number), dice)
    if kind in stock("english"):
        topic = stock("english")[kind]
        half = topic["paragraphs"][int(number) * 4 : int(number) * 4 + 4]
        part = ("", ", continued")[int(number)]
        return Page(topic["title"] + part, tuple(fill(paragraph, dice) for paragraph in half))
    told = [page for page in stock("other_languages")["page"] if page["language"] == kind][int(number)]
    return Page(told["title"], tuple(told["paragraphs"]), kind)


def _mixed(dice: Dice) -> Page:
    """A diary page: one paragraph each from five topics."""
    topics = dice.some(list(stock("english").values()), 5)
    day = fill("{day}", dice)
    paragraphs = tuple(fill(dice.pick(topic["paragraphs"]), dice) for topic in topics)
    return Page(f"Harbour diary, {day}", paragraphs)


def _copy(page: Page, dice: Dice) -> Page:
    """What a mirror makes of a page: the same text with a word changed here and there."""
    swaps = (("harbour", "port"), ("nobody", "no one"), ("always", "ever"), ("perhaps", "maybe"))
    old, new = dice.pick(swaps)
    return Page(page.title, tuple(text.replace(old, new, 1) for text in page.paragraphs), page.language)


def _bad(number: int, dice: Dice) -> Page:
    """Pages that a quality rule should send away, each for another reason."""
    lorem = "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore."
    topic = dice.pick(list(stock("english").values()))
    line = fill(dice.pick(topic["paragraphs"]), dice)
    made = (
        ("Under construction", ("This page is being built.",)),
        ("Boats boats boats", ("Cheap boats and the best boats for you.",) * 40),
        ("Lorem", (lorem,) * 6),
        ("Links", tuple(f"* harbour {n} # dock {n} ..." for n in range(60))),
        ("Prices", tuple(f"{n * 7} {n * 13} {n * 29} {n * 31} 0{n} %% ##" for n in range(60))),
        ("Echo", (line,) * 9),
        ("Teasers", tuple(f"{line[: 40 + n]}..." for n in range(30))),
        ("Ohne Worte", ("#### #### ####",) * 50),
    )
    title, paragraphs = made[number]
    return Page(title, paragraphs)


def _markup(site: dict[str, Any], page: Page, pages: list[Page], dice: Dice) -> Iterator[str]:
    title = html.escape(page.title)
    yield f'<!doctype html>\n<html lang="{page.language}">\n<head>\n<meta charset="utf-8">'
    yield f"<title>{title}</title>"
    yield site.get("head", "")
    if "json_ld" in site:
        yield f'<script type="application/ld+json">{site["json_ld"].replace("TITLE", page.title)}</script>'
    yield "</head>\n<body>"
    yield f'<header><a href="/">{html.escape(site["name"])}</a></header>'
    links = "".join(
        f'<li><a href="/{_slug(p.title)}-{n}.html">{html.escape(p.title)}</a></li>' for n, p in enumerate(pages)
    )
    links = f'<li><a href="/">Home</a></li>{links}<li><a href="/contact">Contact</a></li>'
    yield f'<nav class="menu"><ul>{links}</ul></nav>'
    yield f"<main><article><h1>{title}</h1>"
    for paragraph in page.paragraphs:
        yield f"<p>{html.escape(paragraph, quote=False)}</p>"
    if site.get("contact"):
        yield f"<p>{html.escape(contact(stock('words')['contact'], dice), quote=False)}</p>"
    yield site.get("aside", "")
    yield "</article></main>"
    yield '<div class="cookie-banner">This site uses one cookie. It is ginger. <button>Accept</button></div>'
    yield f"<footer>{site.get('footer', '')}<p>Made by hand at {html.escape(site['name'])}.</p></footer>"
    yield "</body>\n</html>"


def _slug(title: str) -> str:
    kept = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in title.lower())
    return "-".join(part for part in kept.split("-") if part)
