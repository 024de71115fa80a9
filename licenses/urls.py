"""Addresses of licences, as people write them, and the licence each one names."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from licenses import ids
from licenses.ids import Tool

# An archive keeps the address it archived at the end of its own.
_ARCHIVE = re.compile(
    r"^(?:(?:https?:)?(?://)?(?:web\.archive\.org|archive\.(?:is|ph|today)|wayback\.[\w.-]+|webcache\.[\w.-]+)|(?=/web/\d))/"
    r"\S{0,200}?(?=(?:https?:/|www\.)?/?(?:[\w-]+\.)?(?:creativecommons\.org|licensebuttons\.net))",
    re.I,
)
_HOST = re.compile(
    r"^(?:https?:/{0,2}|//)?(?:[\w-]+\.)?(creativecommons\.(?:org|net)|licensebuttons\.net|web\.resource\.org)(?=[/:]|$)",
    re.I,
)
_TOOL = re.compile(
    r"^/(?:licen[sc]es?|l|p)/([a-z+_-]{2,16})(?:/v?(\d(?:\.\d)?)(?!\d))?/*([a-z_]{2,9}(?=[/?#.]|$)(?!\.(?:png|svg|gif)))?",
    re.I,
)
_PUBLIC = re.compile(
    r"^/(?:publicdomain|public-domain|p)/(zero|cc0|mark|certification)(?:/(\d(?:\.\d)?))?(?=[/?#]|$)", re.I
)
_CC0_PAGES = re.compile(r"^/(?:about/cc0|share-your-work/public-domain/cc0|publicdomain/zero)(?=[/?#]|$)", re.I)
_OLD_NAMES = re.compile(r"^/(?:licenses/publicdomain|cc/publicdomain|licenses/pd)(?=[/?#]|$)", re.I)
_WRAPPED = re.compile(r"^/licenses/(l?gpl)/(\d(?:\.\d)?)", re.I)  # the "CC-GNU" deeds of the GPL
_BADGE = re.compile(r"\.(?:png|gif|svg|jpe?g)(?:[?#]|$)", re.I)
_SCHEME = re.compile(r"^(?:https?:)?(?://)?(?:www\.)?", re.I)
_OTHERS = (  # (host and path, how the rest of the path becomes an id)
    (
        re.compile(
            r"(?:spdx\.org|choosealicense\.com|opensource\.org)/licen[sc]es?/([\w.+-]+?)(?:\.(?:html|php|txt|json))?/?$",
            re.I,
        ),
        "",
    ),
    (re.compile(r"opendatacommons\.org/licenses/(by|odbl|pddl|dbcl)(?:[/?#-]|$)", re.I), "odc"),
    (
        re.compile(
            r"gnu\.org/(?:licenses|copyleft)/(?:old-licenses/)?([alf]?gpl|fdl)(?:-(\d\.\d))?(?:\.\w+|-standalone\.html|\.en\.html)?/?(?:[?#]|$)",
            re.I,
        ),
        "gnu",
    ),
    (re.compile(r"apache\.org/licenses/LICENSE-(\d\.\d)", re.I), "apache"),
    (re.compile(r"artlibre\.org/(?:licence/)?lal", re.I), "fal"),
    (re.compile(r"unlicense\.org/?$", re.I), "unlicense"),
    (re.compile(r"cdla\.(?:dev|io)/(permissive|sharing)-(\d)-(\d)", re.I), "cdla"),
    (re.compile(r"nationalarchives\.gov\.uk/doc/open-government-licence(?:/version/(\d))?", re.I), "ogl"),
    (re.compile(r"(?:govdata\.de/dl-de/|dcat-ap\.de/def/licenses/dl-)(by|zero)-(?:de/)?2[-/.]0", re.I), "dl-de"),
    (re.compile(r"data\.norge\.no/nlod/(?:\w+/)?(\d)\.0", re.I), "nlod"),
    (re.compile(r"etalab\.gouv\.fr/\S*(?:licence-ouverte|open-licen[cs]e)", re.I), "etalab"),
    (re.compile(r"rightsstatements\.org/(?:vocab|page)/InC(?:-\w+)*/", re.I), "reserved"),
)
_ODC = {"by": "ODC-By-1.0", "odbl": "ODbL-1.0", "pddl": "PDDL-1.0", "dbcl": "LicenseRef-DbCL-1.0"}


@dataclass(frozen=True, slots=True)
class LicenceUrl:
    """What an address says: the licence, its canonical address, and whether it was a button's picture."""

    licence: str
    url: str
    badge: bool = False


