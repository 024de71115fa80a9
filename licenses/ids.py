"""Licence ids: every Creative Commons tool with its version and port, and the SPDX ids of others.

An id is an SPDX id where there is one; otherwise `LicenseRef-` with version and port, or
with "unversioned" where the version was not stated. A version that was stated and never published stays in the id.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ALL_RIGHTS_RESERVED = "LicenseRef-all-rights-reserved"
PUBLIC_DOMAIN = "LicenseRef-public-domain"  # said to be, without a tool that says how
CC_UNSPECIFIED = "LicenseRef-CC-unspecified"  # "a Creative Commons licence", and no more
OTHER = "LicenseRef-other"
SIX = ("by", "by-nc", "by-nc-nd", "by-nc-sa", "by-nd", "by-sa")

# Tools whose ids do not follow the pattern CC-<UNIT>-<VERSION>[-<PORT>].
_NAMED = {"zero": "CC0-1.0", "mark": "CC-PDM-1.0", "certification": "CC-PDDC"}
# What stands behind a version and is no port: the language of a deed, or that there is none.
_LANGUAGES = (
    "ar az be bg bn ca cs cy da deed el en eo et eu fa ga gl he hi id int intl is ja ka ko lt lv ms nb "
    "ru sk sr sv uk vi zh"
)
_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Tool:
    """One Creative Commons tool. No version: it was not stated. `unit` has the order of today's URLs."""

    unit: str
    version: str = ""
    port: str = ""

    @property
    def id(self) -> str:
        """SPDX id where there is one, else a LicenseRef."""
        if named := _NAMED.get(self.unit):
            return named if self.version in ("", "1.0") else f"LicenseRef-{named.removesuffix('-1.0')}-{self.version}"
        unit = self.unit.replace("+", "-plus").upper()
        if not self.version:
            return f"LicenseRef-CC-{unit}-unversioned"
        plain = f"CC-{unit}-{self.version}" + (f"-{self.port.upper()}" if self.port else "")
        return plain if plain in spdx_cc_ids() else f"LicenseRef-{plain}"

    @property
    def url(self) -> str:
        """The canonical address of the deed; without a version, of the family."""
        unit = "by-nd-nc" if (self.unit, self.version) == ("by-nc-nd", "1.0") else self.unit
        folder = "publicdomain" if unit in _NAMED else "licenses"
        parts = [part for part in (unit, self.version, self.port) if part]
        return f"https://creativecommons.org/{folder}/{'/'.join(parts)}/"

    @property
    def elements(self) -> frozenset[str]:
        """The conditions: by, nc, nd, sa (empty for the public domain tools)."""
        return frozenset(self.unit.replace("+", "").split("-")) & {"by", "nc", "nd", "sa"}

    @property
    def retired(self) -> str:
        """The day the tool was retired, or nothing."""
        return tools().get(self, "")

    @property
    def known(self) -> bool:
        """Is it one of the tools that Creative Commons published?"""
        return self in tools()


@cache
def _table() -> dict[str, object]:
    return tomllib.loads((_DATA / "cc_tools.toml").read_text(encoding="utf-8"))


@cache
def tools() -> dict[Tool, str]:
    """Every published tool, with its date of retirement."""
    found: dict[Tool, str] = {}
    for family in _table()["family"]:  # type: ignore[attr-defined]
        units = SIX if family["units"] == "six" else family["units"]
        ports = ([""] if family.get("unported", True) else []) + family["ports"].split()
        for unit in units:
            found |= {Tool(unit, family["version"], port): family.get("retired", "") for port in ports}
    return found


def is_place(port: str) -> bool:
    """Is it a jurisdiction that some version was ported to, or the language of a deed?"""
    return port in _LANGUAGES.split() or any(port in ports(version) for version in versions())


@cache
def ports(version: str) -> frozenset[str]:
    """The jurisdictions that a version was ported to."""
    return frozenset(tool.port for tool in tools() if tool.version == version and tool.port)


@cache
def spdx_cc_ids() -> frozenset[str]:
    """The Creative Commons ids in the SPDX licence list."""
    generic = {f"CC-{unit.upper()}-{version}" for unit in SIX for version in ("1.0", "2.0", "2.5", "3.0", "4.0")}
    return frozenset({*generic, "CC-SA-1.0", *_NAMED.values(), *_table()["spdx"]["ported"]})  # type: ignore[index]


@cache
def _by_id() -> dict[str, Tool]:
    return {tool.id: tool for tool in tools()}


@cache
def tool_of(licence: str | None) -> Tool | None:
    """The Creative Commons tool behind an id, or None for every other licence."""
    if not licence or "CC" not in licence:
        return None
    if licence in _by_id():
        return _by_id()[licence]
    unit, found, _ = licence.removeprefix("LicenseRef-CC-").partition("-unversioned")
    unit = unit.lower().replace("-plus", "+")
    return Tool(unit) if found and unit in units() else None


@cache
def units() -> frozenset[str]:
    """Every element set that was ever published."""
    return frozenset(tool.unit for tool in tools())


def tool(unit: str, version: str = "", port: str = "") -> Tool | None:
    """The tool with these parts, forgiving what is written wrongly on the web.

    Elements may come in any order. A port that the version never had is taken for the language it mostly is.
    A version that was never published makes a tool that is not `known`.
    """
    unit = canonical_unit(unit)
    if unit not in units():
        return None
    version = f"{version}.0" if version.isdigit() else version
    if unit in _NAMED:
        return Tool(unit, version or "1.0", "us" if unit == "certification" else "")
    port = port.lower()
    for candidate in (Tool(unit, version, port), Tool(unit, version)):
        if candidate.known:
            return candidate
    return Tool(unit, "" if version in versions() else version)


@cache
def versions() -> frozenset[str]:
    """Every version that was ever published."""
    return frozenset(tool.version for tool in tools())


def invented(licence: str) -> bool:
    """Does the id name a version or a port that Creative Commons never published?"""
    return re.fullmatch(r"LicenseRef-CC.*-\d[\d.]*(-\w+)?", licence) is not None and tool_of(licence) is None


def canonical_unit(unit: str) -> str:
    """`by-nd-nc` and `BY_SA_NC` in today's order and spelling."""
    unit = unit.lower().replace("_", "-").replace(" ", "-")
    parts = set(unit.split("-"))
    if "by" in parts and parts <= {"by", "nc", "nd", "sa"}:
        return "-".join(part for part in ("by", "nc", "nd", "sa") if part in parts)
    return unit


@cache
def spdx_ids() -> dict[str, str]:
    """Every SPDX licence id by its lower-case spelling (loads the list at first use)."""
    from license_expression import get_license_index

    found = {}
    for entry in get_license_index():
        for key in (entry.get("spdx_license_key"), *entry.get("other_spdx_license_keys", ())):
            if key and not key.startswith("LicenseRef-"):
                found[key.lower()] = entry["spdx_license_key"]
    return found


@cache
def known() -> frozenset[str]:
    """Every id that a record may come to have."""
    fixed = (ALL_RIGHTS_RESERVED, PUBLIC_DOMAIN, CC_UNSPECIFIED, OTHER, *_NAMED.values())
    versions = {tool.id for tool in tools()} | {Tool(unit).id for unit in units()}
    return frozenset({*fixed, *versions, *spdx_ids().values()})
