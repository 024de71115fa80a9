"""One verdict from many claims: which licence, how sure, and every reason for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from catalog.values import Claim, Reason
from licenses import ids

Point = Literal["release", "review", "none"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The licence of a record's own main content. `release`: stated clearly; `review`: a person should look."""

    licence: str | None
    point: Point
    reasons: tuple[Reason, ...] = ()
    claims: tuple[Claim, ...] = ()
    conflicts: tuple[Claim, ...] = ()
    choice: tuple[str, ...] = ()  # licences offered side by side: any one may be taken


def resolve(claims: Sequence[Claim]) -> Verdict:
    page = [claim for claim in claims if claim.scope == "page"]
    if not page:
        return Verdict(None, "none", (), tuple(claims))
    return Verdict(page[0].licence, "review", (), tuple(claims))