@lru_cache(maxsize=4096)
def read_url(written: str) -> LicenceUrl | None:
    """The licence that an address names; None where it names none."""
    if len(written) > 2000:
        return None
    address = clean(written)
    host = _HOST.match(address)
    if host is None:
        return _other(address)
    path = re.sub(r"/{2,}", "/", re.sub(r"^:\d+", "", address[host.end() :]))
    tool = _cc_tool(path)
    if tool is not None:
        return LicenceUrl(tool.id, tool.url, bool(_BADGE.search(path)))
    if wrapped := _WRAPPED.match(path):
        licence = _spdx(f"{wrapped[1]}-{ids_version(wrapped[2])}")
        return LicenceUrl(licence, f"https://spdx.org/licenses/{licence}") if licence else None
    return None


def clean(written: str) -> str:
    """Entities, escapes, spaces and archive prefixes taken off."""
    address = html.unescape(written).replace("\\", "")
    for _ in range(2):
        address = unquote(address)
    address = re.sub(r"\s+", "", address)
    return _ARCHIVE.sub("", address, count=1)


def canonical(licence: str | None) -> str:
    """The address where a licence is read; empty where none is known."""
    tool = ids.tool_of(licence)
    if tool is not None:
        return tool.url
    return "" if not licence or licence.startswith("LicenseRef-") else f"https://spdx.org/licenses/{licence}"


def ids_version(version: str) -> str:
    """`2` as `2.0`."""
    return version if "." in version else f"{version}.0"


def _cc_tool(path: str) -> Tool | None:
    if _OLD_NAMES.match(path):
        return Tool("certification", "1.0", "us")
    if public := _PUBLIC.match(path):
        name = public[1].lower()
        return ids.tool("zero" if name == "cc0" else name, public[2] or "")
    if _CC0_PAGES.match(path):
        return Tool("zero", "1.0")
    found = _TOOL.match(path)
    if found is None:
        return None
    return ids.tool(found[1].rstrip("-_"), found[2] or "", (found[3] or "").replace("_", "-"))


def _other(address: str) -> LicenceUrl | None:
    bare = _SCHEME.sub("", address)
    for pattern, kind in _OTHERS:
        if found := pattern.match(bare):
            licence = _other_id(kind, found)
            return LicenceUrl(licence, canonical(licence)) if licence else None
    return None


def _other_id(kind: str, found: re.Match[str]) -> str:
    if kind == "odc":
        return _ODC[found[1].lower()]
    if kind == "gnu":
        family = {"fdl": "GFDL"}.get(found[1].lower(), found[1].upper())
        return _spdx(f"{family}-{found[2]}") if found[2] else ""
    if kind == "ogl":
        return f"OGL-UK-{found[1] or 3}.0"
    if kind == "dl-de":
        return f"DL-DE-{found[1].upper()}-2.0"
    if kind == "nlod":
        return f"NLOD-{found[1]}.0"
    if kind == "cdla":
        return f"CDLA-{found[1].title()}-{found[2]}.{found[3]}"
    if kind == "apache":
        return _spdx(f"Apache-{found[1]}")
    fixed = {"fal": "LAL-1.3", "unlicense": "Unlicense", "etalab": "etalab-2.0", "reserved": ids.ALL_RIGHTS_RESERVED}
    return fixed[kind] if kind in fixed else from_key(found[1])


# Names in use on sites that list licences, where they differ from the SPDX id.
_KEYS = {
    "odc-by": "ODC-By-1.0",
    "odbl": "ODbL-1.0",
    "pddl": "PDDL-1.0",
    "gfdl": "GFDL-1.3-or-later",
    "wtfpl": "WTFPL",
    "unlicense": "Unlicense",
    "mit-license": "MIT",
    "bsd-license": "BSD-2-Clause",
    "cc0": "CC0-1.0",
    "dl-de/by-2-0": "DL-DE-BY-2.0",
    "dl-de/zero-2-0": "DL-DE-ZERO-2.0",
}


_KEY = re.compile(
    r"(?:cc-|cc(?=0)|(?=by-(?:nc|nd|sa)\b|by[-/]\d|pdm$))(by(?:-(?:nc|nd|sa))*|0|zero|pdm?)(?:[-/](\d{1,2}(?:\.\d{1,2})?))?(?:[-/]([a-z]{2,9}))?/?"
)


def from_key(key: str) -> str:
    """A short licence key such as `cc-by-sa-4.0`, `odc-by` or `gpl-3.0` as an id; empty where it is none."""
    key = key.strip().lower()
    if key in _KEYS:
        return _KEYS[key]
    if licence := _spdx(key):
        return licence
    found = _KEY.fullmatch(key)
    if found is None:
        return ""
    unit = {"0": "zero", "pd": "mark", "pdm": "mark"}.get(found[1], found[1])
    port = found[3] or ""
    tool = ids.tool(unit, found[2] or "", port)
    if tool and port and not ids.is_place(port):
        tool = Tool(tool.unit, tool.version, "elsewhere")  # the word itself may be anybody's name
    return tool.id if tool else ""


def _spdx(key: str) -> str:
    return ids.spdx_ids().get(key.lower(), "")
