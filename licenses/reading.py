"""Reading the licence claims of a record with every channel, and classifying a page in one call."""

from __future__ import annotations

import hashlib
from functools import cache
from itertools import islice
from pathlib import Path

from catalog.checks import discover
from catalog.checks import fingerprint as fingerprint_of
from catalog.values import Claim, Declared, Record
from licenses.page import Headers, Page
from licenses.verdict import Verdict, resolve

SHARED = 4  # raised whenever what channels share (page, scope, names, addresses) answers differently
MOST = 400  # claims that one channel may make for one record: hostile pages repeat themselves


def claims(record: Record, extra: Path | str | None = None) -> list[Claim]:
    """Every piece of licence evidence in a record; `extra` is a `checks/` folder beside a recipe."""
    return claims_of(page_of(record), extra)


def classify(markup: str, url: str = "", headers: Headers | None = None, declared: Declared | None = None) -> Verdict:
    """The verdict on one page, record or picture's metadata. `headers` None: they were not captured."""
    return resolve(claims_of(Page(markup, url, headers, declared or Declared())))


def fingerprint(extra: Path | str | None = None) -> str:
    """A digest of every licence and opt-out check, and of the tables and code they share, for stage keys."""
    checks = fingerprint_of((*discover("claims", extra), *discover("preferences", extra)))
    return hashlib.sha256(f"{SHARED} {checks} {_tables()}".encode()).hexdigest()[:16]


@cache
def _tables() -> str:
    digest = hashlib.sha256()
    for path in sorted((Path(__file__).parent / "data").glob("*.toml")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def page_of(record: Record) -> Page:
    """A record as channels read it."""
    source = record.source
    return Page(record.markup, source.address, source.headers, record.declared, source.fetched_at)


def claims_of(page: Page, extra: Path | str | None = None) -> list[Claim]:
    """What every channel finds in a page, in the order of the channels' names; of each at most `MOST`."""
    return [claim for check in discover("claims", extra) for claim in islice(check.run(page), MOST)]
