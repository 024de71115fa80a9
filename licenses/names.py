"""Licence names in running text: `CC BY-SA 4.0`, `Creative Commons Namensnennung 3.0 Deutschland`, ..."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from licenses import ids
from licenses.urls import from_key, read_url

_VERSION = (
    r"(?:[\s,(–-]*(?:(?:v|ver|version|lizenz|licen[cs]e|licencia|licença|licenza|licentie)\b\.?[\s:,-]*){0,2}"
    r"(\d\.\d)(?![\d.]\d))?"
)
# Elements in capitals, or all in lower case with hyphens; "cc by someone" names nothing.
_SHORT = re.compile(
    r"(?<![\w/.@-])(?:CC|cc|Cc)[\s:®-]{0,2}(?:"
    r"(?:(\d\.\d)[\s-]{1,2}(?=BY))?"  # "CC 4.0 BY-SA"
    r"((?:BY)(?:[\s/_–-]{0,3}(?:NC|ND|SA|nc|nd|sa)(?![A-Za-z]))*|by(?:-(?:nc|nd|sa))+|by(?=[\s,-]{1,3}\d\.\d)|(?<=-)by(?![\w-]))(?![A-Za-z])"
    + _VERSION
    + r"|(0|Zero|ZERO)(?![\w.])(?:\s*1\.0)?)"
)
_COMMONS = re.compile(
    r"creative\s?-?commons|クリエイティブ・?コモンズ|知识共享|創用\s?CC|크리에이티브\s?커먼즈|криэйтив\s?коммонс", re.I
)
_LETTERS = re.compile(r"[\s:,(–-]*(?:(?:attribution|licen\w+|lizenz\w*|CC)[\s:,(–-]*){0,2}(?=by\b)", re.I)
_AFTER = 220  # characters in which the conditions follow the name of the organisation
_LONGEST = 1000  # characters of a licence field
# Words that may stand between the conditions, and between them and the version.
_GLUE = (
    r"(?:[\s,;:/.()\[\]\"'’“”„«»&+·•–—-]"
    r"|und|and|et|y|e|ja|och|og|en|the|lizenz(?:vertrag)?|licen[cs]e|licence|licencia|licença|licenza|de|unter|cc|by|nc|nd|sa){0,8}"
)


@dataclass(frozen=True, slots=True)
class Name:
    """A licence named in a text, and where."""

    licence: str
    start: int
    end: int


def find(text: str) -> Iterator[Name]:
    """Creative Commons licences that a text names, left to right."""
    names = sorted((*_short(text), *_long(text)), key=lambda name: (name.start, -name.end))
    reach = -1
    for name in names:
        if name.start >= reach:
            yield name
            reach = name.end


def read(written: str) -> str:
    """A licence field as an id: an address, an id, a key or a name; empty where it says none of these."""
    written = " ".join(written.split())
    if not written or len(written) > _LONGEST:
        return ""
    if (address := read_url(written)) is not None:
        return address.licence
    if licence := from_key(written.replace(" ", "-")):
        return licence
    return _words(written)


def _words(written: str) -> str:
    if named := next(find(written), None):
        return named.licence
    if len(written) < 120 and (plain := next(_conditions(written), None)) and plain.start == 0:
        return plain.licence  # "Attribution-ShareAlike 4.0 International", in a licence field
    if re.fullmatch(r"(?i)cc|creative commons(?: licen[cs]e)?", written):
        return ids.CC_UNSPECIFIED
    if (spelled := _SPELLED.get(_plain(written))) is not None:
        return spelled
    if re.fullmatch(r"(?i)(?:cc[- ])?public[- ]domain(?: mark)?(?: 1\.0)?\.?|pd|gemeinfrei", written):
        return "CC-PDM-1.0" if "mark" in written.lower() else ids.PUBLIC_DOMAIN
    if reserved(written):
        return ids.ALL_RIGHTS_RESERVED
    return ""


_RESERVED = re.compile(
    r"all\s+rights?\s+(?:are\s+)?reserved|alle\s+rechte\s+(?:sind\s+)?vorbehalten|tous\s+(?:les\s+)?droits\s+(?:sont\s+)?réservés|"
    r"(?:todos\s+los\s+)?derechos\s+(?:están\s+)?reservados|todos\s+os\s+direitos\s+(?:são\s+)?reservados|tutti\s+i\s+diritti\s+(?:sono\s+)?riservati|"
    r"alle\s+rechten\s+voorbehouden|wszelkie\s+prawa\s+zastrzeżone|alla\s+rättigheter\s+förbehållna|alle\s+rettigheder\s+forbeholdes|"
    r"все\s+права\s+защищены|無断転載(?:を)?(?:禁|厳禁)|版权所有|版權所有|모든\s?권리\s?보유|všechna\s+práva\s+vyhrazena|minden\s+jog\s+fenntartva|tüm\s+hakları\s+saklıdır",
    re.I,
)


# Titles of other licences in use in licence fields, as `_plain` leaves them.
_SPELLED = {
    "apache 2.0": "Apache-2.0",
    "apache software 2.0": "Apache-2.0",
    "bsd 2-clause": "BSD-2-Clause",
    "bsd 3-clause": "BSD-3-Clause",
    "gnu affero general public 3.0": "AGPL-3.0-only",
    "gnu free documentation": "GFDL-1.3-or-later",
    "gnu free documentation 1.3": "GFDL-1.3-only",
    "gnu general public 2.0": "GPL-2.0-only",
    "gnu general public 3.0": "GPL-3.0-only",
    "gnu lesser general public 3.0": "LGPL-3.0-only",
    "mit": "MIT",
    "mozilla public 2.0": "MPL-2.0",
    "datenlizenz deutschland – namensnennung – 2.0": "DL-DE-BY-2.0",
    "datenlizenz deutschland – zero – 2.0": "DL-DE-ZERO-2.0",
    "ouverte / open 2.0": "etalab-2.0",
    "ouverte 2.0": "etalab-2.0",
    "norwegian for open government data 2.0": "NLOD-2.0",
    "open government 2.0": "OGL-UK-2.0",
    "open government 3.0": "OGL-UK-3.0",
    "open government 3.0 united kingdom": "OGL-UK-3.0",
    "odc attribution": "ODC-By-1.0",
    "open data commons attribution": "ODC-By-1.0",
    "open data commons open database odbl": "ODbL-1.0",
    "open data commons public domain dedication and pddl": "PDDL-1.0",
    "open database": "ODbL-1.0",
    "open database odbl": "ODbL-1.0",
    "open database odbl 1.0": "ODbL-1.0",
}


def _plain(written: str) -> str:
    """A licence's title in lower case, without articles, brackets, "license" and the like."""
    lowered = re.sub(r"[,()\"]|\b(?:the|licen[cs]e|version|only)\b", " ", written.lower())
    return " ".join(re.sub(r"\bv\.?\s?(?=\d)", "", lowered).split())


