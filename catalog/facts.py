"""The facts of a version: one neutral list from which every card is made.

Each value says where it came from: an SQL query that anybody can ask again, a key of the card
file that a person answered, or nothing, which makes it unknown. Unknown is not zero.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import duckdb
import yaml

from catalog import formats, store
from catalog.errors import FormatError, NotFound, RecipeError
from catalog.manifests import Manifest
from catalog.queries import attach, query
from catalog.workspace import Workspace

FORMAT = 2
Kind = Literal["measured", "declared", "unknown"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One value and where it came from."""

    name: str
    value: Any
    kind: Kind
    source: str


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """All facts of one version."""

    version: str
    facts: tuple[Fact, ...]

    def __getitem__(self, name: str) -> Any:
        """The value of a fact; None where it is unknown."""
        return next(fact.value for fact in self.facts if fact.name == name)

    def to_json(self) -> str:
        """The facts file."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1, ensure_ascii=False) + "\n"


# Questions with one row: each column is a fact.
SINGLE = (
    """SELECT dataset, number, hash, amendment, parent, audience, uses, as_of, created_at, run, code_version,
       recipe_fingerprint, records AS entered, kept, redacted, held, dropped, kept + redacted AS released
FROM versions WHERE version = $version""",
    """SELECT coalesce(sum(released_characters), 0)::BIGINT AS released_characters,
       coalesce(sum(records) FILTER (modality = 'text' AND language IS NULL), 0)::BIGINT AS language_not_examined
FROM composition WHERE version = $version""",
    "SELECT min(fetched_at) AS fetched_from, max(fetched_at) AS fetched_until FROM records WHERE version = $version",
    """SELECT count(*) AS inputs, coalesce(sum(size), 0)::BIGINT AS input_bytes,
       coalesce(sum(len(problems)), 0)::BIGINT AS input_problems
FROM inputs WHERE version = $version""",
    """SELECT coalesce(sum(hosts), 0)::BIGINT AS hosts
FROM host_mix WHERE version = $version AND host IS DISTINCT FROM ''""",
    "SELECT count(DISTINCT annotator) AS annotators, count(*) AS annotations FROM annotations WHERE version = $version",
)

# Questions with many rows: the fact is a list of rows.
LISTS = {
    "licences": """SELECT licence, licence_basis, sum(records)::BIGINT AS records
FROM licence_mix WHERE version = $version AND action IN ('keep', 'redact')
GROUP BY ALL ORDER BY records DESC, licence, licence_basis""",
    "reasons": """SELECT action, reason, sum(records)::BIGINT AS records
FROM dropped_why WHERE version = $version AND action IN ('drop', 'hold')
GROUP BY ALL ORDER BY action, records DESC, reason""",
    "modalities": """SELECT modality, sum(records)::BIGINT AS records, sum(released)::BIGINT AS released
FROM composition WHERE version = $version GROUP BY ALL ORDER BY records DESC, modality""",
    "languages": """SELECT language, sum(released)::BIGINT AS released
FROM composition WHERE version = $version AND modality = 'text' AND released > 0
GROUP BY ALL ORDER BY released DESC, language""",
    "lengths": """SELECT from_characters, records, released
FROM length_mix WHERE version = $version ORDER BY from_characters""",
    "top_hosts": """SELECT host, records, released
FROM host_mix WHERE version = $version AND host <> '' ORDER BY released DESC, records DESC, host LIMIT 20""",
    "personal_data": """SELECT modality, kind, found, found_records, replaced, replaced_records
FROM pii_by_kind WHERE version = $version ORDER BY modality, found DESC, kind""",
    "privacy_examined": """SELECT status, mode, records
FROM privacy_mix WHERE version = $version ORDER BY status, mode""",
    "opt_outs": """SELECT use, answer, channel, records
FROM preference_mix WHERE version = $version ORDER BY use, answer, channel""",
    "consents": """SELECT consent, contributors, records, released
FROM contributor_mix WHERE version = $version ORDER BY consent""",
    "credits": """SELECT licence, complete, records
FROM credit_mix WHERE version = $version ORDER BY licence, complete""",
    "duplicates": "SELECT kind, records, keepers FROM duplicate_mix WHERE version = $version ORDER BY kind",
    "transforms": "SELECT name, records FROM transform_mix WHERE version = $version ORDER BY records DESC, name",
    "labels": """SELECT label, count(*) AS records
FROM content WHERE version = $version AND label IS NOT NULL GROUP BY label ORDER BY records DESC, label LIMIT 100""",
    "sources": """SELECT kind, count(*) AS files, coalesce(sum(records), 0)::BIGINT AS records
FROM inputs WHERE version = $version GROUP BY kind ORDER BY records DESC, kind""",
    "measurements": """SELECT topic, name, value, low, high, trials, method, measured_at
