"""Whom to credit for a record: in full, by a link, or without what its licensor wants left out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import licenses
import privacy
from catalog.errors import RecipeError
from catalog.values import Record
from curation import pair

if TYPE_CHECKING:
    from curation.job import Job

PARTS = ("author", "title", "notice")
_USUAL = ("author", "notice")
# Steps that change a work, with the words that say so in its credit.
_CHANGES = {"redact": "personal data removed", "truncate": "cut short", "remove-paragraphs": "passages left out"}


def row(job: Job, record: Record, released: dict[str, Any]) -> dict[str, Any]:
    """The row of attribution for a released record."""
    declared, licence = record.declared, released["licence"] or ""
    changed = [words for name, words in _CHANGES.items() if name in {step["name"] for step in released["transforms"]}]
    credit = licenses.attribution(
        licence,
        title=pair.title(record, released),
        author=declared.author,
        author_url=declared.author_url,
        address=record.source.address,
        notice=declared.get("XMP-dc:Rights") or declared.get("IPTC:CopyrightNotice"),
        changes=f"modified: {', '.join(changed)}" if changed else "",
        modified=bool(changed),
        link_only=job.recipe.licenses.credit == "link" and _seen(record),
        removed=job.removals.get(record.id) or job.removals.get(record.source.address) or (),
    )
    names = ("title", "author", "author_url", "address", "licence", "licence_url", "notice", "changes")
    # What came in by consent alone has no licence that could ask for credit.
    complete = credit.complete or not licence
    # A credit names people; how to reach them and what they pay with is no part of it.
    told = {name: privacy.mask(getattr(credit, name)) for name in names}
    return {"id": released["id"], **told, "complete": complete}


def _seen(record: Record) -> bool:
    """Was the link seen to work? What was captured with its headers was answered with 200."""
    return record.source.headers is not None and record.source.address.startswith(("https://", "http://"))


def removals(path: Path) -> dict[str, tuple[str, ...]]:
    """What licensors asked to have left out of their credit, by address or record id.

    One record a line: its address or id, then `author`, `title`, `notice` as asked; none named: author
    and notice. Lines that begin with # are comments.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(
            "licenses.remove_credit: expected a text file in UTF-8 beside the recipe, found none that can be read",
            cure="Name the right file, or leave the key out.",
            place=str(path),
        ) from error
    found = {}
    for number, line in enumerate(lines, 1):
        record, *parts = line.split()[:5] or ("#",)
        if record.startswith("#"):
            continue
        if wrong := [part for part in parts if part not in PARTS]:
            raise RecipeError(
                f"licenses.remove_credit: expected some of {', '.join(PARTS)}, found {wrong[0]!r}",
                cure="Write one record a line: its address or id, then what to leave out.",
                place=f"{path}:{number}",
            )
        found[record] = tuple(parts) or _USUAL
    return found