def expression(written: str) -> tuple[tuple[str, ...], bool]:
    """Every licence of a field, and whether they are a choice: `MIT OR Apache-2.0`."""
    if len(written) > _LONGEST:
        return (), False
    parts = [part for part in re.split(r"\s+(?:OR|AND)\s+|[()]", written) if part.strip()]
    found = tuple(read(part) for part in parts)
    if len(parts) > 1 and re.search(r"\s(?:OR|AND)\s", written) and all(found):
        return found, " AND " not in written
    one = read(written)
    return ((one,) if one else ()), False


# A word of each of those sentences, to find them fast: plain search beats the pattern by far.
RESERVED_WORDS = (
    "reserved",
    "vorbehalten",
    "réservés",
    "reservados",
    "riservati",
    "voorbehouden",
    "zastrzeżone",
    "förbehållna",
    "forbeholdes",
    "защищены",
    "無断転載",
    "版权所有",
    "版權所有",
    "보유",
    "vyhrazena",
    "fenntartva",
    "saklıdır",
)


def reserved(text: str) -> re.Match[str] | None:
    """A sentence that keeps all rights, in one of sixteen languages."""
    return _RESERVED.search(text)


def _short(text: str) -> Iterator[Name]:
    for found in _SHORT.finditer(text):
        early, written, late, zero = found.groups()
        if zero:
            yield Name("CC0-1.0", found.start(), found.end())
            continue
        version = late or early or ""
        port, end = _port(text, found.end()) if version else ("", found.end())
        unit = re.sub(r"[\s/_–-]+", "-", written)
        if tool := ids.tool(unit, version, port):
            yield Name(tool.id, found.start(), end)