FROM measurements WHERE version = $version ORDER BY topic, name""",
}

# What only people can say; keys of the card file, with the question each answers.
ANSWERS = {
    "title": "What is the data called?",
    "description": "What is it, in a sentence or two?",
    "url": "Where is it published?",
    "citation": "How should it be cited?",
    "controller": "Who decides why and how it is processed?",
    "contact": "Whom does one write to, also for having something removed?",
    "purpose": "What was it made for?",
    "legal_basis": "On which legal basis is personal data processed?",
    "retention": "How long is it kept, and who removes it then?",
    "out_of_scope": "What should it not be used for?",
    "limits": "What is known to be missing, skewed or wrong in it?",
    "biases": "Which people, places or views are in it more, or less, than they should be?",
    "annotators_asked": "How were people chosen and asked who labelled it?",
    "maintenance": "Who keeps it up, and how often is there a new version?",
}


def collect(
    workspace: Workspace,
    manifest: Manifest,
    answers: Mapping[str, str] | Path | None = None,
    catalog: Path | None = None,
) -> DatasetFacts:
    """Ask the published catalog (or the file `catalog`) every question, and add what people declared.

    Without `answers` those of the version's last facts file stand.
    """
    _refuse_unpublished(workspace, manifest, catalog)
    declared = _declared(workspace, manifest, answers)
    return DatasetFacts(manifest.name, (*measured(workspace, manifest, catalog), *declared))


def measured(workspace: Workspace, manifest: Manifest, catalog: Path | None = None) -> tuple[Fact, ...]:
    """The facts that come from queries, all over the same published file."""
    found: list[Fact] = []
    name = store.literal([manifest.name])[1:-1]
    with attach(workspace, catalog or workspace.catalog) as connection:
        for sql in SINGLE:
            asked = sql.replace("$version", name)
            [row] = _rows(connection, asked)
            found += [_measured(column, value, asked) for column, value in row.items()]
        for fact, sql in LISTS.items():
            asked = sql.replace("$version", name)
            found.append(_measured(fact, _rows(connection, asked), asked))
    return tuple(found)


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    asked = connection.execute(sql)
    columns = [column for column, *_ in asked.description or ()]
    return [{name: _plain(value) for name, value in zip(columns, row, strict=True)} for row in asked.fetchall()]


def load(workspace: Workspace, manifest: Manifest) -> DatasetFacts | None:
    """The facts file of a version, if it has one."""
    path = facts_path(workspace, manifest)
    if not path.is_file():
        return None
    try:
        found = formats.up_to_date("facts", json.loads(path.read_text("utf-8")), path)
        return DatasetFacts(found["version"], tuple(Fact(**fact) for fact in found["facts"]))
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(
            "expected a facts file (JSON), found something else", cure="Make it anew with `cleartitle card`.",
            place=str(path),
        ) from error  # fmt: skip


def current(workspace: Workspace, manifest: Manifest) -> DatasetFacts:
    """The facts file of the version as it is now, or the facts collected anew where there is none."""
    found = load(workspace, manifest)
    if found is None or (found["hash"], found["amendment"]) != (manifest.hash, manifest.amendment):
        return collect(workspace, manifest)
    return found


def facts_path(workspace: Workspace, manifest: Manifest) -> Path:
    """Where a version's facts are kept."""
    return workspace.cards / manifest.name / "facts.json"


def read_answers(path: Path) -> dict[str, str]:
    """The card file: YAML with one answer for each key, in words."""
    try:
        found = yaml.safe_load(path.read_text("utf-8")) or {}
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise RecipeError(f"cannot be read as YAML ({type(error).__name__})", place=str(path)) from None
    if not isinstance(found, dict):
        raise RecipeError(f"expected keys with answers, found {type(found).__name__}", place=str(path))
    for key, value in found.items():
        if key not in ANSWERS:
            raise RecipeError(f"unknown key {key!r}; expected some of {', '.join(ANSWERS)}", place=str(path))
        if value is not None and not isinstance(value, str):
            raise RecipeError(f"{key}: expected words, found {type(value).__name__}", place=str(path))
    return {key: value.strip() for key, value in found.items() if value and value.strip()}


def _declared(workspace: Workspace, manifest: Manifest, answers: Mapping[str, str] | Path | None) -> tuple[Fact, ...]:
    if answers is None:
        before = load(workspace, manifest)
        known = {fact.name: fact.value for fact in before.facts if fact.kind == "declared"} if before else {}
    else:
        known = read_answers(answers) if isinstance(answers, Path) else dict(answers)
    return tuple(
        Fact(key, known[key], "declared", f"card file, key {key}")
        if known.get(key)
        else Fact(key, None, "unknown", f"card file, key {key}: no answer")
        for key in ANSWERS
    )


def _measured(name: str, value: Any, sql: str) -> Fact:
    return Fact(name, value, "unknown" if value is None else "measured", sql)


def _plain(value: Any) -> Any:
    """The value as JSON has it."""
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    return int(value) if isinstance(value, Decimal) else value


def _refuse_unpublished(workspace: Workspace, manifest: Manifest, catalog: Path | None) -> None:
    name = store.literal([manifest.name])[1:-1]
    found = query(workspace, f"SELECT hash, amendment FROM versions WHERE version = {name}", catalog).fetchall()
    if found != [(manifest.hash, manifest.amendment)]:
        raise NotFound(
            "the published catalog does not show this version as it is now",
            cure="Publish it anew with `cleartitle publish`.",
            place=manifest.name,
        )
