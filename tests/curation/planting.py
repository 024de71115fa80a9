"""Made-up personal values of many kinds, and sources that hold them in every corner."""

from __future__ import annotations

import base64
import csv
import gzip
import html
import io
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from PIL import Image, PngImagePlugin

FIRST = ("Margaret", "Thomas", "Elena", "Oliver", "Hannah", "Victor", "Isabel", "Martin", "Caroline", "Edward")
LAST = ("Whitcombe", "Pemberton", "Castellano", "Lindqvist", "Hargreaves", "Kowalski", "Fitzgerald", "Ellsworth")
ROADS = ("Road", "Street", "Lane")
LETTERS = "abcdefghijkmnpqrstuvwxyz"


def _luhn(digits: str) -> str:
    total = sum(int(d) if place % 2 else sum(divmod(2 * int(d), 10)) for place, d in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def _iban(account: str) -> str:
    number = "".join(str(int(sign, 36)) for sign in f"WEST{account}GB00")
    return f"GB{98 - int(number) % 97:02d}WEST{account}"


@dataclass
class Planted:
    """The values given out, with kind and place; the same for every run."""

    dice: random.Random = field(default_factory=lambda: random.Random(5))
    values: dict[str, str] = field(default_factory=dict)

    def new(self, kind: str, where: str) -> str:
        while (value := self._made(kind)) in self.values:
            pass
        self.values[value] = f"{kind} in {where}"
        return value

    def _made(self, kind: str) -> str:
        dice = self.dice
        digits = "".join(str(dice.randrange(10)) for _ in range(20))
        word = "".join(dice.choice(LETTERS) for _ in range(8))
        makers: dict[str, Callable[[], str]] = {
            "mail": lambda: f"{word}.{digits[:3]}@post{digits[3]}.example.net",
            "phone": lambda: f"+1 415-{digits[:3]}-01{digits[3:5]}",
            "card": lambda: _luhn("411111" + digits[:9]),
            "iban": lambda: _iban(digits[:14]),
            "ip": lambda: f"2001:db8:{digits[:4]}:{digits[4:8]}::{digits[8:11]}",
            "secret": lambda: (
                "gh" + "p_" + "".join(dice.choice(LETTERS.upper() + LETTERS + "23456789") for _ in range(36))
            ),
            "ssn": lambda: f"{dice.randrange(100, 665)}-{dice.randrange(10, 99)}-{dice.randrange(1000, 9999)}",
            "name": lambda: f"{dice.choice(FIRST)} {dice.choice(LAST)}",
            "street": lambda: f"{dice.randrange(100, 999)} {dice.choice(LAST)} {dice.choice(ROADS)}",
        }
        return makers[kind]()


SENTENCES = {
    "mail": "Please write to {} before the ferry leaves in the morning.",
    "phone": "The harbour master can be called on {} until the evening.",
    "card": "The mooring fee was paid with the card {} in spring.",
    "iban": "Send the deposit for the berth to account {} this week.",
    "ip": "The request came in from {} and was answered by the office.",
    "secret": "The script on the quay computer used the token {} for months.",
    "ssn": "His social security number is {} according to the form.",
    "name": "Yesterday {} came to the office and asked about the berth.",
    "street": "He has lived at {} for many years now.",
}
KINDS = tuple(SENTENCES)
EXACT = tuple(kind for kind in KINDS if kind not in ("name", "street"))


def _each(value: str, sign: str) -> str:
    return "".join(sign.format(ord(letter)) for letter in value)


ENCODED: dict[str, Callable[[str], str]] = {
    "plain": str,
    "upper": str.upper,
    "percent": lambda value: quote(value, safe=""),
    "percent-all": lambda value: _each(value, "%{:02X}"),
    "entities": lambda value: _each(value, "&#{};"),
    "entities-hex": lambda value: _each(value, "&#x{:x};"),
    "json": lambda value: _each(value, "\\u{:04x}"),
    "quoted-printable": lambda value: _each(value, "={:02X}"),
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "base64-said": lambda value: base64.b64encode(f"Contact: {value} (home)".encode()).decode(),
    "url": lambda value: f"https://harbour.example.org/find?q={quote(value, safe='')}&page=2",
}


def forms(value: str) -> set[str]:
    """Every way in which the value may stand somewhere, in small letters."""
    told = {encode(value) for name, encode in ENCODED.items() if name not in ("base64-said", "url")}
    told |= {quote(value), value.replace(" ", "+"), html.escape(value), value.replace("@", "&commat;")}
    told |= {value.replace("@", "\\u0040"), value.replace("@", "=40"), value.encode().hex()}
    for shift in range(3):  # inside a longer run of base64
        inside = base64.b64encode(b"x" * shift + value.encode()).decode().rstrip("=")
        told.add(inside[2 * (shift > 0) + 2 * (shift > 1) : -1])
    digits = re.sub(r"\D", "", value)
    if len(digits) > 9 and not value.islower() and value[0] in "+0123456789":
        told.add(digits)
    return {form.lower() for form in told}


FILLER = "The harbour of Nowhere Bay has a quay, a pier and a lighthouse, and the ferry leaves at noon every day."
LICENCE = '<a rel="license" href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>'


def write(folder: Path) -> Planted:
    """Sources of every kind with planted values, and the recipe that reads them."""
    planted = Planted()
    folder.mkdir(parents=True, exist_ok=True)
    _rows(folder / "rows.jsonl", planted)
    _table(folder / "table.csv", planted)
    _archive(folder / "crawl.warc.gz", planted)
    _works(folder / "works", planted)
    named = folder / "named" / f"{planted.new('mail', 'name of a table')}.jsonl"
    named.parent.mkdir()
    named.write_text(json.dumps({"text": FILLER, "license": "CC-BY-4.0"}) + '\n{"text": 5}\nno JSON\n', "utf-8")
    _contributions(folder / "given", planted)
    (folder / "recipe.toml").write_text(RECIPE, "utf-8")
    return planted


RECIPE = """\
format = 1
dataset = "planted"
as_of = 2026-11-21
[[source]]
path = "rows.jsonl"
[[source]]
path = "table.csv"
[[source]]
path = "crawl.warc.gz"
[[source]]
path = "named/*.jsonl"
[[source]]
path = "works/"
[[source]]
path = "given/"
[licenses]
unknown = "hold"
[quality]
presets = []
[[quality.rule]]
id = "too-short"
signal = "gopher_words"
min = 3
[privacy]
images = "metadata"
[duplicates]
enabled = false
"""


def _said(planted: Planted, where: str, kind: str, encode: str = "plain") -> str:
    value = planted.new(kind, f"{where}, {encode}")
    return SENTENCES[kind].format(ENCODED[encode](value))


def _rows(path: Path, planted: Planted) -> None:
    """JSON lines: each encoding of each kind in texts; values in every other column and in keys."""
    rows: list[dict[str, object]] = []
    for encode in ENCODED:
        for kind in EXACT if encode not in ("plain", "upper") else KINDS:
            texts = [FILLER, _said(planted, "text", kind, encode), _said(planted, "text", kind, encode)]
            rows.append({"id": f"t{len(rows)}", "text": "\n\n".join(texts), "license": "CC-BY-4.0", "language": "en"})
    for column in ("id", "url", "title", "author", "author_url", "language", "label", "contributor", "other"):
        for kind in ("mail", "phone", "card"):
            value = planted.new(kind, f"column {column}")
            text = f"{FILLER} Row {len(rows)} is about the column {column}."
            row: dict[str, object] = {"id": f"c{len(rows)}", "text": text, "license": "CC-BY-4.0", "language": "en"}
            row[column] = f"https://example.org/?of={quote(value)}" if "url" in column else value
            rows.append(row)
    for kind in ("mail", "phone", "ssn", "iban"):
        row = {"id": f"k{len(rows)}", "text": FILLER, planted.new(kind, "JSON key"): planted.new(kind, "its value")}
        rows.append({**row, "license": f"All rights reserved, ask {planted.new(kind, 'licence')}"})
        rows.append({"id": f"n{len(rows)}", "text": {planted.new(kind, "nested key"): planted.new(kind, "nested")}})
        vote = {"annotator": planted.new("mail", "annotator"), "label": planted.new(kind, "vote")}
        rows.append({"id": f"a{len(rows)}", "text": FILLER, "annotations": [vote], "license": "CC-BY-4.0"})
        rows.append({"id": f"d{len(rows)}", "text": FILLER, "withdrawn": planted.new(kind, "consent date")})
        rows.append({"id": f"s{len(rows)}", "text": FILLER, "consent_scope": ["train", planted.new(kind, "scope")]})
        rows.append({"id": f"l{len(rows)}", "text": _said(planted, "unknown language", kind), "language": "xx"})
    lines = [json.dumps(row) for row in rows]
    lines += [f'{{"text": "{_said(planted, "broken line", kind)}' for kind in KINDS]
    lines += [json.dumps([planted.new(kind, "no object")]) for kind in EXACT]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _table(path: Path, planted: Planted) -> None:
    """A table whose column names and broken rows hold values too."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["text", "license", "language", planted.new("mail", "column name"), "title"])
        for kind in KINDS:
            values = (_said(planted, "cell", kind), "CC-BY-4.0", "en", planted.new(kind, "unused cell"))
            title = f"On {planted.new(kind, 'title')}" if kind in EXACT else "Harbour"
            out.writerow([f"{FILLER} {values[0]}", *values[1:], title])
            out.writerow([_said(planted, "row of another width", kind)])


def _archive(path: Path, planted: Planted) -> None:
    """Pages with values in addresses, headers, head, comments, links, scripts and text; site files; odd types."""
    entries = [_entry("https://a.example.org/robots.txt", _robots(planted), "text/plain")]
    for number, kind in enumerate((*KINDS, *KINDS, *KINDS)):
        address = f"https://a.example.org/{number}"
        if kind in EXACT:
            packed = ENCODED["base64"](planted.new(kind, "address, base64"))
            address += f"?{kind}={quote(planted.new(kind, 'address'))}&b={packed}"
        headers = {
            "Set-Cookie": f"user={planted.new(kind, 'cookie')}",
            "X-Robots-Tag": f"noai, contact={planted.new(kind, 'robots header')}" if number % 5 == 0 else "all",
            "Link": f'<https://a.example.org/u/{quote(planted.new("mail", "link header"))}>; rel="author"',
            f"X-{quote(planted.new('mail', 'header name'), safe='')}": "1",
        }
        entries.append(_entry(address, _page(planted, kind, number), "text/html", headers))
    entries.append(_entry("https://a.example.org/odd", b"odd", f"application/{planted.new('mail', 'media type')}"))
    entries.append(
        _entry("https://a.example.org/enc", b"odd", "text/plain", {"Content-Encoding": planted.new("mail", "encoding")})
    )
    entries.append(_entry(f"x-{planted.new('mail', 'scheme')}:odd", b"odd", "text/plain"))
    entries.append(_entry("https://a.example.org/cut", FILLER.encode(), "text/plain", cut=planted.new("mail", "cut")))
    entries.append(
        b"WARC/1.0\r\nWARC-Type: "
        + planted.new("mail", "entry type").encode()
        + b"\r\nContent-Length: 2\r\n\r\nab\r\n\r\n"
    )
    entries.append(b"WARC/1.0\r\nContent-Length: " + planted.new("phone", "length").encode() + b"\r\n\r\nab\r\n\r\n")
    path.write_bytes(b"".join(gzip.compress(entry, mtime=0) for entry in entries))


def _entry(address: str, body: bytes, kind: str, headers: dict[str, str] | None = None, cut: str = "") -> bytes:
    told = "".join(f"{name}: {value}\r\n" for name, value in {"Content-Type": kind, **(headers or {})}.items())
    block = f"HTTP/1.1 200 OK\r\n{told}\r\n".encode() + body
    lines = ["WARC/1.0", "WARC-Type: response", f"WARC-Target-URI: {address}", "WARC-Date: 2026-01-02T03:04:05Z"]
    lines += [f"WARC-Truncated: {cut}"] if cut else []
    head = "\r\n".join([*lines, "Content-Type: application/http; msgtype=response", f"Content-Length: {len(block)}"])
    return head.encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def _robots(planted: Planted) -> bytes:
    return (
        f"# Ask {planted.new('mail', 'robots comment')}\nUser-agent: {planted.new('mail', 'agent')}\nDisallow: /x\n\n"
        f"User-agent: GPTBot\nDisallow: /private/{planted.new('mail', 'robots path')}\n"
        f"Contact: {planted.new('phone', 'robots line')}\n"
    ).encode()


def _page(planted: Planted, kind: str, number: int) -> bytes:
    exact = kind if kind in EXACT else "mail"
    told = "name" if kind == "street" else kind
    title, author = planted.new(exact, "page title"), planted.new(exact, "meta author")
    copied = quote(planted.new("mail", "cc"), safe="")
    licence = LICENCE if number % 3 else f"<p>(c) 2026 {planted.new(told, 'notice')}, all rights reserved</p>"
    body = (
        f"<p>{FILLER} Page {number} tells more of it, and of what the weather is like there in winter.</p>"
        f"<p>{html.escape(_said(planted, 'page', kind))}</p><p>{_said(planted, 'page', exact, 'entities')}</p>"
        f"<p><a href='mailto:{planted.new('mail', 'mailto')}?cc={copied}'>Write</a></p>"
        f"<img src='p.jpg' alt='{planted.new(kind, 'alt')}'><!-- {planted.new(kind, 'comment')} -->"
        f"<script>var u = '{planted.new(kind, 'script')}';</script><p>{FILLER}</p>{licence}"
        f"<p>Licensed under CC BY 4.0 by {planted.new(told, 'credit line')}</p>"
    )
    linked = {
        "@type": "Article",
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "author": {"email": author},
    }
    return (
        f"<html lang='en'><head><title>News {number} {title}</title><meta name='author' content='{author}'>"
        f"<meta name='description' content='{planted.new(kind, 'description')}'>"
        f"<script type='application/ld+json'>{json.dumps(linked)}</script></head>"
        f"<body><main><article><h1>News {number}</h1>{body}</article></main></body></html>"
    ).encode()


def _works(folder: Path, planted: Planted) -> None:
    """Files named by values, with sidecars, whole and broken; pictures with metadata."""
    folder.mkdir()
    for kind in ("mail", "phone", "card", "iban", "ssn"):
        name = planted.new(kind, "file name")
        (folder / f"{name}.txt").write_text(f"{FILLER} {_said(planted, 'file', kind)}", "utf-8")
        (folder / f"{name}.txt.license").write_text(
            f"SPDX-FileCopyrightText: 2026 {planted.new(kind, 'notice')}\nSPDX-License-Identifier: CC-BY-4.0\n"
        )
        broken = planted.new(kind, "name beside a broken sidecar")
        (folder / f"{broken}.txt").write_text(FILLER, "utf-8")
        (folder / f"{broken}.json").write_text(f'{{"title": "{planted.new(kind, "broken sidecar")}', "utf-8")
        (folder / f"other.{planted.new('mail', 'suffix')}").write_bytes(b"odd")
        picture = folder / f"{planted.new(kind, 'picture name')}.png"
        picture.write_bytes(_picture(planted, kind))
        sidecar = {
            "license": "CC-BY-4.0",
            "title": planted.new(kind, "sidecar"),
            "url": planted.new("mail", "sidecar url"),
        }
        picture.with_suffix(".json").write_text(json.dumps(sidecar), "utf-8")
        (folder / f"broken{kind}.jpg").write_bytes(b"\xff\xd8\xff" + planted.new(kind, "broken picture").encode())


def _picture(planted: Planted, kind: str) -> bytes:
    image = Image.new("RGB", (64, 64), (90, 120, 40))
    texts = PngImagePlugin.PngInfo()
    for name in ("Comment", "Author", "Copyright", "Description", planted.new("mail", "PNG key")):
        texts.add_text(name, f"by {planted.new(kind, 'PNG ' + name[:9])}", zip=name == "Comment")
    exif = Image.Exif()
    for tag in (0x010E, 0x013B, 0x8298, 0x9C9B, 0x0131):
        value = planted.new(kind, f"EXIF {tag:04x}")
        exif[tag] = value.encode("utf-16-le") if tag == 0x9C9B else value
    out = io.BytesIO()
    image.save(out, "PNG", pnginfo=texts, exif=exif)
    return out.getvalue()


def _contributions(folder: Path, planted: Planted) -> None:
    """Contributed texts: who gave them, what they agreed to, dates that are none, files that are not there."""
    folder.mkdir()
    columns = ("file", "text", "contributor", "consent_scope", "granted_at", "withdrawn", "title", "caption", "licence")
    with (folder / "contributions.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, columns)
        out.writeheader()
        for kind in KINDS:
            text = f"{FILLER} {_said(planted, 'contribution', kind)}"
            exact = kind if kind in EXACT else "mail"
            whole = {"text": text, "contributor": planted.new(kind, "contributor"), "granted_at": "2026-01-01"}
            whole |= {"consent_scope": "train; share redacted", "title": planted.new(exact, "given title")}
            out.writerow({**whole, "caption": planted.new(kind, "caption")})
            out.writerow({**whole, "withdrawn": planted.new(kind, "withdrawal")})
            out.writerow({**whole, "consent_scope": f"train; {planted.new(exact, 'scope')}"})
            out.writerow({"file": f"{planted.new(exact, 'no such file')}.txt", "contributor": planted.new(kind, "c")})
            out.writerow({**whole, "licence": f"Ask {planted.new(exact, 'given licence')}"})
