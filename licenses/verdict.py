"""One verdict from many claims: which licence, how sure, and every reason for it.

It reads nothing but the claims, so that stored facts give the same verdict again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from catalog.values import Claim, Reason
from licenses import ids

Point = Literal["release", "review", "none"]

# What a claim weighs: a statement made to be read as one; a notice in words; a link without words; a hint.
STATED, NOTICED, BARE, HINTED = 4, 3, 2, 1
_WEIGHTS = {
    "licence_link": NOTICED,
    "prose": NOTICED,
    "reserved": NOTICED,
    "bare_link": BARE,
    "badge": HINTED,
    "page_state": HINTED,
    "record_text": HINTED,
}
# Nearer to the work speaks louder: its own notice, then its metadata, then the site's frame.
_NEARNESS = {
    "address": 5,
    "record": 4,
    "choice": 4,
    "article": 4,
    "words": 3,
    "head": 3,
    "header": 3,
    "body": 3,
    "footer": 2,
    "aside": 2,
    "script": 1,
}
_PUBLIC_DOMAIN = frozenset((ids.PUBLIC_DOMAIN, "CC-PDM-1.0", "CC-PDDC"))
_PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".svg", ".tif", ".tiff", ".mp3", ".mp4", ".ogg", ".webm")
_RESTRICTIVE = ("zero", "certification", "mark", "by", "by-sa", "by-nc", "by-nc-sa", "by-nd", "by-nc-nd")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The licence of a record's own main content. `release`: stated clearly; `review`: a person should look."""

    licence: str | None
    point: Point
    reasons: tuple[Reason, ...] = ()
    claims: tuple[Claim, ...] = ()
    conflicts: tuple[Claim, ...] = ()  # claims that speak against the licence
    choice: tuple[str, ...] = ()  # licences offered side by side: any one may be taken

    @property
    def only_public_domain(self) -> bool:
        """Is the one doubt that the public domain is somebody's assertion? A recipe may trust its source."""
        doubts = {reason.id for reason in self.reasons} - {"licence-stated", "licence-choice"}
        return doubts == {"public-domain-claimed"}


def resolve(claims: Sequence[Claim]) -> Verdict:
    """The verdict that these claims support; the same for the same claims in any order."""
    own = sorted((c for c in claims if c.scope in ("page", "text", "part")), key=_order)
    granting = [claim for claim in own if claim.licence != ids.ALL_RIGHTS_RESERVED]
    keeping = [claim for claim in own if claim.licence == ids.ALL_RIGHTS_RESERVED]
    if not granting:
        return _nothing(tuple(claims), keeping)
    offered = _offered(granting)
    if offered:
        return _choice(tuple(claims), offered, keeping)
    heard = max(granting, key=_loudness)
    licence = _refined(heard.licence, granting)
    against = tuple(c for c in granting if not compatible(c.licence, licence))
    doubts = [*_doubts(licence, heard), *_conflicts(heard, against), *_kept(heard, keeping)]
    reasons = [Reason("licence-stated", f"{heard.channel} in {heard.where or 'the record'}", licence)]
    if unversioned(licence):
        reasons.append(Reason("licence-unversioned", "the version was not stated: the oldest is assumed", licence))
    conflicts = against + tuple(keeping if any(d.id == "all-rights-reserved" for d in doubts) else ())
    return Verdict(licence, "review" if doubts else "release", (*reasons, *doubts), tuple(claims), conflicts)


def compatible(one: str, other: str) -> bool:
    """Do two ids say the same, one perhaps less exactly (no version, no port, no conditions)?"""
    if one == other:
        return True
    if ids.CC_UNSPECIFIED in (one, other):
        return ids.tool_of(one if other == ids.CC_UNSPECIFIED else other) is not None
    if ids.PUBLIC_DOMAIN in (one, other):
        return {one, other} <= {*_PUBLIC_DOMAIN, "CC0-1.0"}
    first, second = ids.tool_of(one), ids.tool_of(other)
    if first is None or second is None or first.unit != second.unit:
        return False
    if not first.version or not second.version:
        return True
    return first.version == second.version and not (first.port and second.port)


def _order(claim: Claim) -> tuple[object, ...]:
    return (claim.start, claim.channel, claim.licence, claim.where, claim.url_written)


def weight(claim: Claim) -> int:
    """How much a claim's channel counts; a channel we do not know states."""
    return _WEIGHTS.get(claim.channel, STATED)


def _loudness(claim: Claim) -> tuple[object, ...]:
    """Which claim decides: full scope, a notice over a hint, the work's own words over the frame's, then exactness."""
    tool = ids.tool_of(claim.licence)
    exact = tool is None or bool(tool.version)
    return (
        claim.scope != "part",
        min(weight(claim), NOTICED),
        claim.licence not in (ids.CC_UNSPECIFIED, ids.OTHER),
        _NEARNESS.get(claim.where, 3),
        weight(claim),
        exact,
        _restriction(claim.licence),
    )


def _restriction(licence: str) -> int:
    tool = ids.tool_of(licence)
    return _RESTRICTIVE.index(tool.unit) if tool and tool.unit in _RESTRICTIVE else 99


