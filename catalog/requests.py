"""From what somebody asks to have erased to the records that are meant, with their copies."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import duckdb

from catalog import addresses, holdings, keys, store
from catalog.consents import table_rows
from catalog.errors import NotFound, UsageError
from catalog.suppression import Entry, Suppression
from catalog.workspace import Workspace

KINDS = ("contributor", "source", "host", "record")
_BEGINNING = re.compile(r"[0-9a-f]{4,8}(-[0-9a-f]{1,12})*", re.IGNORECASE)
_LENGTH = 200  # characters; shorter content is too common to keep out whoever sends it

# Captures of one address under ids of their own, as a run names them (`address-repeated`).
_RENAMED = "md5(concat_ws('|', {one}.id::VARCHAR, {other}.container, {other}.position))::UUID = {other}.id"


@dataclass(frozen=True, slots=True)
class Request:
    """One wish: everything of a contributor, a source address, a host, or one record."""

    kind: str
    value: str = field(repr=False)

    def __post_init__(self) -> None:
        if not self.value.strip():  # local files have an empty host: all of them would go
            raise UsageError(
                f"--{self.kind}: expected a value, found nothing", cure="Look whether the variable it came from is set."
            )


@dataclass(frozen=True, slots=True)
class Meant:
    """The records that requests come to. `stones` gives each id the one that will stand for it."""

    kinds: dict[str, int]  # requests by kind
    digests: tuple[str, ...]  # of the requests, keyed
    ids: tuple[bytes, ...] = field(repr=False)
    stones: dict[str, str] = field(repr=False)
    contributors: tuple[str, ...] = field(repr=False)  # pseudonyms, of these records
    asked: tuple[str, ...] = field(repr=False)  # pseudonyms of those who were named, with records here or without
    copies: int  # of the records: near-duplicates of those that were asked for
    others: int  # near-duplicates that are another contributor's, and stay
    unsure: int  # records whose masked address fits, and that nothing tells apart
    near: int  # records at nearly an address at which none was read
    entries: tuple[Entry, ...] = field(repr=False)  # for the suppression list


def read(file: Path) -> list[Request]:
    """Requests from a CSV or JSONL file with columns contributor, source, host, record: each cell is one."""
    found = []
    for number, row in table_rows(file):
        if unknown := [name for name in row if name not in KINDS]:
            cure = f"Columns: {', '.join(KINDS)}."
            raise UsageError(f"unknown column {unknown[0]!r}", cure=cure, place=f"{file}, row {number}")
        found += [Request(kind, value) for kind, value in row.items() if value]
    if not found:
        raise UsageError("no request in it", cure=f"Columns: {', '.join(KINDS)}.", place=str(file))
    return found


def resolve(
    workspace: Workspace,
    requests: Sequence[Request],
    *,
    masked: dict[str, str],
    copies: bool = True,
    retention: int,
) -> Meant:
    """Find the records that are meant. `masked` gives each source address as the shards hold it."""
    listed = Suppression(keys.of_suppression(workspace))
    with store.connect(workspace) as connection:
        _known(connection, workspace)
        connection.execute("CREATE TABLE wanted (id UUID PRIMARY KEY)")
        fits = [_want(connection, workspace, request, masked) for request in requests]
        _want_captures(connection)
        asked = _count(connection)
        others = _want_copies(connection) if copies else 0
        rows = connection.execute(
            """SELECT id::VARCHAR, coalesce(min(container), ''), min(position) FROM wanted LEFT JOIN known USING (id)
               GROUP BY id ORDER BY id"""
        ).fetchall()
        people = connection.execute(
            """SELECT DISTINCT contributor FROM known SEMI JOIN wanted USING (id)
               WHERE contributor IS NOT NULL ORDER BY 1"""
        ).fetchall()
        until = (dt.datetime.now(dt.UTC) + dt.timedelta(days=retention)).date().isoformat()
        entries = [*_asked_entries(workspace, requests, listed, until), *_found_entries(connection, listed, until)]
    return Meant(
        kinds=dict(Counter(request.kind for request in requests)),
        digests=tuple(sorted(listed.token(f"request {one.kind}", one.value).hex() for one in requests)),
        ids=tuple(UUID(row[0]).bytes for row in rows),
        stones={row[0]: listed.tombstone(*row) for row in rows},
        contributors=tuple(row[0] for row in people),
        asked=tuple(_pseudonym(workspace, one) for one in requests if one.kind == "contributor"),
        copies=len(rows) - asked,
        others=others,
        unsure=sum(fit.unsure for fit in fits),
        near=sum(fit.near for fit in fits),
        entries=tuple(dict.fromkeys(entries)),
    )


def _known(connection: duckdb.DuckDBPyConnection, workspace: Workspace) -> None:
    """What is known of every record, in shards and in stages, and which stand for which."""
    folders = {folder.relative_to(workspace.root).as_posix(): files for folder, files in holdings.folders(workspace)}
    selects = {
        "known": ("facts", "id, address, host, contributor, container, position, content_hash, characters, modality"),
        "credited": ("attributions", "id, address"),
        "pairs": ("clusters", "id, keeper"),
    }
    empty = {
        "known": "NULL::UUID, NULL::VARCHAR, NULL::VARCHAR, NULL::VARCHAR, NULL::VARCHAR, NULL::BIGINT, NULL::BLOB,"
        " NULL::BIGINT, NULL::VARCHAR",
        "credited": "NULL::UUID, NULL::VARCHAR",
        "pairs": "NULL::UUID, NULL::UUID",
    }
    for name, (family, columns) in selects.items():
        files = [*folders.get(f"shards/{family}", ()), *folders.get(f"stages/{family}", ())]
        query = f"SELECT {columns} FROM read_parquet({store.literal(files)}, union_by_name=true)"
        nothing = f"SELECT * FROM (SELECT {empty[name]}) t({columns}) WHERE false"
        connection.execute(f"CREATE VIEW {name} AS {query if files else nothing}")


def _pseudonym(workspace: Workspace, request: Request) -> str:
    return keys.contributor(keys.of_contributors(workspace), request.value)


@dataclass(frozen=True, slots=True)
class _Fit:
    """How many more records one request may mean."""

    unsure: int = 0
    near: int = 0


def _want(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, request: Request, masked: dict[str, str]
) -> _Fit:
    """Put the records of one request on the list."""
    value = request.value
    if request.kind == "contributor":
        _insert(connection, "SELECT id FROM known WHERE contributor = $value", _pseudonym(workspace, request))
    elif request.kind == "host":
        _insert(connection, "SELECT id FROM known WHERE host = $value", value.lower())
    elif request.kind == "source":
        return _want_source(connection, workspace, value, masked.get(value, value))
    else:
        _want_record(connection, value)
    return _Fit()


def _want_source(connection: duckdb.DuckDBPyConnection, workspace: Workspace, address: str, masked: str) -> _Fit:
    """By id, which is made of the address as it was read; by the credit; by the address as it is kept."""
    ids = {keys.record_id(keys.of_ids(workspace), one) for one in (address, addresses.normal(address))}
    site = _of_site(connection, "known", masked)
    fitting = _alike(site, masked, addresses.normal)
    exact = {
        "SELECT id FROM known WHERE list_contains($value::UUID[], id)": list(ids),
        "SELECT id FROM credited WHERE list_contains($value::VARCHAR[], address)":
            _alike(_of_site(connection, "credited", address), address, addresses.normal),
        "SELECT id FROM known WHERE list_contains($value::VARCHAR[], address)": fitting if masked == address else [],
    }  # fmt: skip
    met = sum(_number(connection, select, value) for select, value in exact.items())
    for select, value in exact.items():
        _insert(connection, select, value)
    others = "SELECT id FROM known ANTI JOIN wanted USING (id) WHERE list_contains($value::VARCHAR[], address)"
    unsure = _number(connection, others, fitting)
    near = 0 if met or unsure else _number(connection, others, _alike(site, masked, addresses.rough))
    return _Fit(unsure, near)


def _of_site(connection: duckdb.DuckDBPyConnection, table: str, address: str) -> list[str]:
    """The addresses of a table among which this one is to be looked for, however it is spelled."""
    host = addresses.host(address).removeprefix("www.")
    rows = connection.execute(
        f"""SELECT DISTINCT address FROM {table}
            WHERE address = $address OR ($host <> '' AND contains(lower(address), $host))""",
        {"address": address, "host": host},
    )
    return [one for (one,) in rows.fetchall()]


def _alike(site: Iterable[str], address: str, spelled: Callable[[str], str]) -> list[str]:
    return [one for one in site if spelled(one) == spelled(address)]


def _number(connection: duckdb.DuckDBPyConnection, select: str, value: object) -> int:
    return int(connection.execute(f"SELECT count(DISTINCT id) FROM ({select})", {"value": value}).fetchall()[0][0])


def _want_record(connection: duckdb.DuckDBPyConnection, value: str) -> None:
    found: list[tuple[str]] = []
    if _BEGINNING.fullmatch(value):
        sql = "SELECT DISTINCT id::VARCHAR FROM known WHERE starts_with(id::VARCHAR, $value) LIMIT 6"
        found = connection.execute(sql, {"value": value.lower()}).fetchall()
    if len(found) != 1:
        raise NotFound(
            f"--record: expected one record whose id begins with {value!r}, found {len(found) or 'none'}",
            cure='Find ids with `cleartitle sql "SELECT id, address, action FROM records"`.',
        )
    _insert(connection, "SELECT $value::UUID AS id", found[0][0])


def _insert(connection: duckdb.DuckDBPyConnection, select: str, value: object) -> None:
    connection.execute(f"INSERT OR IGNORE INTO wanted SELECT DISTINCT id FROM ({select})", {"value": value})


def _want_captures(connection: duckdb.DuckDBPyConnection) -> None:
    """Older captures of the same address have ids of their own: they are the same page."""
    for one, other in (("w", "k"), ("k", "w")):
        connection.execute(
            f"""INSERT OR IGNORE INTO wanted SELECT DISTINCT k.id
                FROM (SELECT * FROM known SEMI JOIN wanted USING (id)) w JOIN known k USING (address)
                WHERE {_RENAMED.format(one=one, other=other)}"""
        )


def _want_copies(connection: duckdb.DuckDBPyConnection) -> int:
    """Put near-duplicates on the list; those of another contributor stay, and are counted."""
    connection.execute(
        """CREATE TABLE mates AS
           WITH stands AS (SELECT id AS keeper FROM wanted
                           UNION SELECT keeper FROM pairs SEMI JOIN wanted USING (id))
           SELECT DISTINCT id FROM (SELECT id FROM pairs SEMI JOIN stands USING (keeper)
                                    UNION SELECT keeper FROM pairs SEMI JOIN stands USING (keeper))
           WHERE id NOT IN (SELECT id FROM wanted)"""
    )
    connection.execute(
        """CREATE TABLE anothers AS
           SELECT DISTINCT id FROM known SEMI JOIN mates USING (id)
           WHERE contributor IS NOT NULL
                 AND contributor NOT IN (SELECT contributor FROM known SEMI JOIN wanted USING (id)
                                         WHERE contributor IS NOT NULL)"""
    )
    connection.execute("INSERT OR IGNORE INTO wanted SELECT id FROM mates ANTI JOIN anothers USING (id)")
    return int(connection.execute("SELECT count(*) FROM anothers").fetchall()[0][0])


def _count(connection: duckdb.DuckDBPyConnection) -> int:
    return int(connection.execute("SELECT count(*) FROM wanted").fetchall()[0][0])


def _asked_entries(
    workspace: Workspace, requests: Iterable[Request], listed: Suppression, until: str
) -> Iterable[Entry]:
    """What was asked for stays out under its own name, also where nothing of it is here yet."""
    for request in requests:
        values = [request.value]
        if request.kind == "contributor":
            values = [_pseudonym(workspace, request)]
        elif request.kind == "host":
            values = [request.value.lower()]
        elif request.kind == "source":
            values = [request.value, addresses.normal(request.value)]
        if request.kind != "record":
            kind = {"source": "address"}.get(request.kind, request.kind)
            yield from (Entry(kind, listed.token(kind, value).hex(), until) for value in values)


def _found_entries(connection: duckdb.DuckDBPyConnection, listed: Suppression, until: str) -> Iterable[Entry]:
    """Each record by its id, and by its content unless that is short or also a record's that stays."""
    for (identity,) in connection.execute("SELECT id::VARCHAR FROM wanted ORDER BY id").fetchall():
        yield Entry("record", listed.token("record", identity).hex(), until)
    contents = connection.execute(
        f"""SELECT DISTINCT content_hash FROM known SEMI JOIN wanted USING (id)
            WHERE content_hash IS NOT NULL AND (modality = 'image' OR characters >= {_LENGTH})
                  AND content_hash NOT IN (SELECT content_hash FROM known ANTI JOIN wanted USING (id)
                                           WHERE content_hash IS NOT NULL)
            ORDER BY 1"""
    )
    for (content,) in contents.fetchall():
        yield Entry("content", listed.token("content", bytes(content)).hex(), until)
