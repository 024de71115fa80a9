"""The facts of a version: one neutral list from which every card is made.

Each value says where it came from: an SQL query that anybody can ask again, a key of the card
file that a person answered, or nothing, which makes it unknown. Unknown is not zero.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import duckdb
import yaml

from catalog import formats, gate, rollups, store
from catalog.errors import FormatError, NotFound, RecipeError
from catalog.manifests import Manifest
from catalog.queries import attach, query
from catalog.workspace import Workspace

FORMAT = 3
Kind = Literal["measured", "declared", "unknown", "withheld"]  # withheld: known here, not told elsewhere


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


def _whole(column: str) -> str:
    """The sum over a column, or nothing where a part of it is hidden, as it may be in the publishable catalog."""
    return f"if(count({column}) = count(*), coalesce(sum({column}), 0)::BIGINT, NULL)"


# Questions with one row: each column is a fact. The publishable catalog answers the first ones, too.
TOLD_SINGLE = (
    """SELECT dataset, number, hash, amendment, audience, uses, as_of, created_at, code_version, recipe_fingerprint,
       records AS entered, kept, redacted, held, dropped, kept + redacted AS released
FROM versions WHERE version = $version""",
    f"""SELECT {_whole("records")} AS language_not_examined
FROM composition WHERE version = $version AND modality = 'text' AND language IS NULL""",
)
SINGLE = (
    *TOLD_SINGLE,
    "SELECT parent, run FROM versions WHERE version = $version",
    """SELECT coalesce(sum(released_characters), 0)::BIGINT AS released_characters
FROM composition WHERE version = $version""",
    "SELECT min(fetched_at) AS fetched_from, max(fetched_at) AS fetched_until FROM records WHERE version = $version",
    "SELECT count(*) AS inputs, coalesce(sum(size), 0)::BIGINT AS input_bytes FROM inputs WHERE version = $version",
    "SELECT coalesce(sum(len(problems)), 0)::BIGINT AS input_problems FROM inputs WHERE version = $version",
    """SELECT coalesce(sum(hosts), 0)::BIGINT AS hosts
FROM host_mix WHERE version = $version AND host IS DISTINCT FROM ''""",
    "SELECT count(DISTINCT annotator) AS annotators, count(*) AS annotations FROM annotations WHERE version = $version",
    "SELECT $now AS consents_at",
)

# Questions with many rows: the fact is a list of rows.
TOLD_LISTS = {
    "licences": f"""SELECT licence, licence_basis, {_whole("records")} AS records
FROM licence_mix WHERE version = $version AND action IN ('keep', 'redact')
GROUP BY ALL ORDER BY records DESC, licence, licence_basis""",
    # By rule and threshold: where a reason has several, a record may have them all, and how many have it is not told.
    "reasons": """SELECT action, reason, if(count(*) = 1, any_value(records), NULL) AS records
FROM dropped_why WHERE version = $version AND action IN ('drop', 'hold')
GROUP BY ALL ORDER BY records DESC, action, reason""",
    "modalities": f"""SELECT modality, {_whole("records")} AS records, {_whole("released")} AS released
FROM composition WHERE version = $version GROUP BY ALL ORDER BY records DESC, modality""",
    "languages": f"""SELECT language, {_whole("released")} AS released
