"""What is held, and what people say of it: an append-only file that survives every run.

An answer is tied to the data set, to the content that was looked at and to the reasons shown.
When the page changes, or it is held for another reason, the record is held again.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from dataclasses import dataclass
from typing import Any, Literal

import privacy
from catalog import manifests
from catalog.errors import NotFound, UsageError
from catalog.queries import query
from catalog.workspace import Workspace

Answer = Literal["accept", "refuse"]


@dataclass(frozen=True, slots=True)
class Held:
    """One held record: where it is and why, nothing of what it says."""

    id: str
    address: str
    licence: str | None
    reasons: str
    reviewed: str | None


def held(workspace: Workspace, version: str = "") -> list[Held]:
    """The records a version holds back, in the order of their reasons."""
    name = _version(workspace, version)
    rows = query(
        workspace,
        f"""SELECT id::VARCHAR, coalesce(address, ''), licence, reasons, reviewed FROM held
            WHERE version = '{name}' ORDER BY reasons, address, id""",
    ).fetchall()
    return [Held(*row) for row in rows]


def answer(workspace: Workspace, record: str, said: Answer, version: str = "", note: str = "") -> Held:
    """Write down a person's answer on one held record; the next run acts on it."""
    matching = [item for item in held(workspace, version) if item.id.startswith(record.lower())]
    if len(matching) != 1:
        found = "none" if not matching else f"{len(matching)}"
        raise NotFound(
            f"expected one held record whose id begins with {record!r}, found {found}",
            cure="`cleartitle review` lists the held records.",
        )
    if len(note) > 500:
        raise UsageError("--note: expected at most 500 characters", cure="Name the reason, not the record.")
    row = query(
        workspace,
        f"SELECT hex(content_hash) FROM facts WHERE version = '{_version(workspace, version)}'"
        f" AND id = '{matching[0].id}'",
    ).fetchone()
    entry: dict[str, Any] = {
        "format": 1,
        "id": matching[0].id,
        "content": (row[0] if row else "").lower(),
        "answer": said,
        "dataset": _version(workspace, version).partition("@")[0],
        "reasons": matching[0].reasons.split(", "),  # what was looked at: another hold asks again
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "note": privacy.mask(note),
    }
    # Erasure rewrites the list: under the same lock no answer is lost.
    with workspace.publishing(), workspace.reviews.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return matching[0]


def _version(workspace: Workspace, version: str) -> str:
    """The version asked for, or the newest of the only dataset there is."""
    if version:
        return manifests.find(workspace, version).name
    known = manifests.versions(workspace)
    datasets = sorted({manifest.dataset for manifest in known})
    if len(datasets) > 1:
        raise UsageError(f"which dataset? There are {', '.join(datasets)}", cure="Name a version, such as harbour@1.")
    return manifests.find(workspace, datasets[0] if datasets else "").name
