"""What a licence permits, with its conditions and the section that says so; what a transform does in law."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from catalog.errors import UsageError
from licenses import ids
from licenses.ids import Tool

Basis = Literal["licence", "consent", "exception", "unknown"]
Mark = Literal["text", "contested", "policy"]
USES = ("train", "share", "share redacted", "adapt", "commercial")
NONCOMMERCIAL = "noncommercial purpose"


@dataclass(frozen=True, slots=True)
class Permission:
    """An answer with its ground. `mark`: the licence's own text, contested among lawyers, or our policy."""

    answer: Literal["yes", "no", "unknown"]
    basis: Basis
    conditions: tuple[str, ...] = ()
    section: str = ""
    mark: Mark = "text"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a transform does to a work under a licence, and whether the changed copy may be made or shared."""

    adaptation: bool
    permitted: Literal["yes", "no", "unknown"]
    mark: Mark
    section: str
    why: str


UNKNOWN = Permission(
    "unknown", "unknown", section="no licence is known, and unknown is never permission", mark="policy"
)


def permits(licence: str | None, use: str) -> Permission:
    """May a work under this licence be put to this use (`train`, `share`, `share redacted`, `adapt`, `commercial`)?"""
    if use not in USES:
        raise UsageError(f"expected one of the uses {', '.join(USES)}, found {use!r}", cure="Name one of them.")
    if licence is None:
        return UNKNOWN
    if (row := _rows().get(licence)) is not None:
        return _other(licence, row, use)
    tool = ids.tool_of(licence)
    if tool is None or not tool.elements:
        # A port of a sampling licence follows the unported text.
        base = _rows().get(Tool(tool.unit, tool.version).id) if tool and tool.version else None
        return _other(licence, base, use) if base else UNKNOWN
    return _cc(tool, use)


def effect(licence: str | None, transform: str, *, shared: bool = True) -> Effect:
    """What a transform (`Transform.name`) does in law to a work under this licence.

    `shared`: the changed copy is to be passed on; otherwise it is only made and kept.
    """
    tool = ids.tool_of(licence)
    row = _transform(transform, tool)
    sections = _sections(tool) if tool and tool.elements else {}
    if row["effect"] == "adaptation":
        permission = permits(licence, "share redacted" if shared else "adapt")
        forbidden = permission.section if permission.answer == "no" else ""
        return Effect(True, permission.answer, row["mark"], forbidden or sections.get(row["section"], ""), row["why"])
    answer = permits(licence, "share" if shared else "train").answer
    return Effect(False, answer, row["mark"], sections.get(row["section"], ""), row["why"])


def _transform(name: str, tool: Tool | None) -> dict[str, Any]:
    """The row for a transform; one that we know nothing of changes the work, for all we know."""
    version = tool.version if tool else ""
    rows = [row for row in law()["transform"] if row["name"] == name and version in row.get("versions", (version,))]
    unknown = {"effect": "adaptation", "mark": "policy", "section": "adapt"}
    return rows[0] if rows else {**unknown, "why": "not in our table: treated as an adaptation"}


@cache
def law() -> dict[str, Any]:
    """The table of licences."""
    return tomllib.loads((Path(__file__).parent / "data" / "licences.toml").read_text(encoding="utf-8"))


@cache
def _rows() -> dict[str, dict[str, Any]]:
    return {licence: row for row in law()["tool"] for licence in row["ids"]}


def copyleft(licence: str) -> bool:
    """Must an adaptation carry the same licence (other than Creative Commons)?"""
    return bool(_rows().get(licence, {}).get("alike"))


def _sections(tool: Tool) -> dict[str, str]:
    """Citations for a tool; an unversioned one is read as the oldest, which grants least."""
    version = tool.version or "1.0"
    table = dict(law()["cc"]["2.0" if version.startswith("2") else version])
    if version == "4.0":
        table["nc"] = law()["noncommercial_4"].get(tool.unit, "")
    else:
        table["attribution"] = law()["attribution"].get(tool.unit, "")
        table["nc"] = law()["noncommercial"].get(tool.unit, "")
        if table["attribution"]:  # up to 2.5 the credit itself tells that the work was used in another
            table.setdefault("changes", table["attribution"])
        if "nd" in tool.elements:  # without derivative works the grants are lettered anew
            table["share"] = "3(a), 3(b)"
    return table


def _cc(tool: Tool, use: str) -> Permission:
    cite = _sections(tool)
    elements = tool.elements
    mark: Mark = "text" if tool.version else "policy"
    conditions = [f"attribution ({cite['attribution']})"] if "by" in elements else []
    if "nc" in elements:
        if use == "commercial":
            return Permission("no", "licence", (), cite["nc"], mark)
        conditions.append(f"{NONCOMMERCIAL} ({cite['nc']})")
    if tool.port:
        conditions.append(f"the {tool.port.upper()} text governs: sections may differ")
    if use == "commercial":
        return Permission("yes", "licence", tuple(conditions), cite["share"], mark)
    if use == "train":
        if "sa" in elements:
            conditions.append("share-alike, where a model counts as an adaptation")
        # Copying is granted; whether a model is an adaptation is not settled.
        return Permission("yes", "licence", tuple(conditions), cite["share"], "contested")
    if use == "share":
        return Permission("yes", "licence", tuple(conditions), cite["share"], mark)
    return _adapted(tool, use, cite, conditions, mark)


def _adapted(tool: Tool, use: str, cite: dict[str, str], conditions: list[str], mark: Mark) -> Permission:
    if "nd" in tool.elements:
        if use == "adapt" and tool.version == "4.0":
            return Permission("yes", "licence", ("not to be shared", *conditions), cite["nd"], mark)
        # That redaction makes an adaptation is our reading; that adaptations are not granted is the text's.
        return Permission("no", "licence", (), cite["nd"], "policy" if use == "share redacted" else mark)
    if use == "share redacted":
        conditions.append("say that it was modified" + (f" ({cite['changes']})" if "changes" in cite else ""))
        if "sa" in tool.elements:
            conditions.append(f"share-alike ({cite['sharealike']})")
        return Permission("yes", "licence", tuple(conditions), cite["share_adapted"], mark)
    return Permission("yes", "licence", tuple(conditions), cite["adapt"], mark)


def _other(licence: str, row: dict[str, Any], use: str) -> Permission:
    key = {"train": "share", "share redacted": "adapt"}.get(use, use)
    said = row[key]
    if licence == ids.ALL_RIGHTS_RESERVED:
        # Training may rest on an exception; which one holds where is not for a table to say.
        return Permission("no", "unknown", (), row["section"], "text" if use != "train" else "policy")
    if said == "unknown":
        return Permission("unknown", "unknown", (), row["section"], "policy")
    conditions = tuple(row.get("conditions", ())) + ((NONCOMMERCIAL,) if said == "noncommercial" else ())
    mark: Mark = "contested" if use == "train" and said != "no" else "text"
    return Permission("no" if said == "no" else "yes", "licence", conditions, row["section"], mark)
