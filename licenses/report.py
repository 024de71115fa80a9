"""Answers in words, for the command line: what a file is under, and what a licence permits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from catalog.errors import NotFound, UsageError
from catalog.values import Claim, Declared, Preference
from licenses import ids
from licenses.names import read as read_name
from licenses.page import text_of
from licenses.permissions import USES, Effect, Permission, effect, law, permits
from licenses.reading import classify
from licenses.reservations import collect
from licenses.urls import canonical
from licenses.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Inspection:
    """A verdict with what is reserved, and the words for both."""

    verdict: Verdict
    preferences: tuple[Preference, ...]
    text: str
    unseen: str  # what was not captured with the file: nothing is known of it

    @property
    def evidence(self) -> tuple[tuple[str, str, str, str, str], ...]:
        """Each claim: licence, what it covers, channel, place, and the words it was read from."""
        marked = ((claim, " (conflict)" if claim in self.verdict.conflicts else "") for claim in self.verdict.claims)
        return tuple(
            (claim.licence + conflict, claim.scope, claim.channel, claim.where, _words(claim))
            for claim, conflict in marked
        )


@dataclass(frozen=True, slots=True)
class Explanation:
    """A permission, and the words for it."""

    licence: str
    use: str
    permission: Permission
    text: str


def inspect(source: Path | str | bytes, url: str = "", declared: Declared | None = None) -> Inspection:
    """The verdict on a saved page or record; for a picture pass what its metadata declares."""
    if isinstance(source, bytes):
        data = source
    else:
        try:
            data = Path(source).read_bytes()
        except OSError as error:
            raise NotFound(f"cannot be read: {error.strerror}", cure="Check the path.", place=str(source)) from error
    markup = "" if declared is not None and data[:3] in (b"\xff\xd8\xff", b"\x89PN", b"GIF", b"RIF") else decode(data)
    verdict = classify(markup, url, None, declared)
    preferences = tuple(collect(markup, url=url, declared=declared))
    text = "\n".join([describe(verdict), *(f"  {one.use}: {one.answer} ({one.channel})" for one in preferences)])
    return Inspection(verdict, preferences, text, "HTTP headers, robots.txt and tdmrep.json of the site")


def steps(licence: str) -> tuple[tuple[str, Effect], ...]:
    """What each step on a record's way does in law to a work under this licence."""
    names = dict.fromkeys(row["name"] for row in law()["transform"])
    return tuple((name, effect(licence, name)) for name in names)


def _words(claim: Claim) -> str:
    """The quote without its markup, or the address where it is all markup; the beginning of either."""
    return (text_of(claim.quote) or claim.url_written)[:80]


def decode(data: bytes) -> str:
    """Bytes as text: UTF-8 or UTF-16 by their mark, else UTF-8, else Latin-1. Never an error."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def explain(licence: str, use: str = "") -> Explanation | tuple[Explanation, ...]:
    """What a licence says to one use, or to every use."""
    found = known(licence)
    if use:
        permission = permits(found, use)
        return Explanation(found, use, permission, _sentence(found, use, permission))
    return tuple(
        Explanation(found, each, permits(found, each), _sentence(found, each, permits(found, each))) for each in USES
    )


def known(written: str) -> str:
    """A licence as a user writes it, as an id."""
    if ids.tool_of(written) is not None or written in (ids.ALL_RIGHTS_RESERVED, ids.PUBLIC_DOMAIN):
        return written
    tool_id = f"LicenseRef-{written}"
    found = tool_id if ids.tool_of(tool_id) is not None else read_name(written)
    if not found:
        raise UsageError(
            f"expected a licence, found {written!r}",
            cure="Write an SPDX id, a name such as 'CC BY-SA 4.0', or an address.",
        )
    return found


def describe(verdict: Verdict) -> str:
    """A verdict with its reasons and the evidence, a line each. Quotes the page: for its owner's eyes."""
    lines = [f"{verdict.licence or 'no licence'} ({verdict.point})"]
    lines += [
        f"  {reason.id}: {reason.rule}" + (f" [{reason.value}]" if reason.value else "") for reason in verdict.reasons
    ]
    lines += [
        f"  {'conflict' if claim in verdict.conflicts else 'claim'}: {_evidence(claim)}" for claim in verdict.claims
    ]
    return "\n".join(lines)


def _evidence(claim: Claim) -> str:
    place = f", {claim.where}" if claim.where else ""
    offset = f", at {claim.start}" if claim.start >= 0 else ""
    return f"{claim.licence}, covers {claim.scope} ({claim.channel}{place}{offset})"


def _sentence(licence: str, use: str, permission: Permission) -> str:
    conditions = f" Conditions: {'; '.join(permission.conditions)}." if permission.conditions else ""
    basis = {"text": "the text of the licence", "contested": "contested", "policy": "our policy"}[permission.mark]
    link = canonical(licence)
    return (
        f"{licence}, {use}: {permission.answer} (basis: {permission.basis}; section {permission.section}; {basis})."
        f"{conditions}" + (f" {link}" if link else "")
    )
