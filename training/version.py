"""A dataset version as training needs it: the gate, examples with their owners, licences, credits."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from catalog import consents, families, store, versions
from catalog.values import Consent
from training.data import Example, Owner

USE = "train"  # what the gate is asked for


class Version(Protocol):
    """A frozen dataset version, as training needs it."""

    @property
    def name(self) -> str:
        """Such as harbour@1."""

    @property
    def hash(self) -> str:
        """The version hash."""

    @property
    def audience(self) -> str:
        """public or train-only."""

    def gate(self) -> None:
        """Raise GateRefused where the version may not be trained on, today."""

    def rows(self) -> Iterable[Example]:
        """Its examples."""

    def licences(self) -> dict[str, int]:
        """Records by licence."""

    def duplicates(self) -> Iterable[tuple[str, str]]:
        """(record, the record it repeats), as far as they are known."""

    def withdrawn(self) -> int:
        """Contributors whose records are out because they withdrew consent."""

    def credits(self) -> int:
        """How many works an export of it credits."""


@dataclass(frozen=True, slots=True)
class CatalogVersion:
    """A version of the workspace's catalog, read through `datasets`."""

    opened: versions.Version

    @property
    def name(self) -> str:
        return self.opened.name

    @property
    def hash(self) -> str:
        return self.opened.manifest.hash

    @property
    def audience(self) -> str:
        return self.opened.manifest.audience

    def gate(self) -> None:
        self.opened.gate(USE)

    def rows(self) -> Iterator[Example]:
        for row in self.opened.to_dataset(USE):
            yield Example(
                id=row["id"],
                label=row["label"] or "",
                text=row.get("text") or "",
                image=row.get("image"),
                owners=_owners(row),
            )

    def licences(self) -> dict[str, int]:
        found = self._ask("SELECT licence, count(*) FROM content GROUP BY ALL")
        return dict(sorted((licence or "none: consent or a person's word", count) for licence, count in found))

    def duplicates(self) -> list[tuple[str, str]]:
        return self._ask("SELECT id::VARCHAR, keeper::VARCHAR FROM clusters")

    def withdrawn(self) -> int:
        now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        said = consents.load(self.opened.workspace)
        found = self._ask(
            """SELECT DISTINCT contributor, consent_scope, consent_granted_at, consent_expires, consent_withdrawn
               FROM facts WHERE contributor IS NOT NULL"""
        )
        out = set()
        for who, scope, granted, expires, withdrawn in found:
            declared = None if scope is None else Consent(tuple(scope), granted, expires, withdrawn)
            stands = said.effective(who, declared, now)
            if stands and stands.withdrawn and stands.withdrawn.date() <= now.date():
                out.add(who)
        return len(out)

    def credits(self) -> int:
        return int(self._ask("SELECT count(*) FROM attributions")[0][0])

    def _ask(self, query: str) -> list[tuple[Any, ...]]:
        with self._connected() as connection:
            found: list[tuple[Any, ...]] = connection.execute(query).fetchall()
            return found

    @contextlib.contextmanager
    def _connected(self) -> Iterator[Any]:
        with store.connect(self.opened.workspace) as connection:
            families.create_views(connection, self.opened.workspace, [self.opened.manifest])
            yield connection


def _owners(row: dict[str, Any]) -> tuple[Owner, ...]:
    author = (Owner(row["contributor"]),) if row["contributor"] else ()
    votes = sorted({vote["annotator"] for vote in row["annotations"] or () if vote["annotator"]})
    return (*author, *(Owner(one, "annotator") for one in votes))
