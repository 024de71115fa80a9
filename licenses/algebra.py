"""How licences combine: side by side in a collection, or merged in one adaptation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from catalog.errors import UsageError
from licenses import ids
from licenses.ids import SIX, Tool
from licenses.permissions import NONCOMMERCIAL, copyleft, law, permits

How = Literal["collection", "adaptation"]
# What may license an adaptation of material under each (the chart of Creative Commons), least restrictive first.
_ADAPTERS = {
    "": ("by", "by-sa", "by-nc", "by-nd", "by-nc-sa", "by-nc-nd"),
    "by": ("by", "by-sa", "by-nc", "by-nd", "by-nc-sa", "by-nc-nd"),
    "by-nc": ("by-nc", "by-nc-sa", "by-nc-nd"),
    "by-sa": ("by-sa",),
    "by-nc-sa": ("by-nc-sa",),
}
_ONE_WAY = {"CC-BY-SA-4.0": ("GPL-3.0-only", "GPL-3.0-or-later", "LAL-1.3")}  # 3(b)(1) with 1(c): compatible licences


@dataclass(frozen=True, slots=True)
class Combination:
    """The outcome. `licence` None: refused, and `refusal` says why; "other": a mixed collection."""

    licence: str | None
    licences: tuple[str, ...]  # every one that went in, sorted; in a collection each item keeps its own
    conditions: tuple[str, ...] = ()
    refusal: str = ""
    section: str = ""

    @property
    def text(self) -> str:
        """The outcome as a sentence."""
        if self.licence is None:
            return f"Refused: {self.refusal}."
        conditions = f" Conditions: {'; '.join(self.conditions)}." if self.conditions else ""
        return f"{self.licence}, from {', '.join(self.licences)}.{conditions}"


def combine(licences: Sequence[str | None], how: How = "collection") -> Combination:
    """The licence of works put together. A collection never relabels an item; an adaptation has one licence."""
    if how not in ("collection", "adaptation"):
        raise UsageError(f"expected how to be 'collection' or 'adaptation', found {how!r}", cure="Name one of them.")
    if None in licences or not licences:
        return Combination(None, _sorted(licences), refusal="a licence is unknown, and unknown is never permission")
    given = _sorted(licences)
    return _collection(given) if how == "collection" else _adaptation(given)


def _sorted(licences: Sequence[str | None]) -> tuple[str, ...]:
    return tuple(sorted({licence for licence in licences if licence}))


def _collection(given: tuple[str, ...]) -> Combination:
    conditions: set[str] = set()
    for licence in given:
        permission = permits(licence, "share")
        if permission.answer != "yes":
            return Combination(
                None,
                given,
                refusal=f"{licence} does not let a copy be shared ({permission.section})",
                section=permission.section,
            )
        if any(NONCOMMERCIAL in condition for condition in permission.conditions):
            conditions.add(f"the whole only for a {NONCOMMERCIAL}")
    return Combination(given[0] if len(given) == 1 else "other", given, tuple(sorted(conditions)))


def _adaptation(given: tuple[str, ...]) -> Combination:
    for licence in given:
        permission = permits(licence, "share redacted")
        if permission.answer != "yes":
            refusal = f"{licence} does not let an adaptation be shared ({permission.section})"
            return Combination(None, given, refusal=refusal, section=permission.section)
    common = set.intersection(*(_outgoing(licence, given) for licence in given))
    if not common:
        return _refused(given)
    best = min(common, key=lambda licence: _preference(licence, given))
    needed = sorted({_plain(c) for licence in given for c in permits(licence, "share redacted").conditions})
    return Combination(best, given, tuple(needed))


def _plain(condition: str) -> str:
    return condition.partition(" (")[0]


def _refused(given: tuple[str, ...]) -> Combination:
    """Name two that cannot meet, where two suffice."""
    for one, other in combinations(given, 2):
        if not _outgoing(one, given) & _outgoing(other, given):
            section = "; ".join(f"{licence} {_clause(licence)}" for licence in (one, other) if _clause(licence))
            return Combination(
                None,
                given,
                refusal=f"{one} and {other} cannot be merged in one adaptation ({section})",
                section=section,
            )
    return Combination(None, given, refusal=f"no one licence satisfies all of {', '.join(given)}")


def _clause(licence: str) -> str:
    tool = ids.tool_of(licence)
    if tool is None or "sa" not in tool.elements:
        return "its copyleft clause" if copyleft(licence) else ""
    version = "2.0" if tool.version.startswith("2") else tool.version or "1.0"
    return str(law()["cc"][version]["sharealike"])


def _outgoing(licence: str, given: tuple[str, ...]) -> set[str]:
    """Licences that an adaptation of material under this one may carry, out of those in question."""
    tool = ids.tool_of(licence)
    candidates = _candidates(given)
    if tool is None or not (tool.elements or licence in ("CC0-1.0", "CC-PDDC")):
        others = {other for other in given if other not in {c.id for c in candidates}}
        return {licence} if copyleft(licence) else {c.id for c in candidates} | others | {licence}
    if "sa" not in tool.elements:
        unit = "" if not tool.elements else tool.unit
        found = {candidate.id for candidate in candidates if candidate.unit in _ADAPTERS.get(unit, ())}
        # Conditions of BY and CC0 can be met under another licence too; those of NC cannot.
        others = {other for other in given if ids.tool_of(other) is None} if "nc" not in tool.elements else set()
        return found | others | {licence}
    same = {candidate.id for candidate in candidates if candidate.unit == tool.unit and _accepts(tool, candidate)}
    return same | {licence} | ({*_ONE_WAY.get(licence, ())} & set(given))


def _accepts(mine: Tool, other: Tool) -> bool:
    """Share-alike by version: 1.0 itself only; later ones a later version; unported ones their own ports."""
    if mine.version in ("", "1.0"):
        return mine == other
    if not other.version or other.version < mine.version:
        return False
    return other.version > mine.version or other == mine or not mine.port


def _candidates(given: tuple[str, ...]) -> set[Tool]:
    tools = {tool for licence in given if (tool := ids.tool_of(licence)) is not None and tool.elements}
    versions = {tool.version for tool in tools if tool.version} | {"4.0"}
    # A Creative Commons licence is proposed only where one went in.
    generic = {Tool(unit, version) for unit in SIX for version in versions if tools}
    units = {tool.unit for tool in tools}
    ported = {Tool(unit, tool.version, tool.port) for tool in tools if tool.port for unit in units}
    return {tool for tool in generic | ported | tools if tool.known or tool in tools}


def _preference(licence: str, given: tuple[str, ...]) -> tuple[object, ...]:
    """Least restrictive; then no older than the newest that went in; then one that went in; then unported.

    Among licences that are not Creative Commons', the one with the most conditions keeps all of them.
    """
    tool = ids.tool_of(licence)
    if tool is None or not tool.elements:
        # The public domain only where nothing else went in; another licence only where it must be.
        return (-1 if set(given) == {licence} else 99, -len(permits(licence, "share redacted").conditions), licence)
    tools = [found for item in given if (found := ids.tool_of(item)) is not None]
    newest = max((found.version for found in tools), default="")
    order = [*_ADAPTERS[""]].index(tool.unit) if tool.unit in SIX else 50
    return (order, tool.version < newest, licence not in given, tool.version, bool(tool.port), licence)