def _long(text: str) -> Iterator[Name]:
    for commons in _COMMONS.finditer(text):
        after = text[commons.end() : commons.end() + _AFTER]
        if (letters := _LETTERS.match(after)) and (coded := _SHORT.match("CC " + _upper_by(after[letters.end() :]))):
            tool = next(_short(coded.string), None)
            if tool is not None:
                yield Name(tool.licence, commons.start(), commons.end() + letters.end() + tool.end - 3)
                continue
        for name in _conditions(after):
            if name.start <= 40:
                yield Name(name.licence, commons.start(), commons.end() + name.end)
            break
        else:
            if re.match(r"\s*(?:[-–]\s*)?(?:CC\s*)?(?:zero|0)\b", after, re.I):
                yield Name("CC0-1.0", commons.start(), commons.end() + 5)


def _upper_by(text: str) -> str:
    """After the words "Creative Commons" the letters may be small."""
    return re.sub(r"^by(?:[\s/_–-]{0,3}(?:nc|nd|sa)\b)*", lambda found: found[0].upper(), text, flags=re.I)


def _conditions(text: str) -> Iterator[Name]:
    """A run of conditions, with the version and jurisdiction that follow it."""
    for found in _run().finditer(text):
        unit = "-".join(key for key, pattern in _elements().items() if pattern.search(found[0]))
        if "by" not in unit and found.start() > 40:
            continue
        version = re.match(rf"{_GLUE}{_VERSION}", text[found.end() :], re.I)
        stated = version[1] if version and version[1] else ""
        port, end = _port(text, found.end() + (version.end() if version else 0)) if stated else ("", found.end())
        if not stated and (named := _port(text, found.end()))[0]:  # "Attribution Germany 3.0"
            later = re.match(r"[\s,(]*(\d\.\d)", text[named[1] :])
            stated, port, end = (later[1], named[0], named[1] + later.end()) if later else ("", "", end)
        unit = unit if unit.startswith("by") or stated == "1.0" else f"by-{unit}"
        if tool := ids.tool(unit, stated, port):
            yield Name(tool.id, found.start(), max(end, found.end()))


def _port(text: str, offset: int) -> tuple[str, int]:
    found = _ports().match(text, offset)
    if found is None:
        return "", offset
    word = next(key for key, value in found.groupdict().items() if value)
    return word.removeprefix("port_"), found.end()


@cache
def _data() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((Path(__file__).parent / "data" / "names.toml").read_text(encoding="utf-8"))


@cache
def _elements() -> dict[str, re.Pattern[str]]:
    words = {key: "|".join(word.replace("*", r"\w*") for word in found) for key, found in _data()["elements"].items()}
    return {key: re.compile(words[key], re.I) for key in ("by", "nc", "nd", "sa")}


@cache
def _run() -> re.Pattern[str]:
    words = "|".join(pattern.pattern for pattern in _elements().values())
    return re.compile(rf"(?:{words})(?:{_GLUE}(?:{words}))*", re.I)


@cache
def _ports() -> re.Pattern[str]:
    known = {port for version in ("1.0", "2.0", "2.1", "2.5", "3.0") for port in ids.ports(version)}
    parts = []
    for port in sorted(known):
        words = [rf"(?:{word})" for word in _data()["ports"].get(port, [])]
        words.append(f"(?-i:{port.upper()})")
        parts.append(f"(?P<port_{port}>{'|'.join(words)})")
    return re.compile(rf"[\s,(/–-]{{0,4}}(?:{'|'.join(parts)})(?!\w)", re.I)