def _refined(licence: str, granting: list[Claim]) -> str:
    """An inexact id made exact by a claim that agrees with it, where only one version is named."""
    tool = ids.tool_of(licence)
    if licence not in (ids.CC_UNSPECIFIED, ids.PUBLIC_DOMAIN) and (tool is None or tool.version):
        return licence
    exact = {c.licence for c in granting if compatible(c.licence, licence) and c.licence != licence}
    return exact.pop() if len(exact) == 1 else licence


def _nothing(claims: tuple[Claim, ...], keeping: list[Claim]) -> Verdict:
    if sole := _sole_object(claims):
        reason = Reason("licence-object", "the one thing that the page licenses is named, and is not a picture", sole)
        return Verdict(sole, "review", (reason,), claims)
    if keeping:
        reason = Reason("all-rights-reserved", "the page keeps all rights", keeping[0].where)
        return Verdict(None, "none", (reason,), claims)
    scopes = sorted({claim.scope for claim in claims})
    if scopes:
        reason = Reason("licence-scope", "what was found covers something else than the record", ", ".join(scopes))
        return Verdict(None, "none", (reason,), claims)
    return Verdict(None, "none", (Reason("no-licence-found", "no channel found a licence"),))


def _sole_object(claims: tuple[Claim, ...]) -> str:
    """A page about one thing (a data set, a book) that markup names by its address, as `about=` does."""
    named = [claim for claim in claims if claim.scope == "object" and claim.subject]
    pictured = any(claim.subject.lower().endswith(_PICTURES) or claim.subject.startswith("#") for claim in named)
    one = len({claim.subject for claim in named}) == 1 and len({claim.licence for claim in named}) == 1
    return named[0].licence if one and not pictured else ""


def _offered(granting: list[Claim]) -> tuple[Claim, ...]:
    """Claims that offer different licences side by side, where that is all the page says."""
    choice = [claim for claim in granting if claim.where == "choice"]
    different = {claim.licence for claim in choice}
    exclusive = len(different) > 1 and all(
        weight(c) == HINTED or c in choice or c.licence in different for c in granting
    )
    return tuple(choice) if exclusive else ()


def _choice(claims: tuple[Claim, ...], offered: tuple[Claim, ...], keeping: list[Claim]) -> Verdict:
    licences = tuple(sorted({claim.licence for claim in offered}, key=lambda each: (_restriction(each), each)))
    best = max(licences, key=lambda each: (-_restriction(each), _version(each), each))
    reasons = [Reason("licence-choice", "offered side by side: any one may be taken", ", ".join(licences))]
    reasons += _doubts(best, offered[0]) + _kept(offered[0], keeping)
    return Verdict(best, "review" if len(reasons) > 1 else "release", tuple(reasons), claims, choice=licences)


def _version(licence: str) -> str:
    tool = ids.tool_of(licence)
    return tool.version if tool else ""


def _doubts(licence: str, heard: Claim) -> list[Reason]:
    """What about the claim itself asks for a person."""
    tool = ids.tool_of(licence)
    doubts = []
    if weight(heard) == HINTED:
        doubts.append(Reason("licence-hinted", "only a button or a script says so", heard.channel))
    if heard.scope == "part":
        doubts.append(Reason("licence-part", "the notice makes exceptions", heard.where))
    if licence in (ids.CC_UNSPECIFIED, ids.OTHER):
        doubts.append(Reason("licence-unspecified", "a licence is claimed, but not which", licence))
    if ids.invented(licence):
        doubts.append(Reason("licence-version", "Creative Commons published no such version", licence))
    if licence in _PUBLIC_DOMAIN:
        doubts.append(Reason("public-domain-claimed", "somebody's assertion, not a licence", licence))
    if tool is not None and tool.retired and licence not in _PUBLIC_DOMAIN:
        doubts.append(Reason("licence-retired", f"retired on {tool.retired}", licence))
    return doubts


def _conflicts(heard: Claim, against: tuple[Claim, ...]) -> list[Reason]:
    """Other licences: a doubt, unless they only come from hints while the deciding claim states its own."""
    if heard.channel == "legal_text":  # a licence text names other licences
        return []
    # What may cover only a part of the page may stand beside what covers the whole.
    against = tuple(c for c in against if c.scope != "part" or heard.scope == "part")
    loud = [c for c in against if weight(c) >= min(weight(heard), NOTICED) or _is_same_notice(heard, c)]
    if not loud:
        return []
    licences = sorted({claim.licence for claim in loud})
    return [Reason("licence-conflict", f"also claimed by {loud[0].channel} in {loud[0].where}", ", ".join(licences))]


def _is_same_notice(one: Claim, other: Claim) -> bool:
    """A button inside the link that it contradicts."""
    return one.start >= 0 and other.start >= 0 and one.start - 300 <= other.start <= max(one.end, one.start) + 300


def _kept(heard: Claim, keeping: list[Claim]) -> list[Reason]:
    """All rights kept in the work itself, or in the very place that grants the licence."""
    near = [c for c in keeping if c.where in ("article", "record", "words") or c.where == heard.where]
    if not near:
        return []
    return [Reason("all-rights-reserved", "the page also keeps all rights", near[0].where)]


def unversioned(licence: str) -> bool:
    """Is the version of this licence not stated?"""
    tool = ids.tool_of(licence)
    return tool is not None and not tool.version