FROM composition WHERE version = $version AND modality = 'text' AND released IS DISTINCT FROM 0
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
    "credits": """SELECT licence, complete, records
FROM credit_mix WHERE version = $version ORDER BY licence, complete""",
    "transforms": "SELECT name, records FROM transform_mix WHERE version = $version ORDER BY records DESC, name",
    "measurements": """SELECT topic, name, value, low, high, trials, method, measured_at
FROM measurements WHERE version = $version ORDER BY topic, name""",
}
LISTS = {
    **TOLD_LISTS,
    "reasons": """SELECT action, reason, count(*) AS records
FROM (SELECT action, unnest(list_distinct([one.reason FOR one IN reasons])) AS reason
      FROM decisions WHERE version = $version AND action IN ('drop', 'hold'))
GROUP BY ALL ORDER BY records DESC, action, reason""",
    "consents": f"""WITH said AS (
    SELECT contributor, since AS spoken, uses, "until", statement = 'withdrawal' AS withdrawal FROM consents
    WHERE if(statement = 'withdrawal', since::DATE <= $now::DATE, since <= $now)
    QUALIFY row_number() OVER (PARTITION BY contributor ORDER BY since DESC, statement DESC, uses DESC) = 1)
SELECT CASE WHEN consent_withdrawn::DATE <= $now::DATE THEN 'withdrawn' WHEN consent_expires <= $now THEN 'expired'
            WHEN consent_scope IS NULL THEN 'none' ELSE 'granted' END AS consent,
       count(DISTINCT contributor) AS contributors, count(*) AS records,
       count(*) FILTER (action IN ('keep', 'redact')) AS released
FROM ({gate.CONSENT}) LEFT JOIN (SELECT version, id, action FROM decisions) USING (version, id)
WHERE version = $version AND (contributor IS NOT NULL OR consent_scope IS NOT NULL) GROUP BY ALL ORDER BY ALL""",
    "duplicates": "SELECT kind, records, keepers FROM duplicate_mix WHERE version = $version ORDER BY kind",
    "labels": """SELECT label, count(*) AS records
FROM content WHERE version = $version AND label IS NOT NULL GROUP BY label ORDER BY records DESC, label LIMIT 100""",
    "sources": """SELECT kind, count(*) AS files, coalesce(sum(records), 0)::BIGINT AS records
FROM inputs WHERE version = $version GROUP BY kind ORDER BY records DESC, kind""",
}

# Not in the publishable catalog, yet no counts of records: a copy's card may say them.
_NO_COUNTS = ("parent", "run", "fetched_from", "fetched_until", "inputs", "input_bytes")

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


def measured(
    workspace: Workspace, manifest: Manifest, catalog: Path | None = None, at: str | None = None
) -> tuple[Fact, ...]:
    """The facts that come from queries, all over the same published file.

    Consent is judged at the moment `at` (UTC, ISO 8601), by default now.
    """
    now = at or dt.datetime.now(dt.UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")
    with attach(workspace, catalog or workspace.catalog) as connection:
        return tuple(_asked(connection, manifest.name, SINGLE, LISTS, now))


def disclosed(workspace: Workspace, facts: DatasetFacts, catalog: Path) -> DatasetFacts:
    """What a copy's card may say: the counts that the version's publishable catalog tells, and no others."""
    version = store.literal([facts.version])[1:-1]
    with store.connect(workspace) as connection:
        rollups.attach(connection, catalog, "public", "READ_ONLY")
        there = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'public'"
        for (name,) in connection.execute(there).fetchall():
            others = "COLUMNS(lambda name: name <> 'version')"  # it speaks of one version alone
            connection.execute(f"CREATE VIEW {name} AS SELECT {version} AS version, {others} FROM public.{name}")
        connection.execute("CREATE VIEW transform_mix AS SELECT version, name, NULL::BIGINT AS records FROM transforms")
        told = {fact.name: fact for fact in _asked(connection, facts.version, TOLD_SINGLE, TOLD_LISTS)}
    return DatasetFacts(facts.version, tuple(_told(fact, told.get(fact.name)) for fact in facts.facts))


def _told(fact: Fact, public: Fact | None) -> Fact:
    if fact.name in ANSWERS or fact.name in _NO_COUNTS:
        return fact
    if fact.name == "sources":
        return replace(fact, value=[{**row, "records": None} for row in fact.value])
    if public is None or public.kind == "unknown":
        nothing: list[Any] | None = [] if isinstance(fact.value, list) else None
        return Fact(fact.name, nothing, "withheld", "the publishable catalog does not tell it")
    return public


def _asked(
    connection: duckdb.DuckDBPyConnection, version: str, single: Sequence[str], lists: Mapping[str, str], now: str = ""
) -> Iterator[Fact]:
    def filled_in(sql: str) -> str:
        return sql.replace("$version", store.literal([version])[1:-1]).replace("$now", f"TIMESTAMP '{now}'")

    for sql in map(filled_in, single):
        [row] = _rows(connection, sql)
        yield from (_measured(column, value, sql) for column, value in row.items())
    for fact, sql in lists.items():
        yield _measured(fact, _rows(connection, filled_in(sql)), filled_in(sql))


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


def unlicensed(basis: str | None) -> str:
    """What a work without a licence rests on: a person let it in where its contributor did not."""
    return "no licence: used with consent" if basis == "consent" else "no licence: accepted by a person"


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
