"""Which record stands for which: exact and near-duplicates over a whole set, out of core.

Candidates come from MinHash bands (texts) or pieces of a dHash (pictures) and are verified by
their true similarity; no record leaves for one that it does not resemble. Records are
taken best first, so the result does not depend on order, batches or threads.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from catalog import store
from catalog.schema import CLUSTERS
from catalog.workspace import Workspace
from curation.minhash import BINS, Signature, signature
from curation.similarity import PICTURE_DISTANCE, Similarity, of_pictures, of_texts

__all__ = ["VERSION", "Signature", "find", "signature"]

VERSION = 4  # raised with the signature too
_RECALL = 0.99  # chance that a pair at the threshold shares a band
_PARTNERS = 50  # best members of a band that the others are compared with: keeps the work linear
_PICTURE_BITS = 64
_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class _Bands:
    count: int
    rows: int


def find(
    facts: Sequence[Path],
    out: Path,
    *,
    temp: Path,
    threads: int = 0,
    threshold: float = 0.8,
    memory_limit: str = "2GB",
    rank: Path | None = None,
    candidates: Path | None = None,
    repeats: Path | None = None,
) -> int:
    """Write one row for each record that another stands for; return how many there are.

    `rank` (id, rank): the lowest stays, ids break ties. `candidates` (id, and rank if not
    given apart): only these take part. `repeats` (id, container, position): captures that another
    one of the same address stands for, which take none. To compare a new batch with earlier versions, their
    facts are given along, with ranks below zero: such a record stays, and gets no row.
    """
    if not facts:
        store.write(out, CLUSTERS.schema.empty_table())
        return 0
    # The file of shingles has no name: nothing stays of it when the process dies.
    with _connect(temp, threads, memory_limit) as connection, tempfile.TemporaryFile(dir=temp) as shingles:
        _number_records(connection, facts, rank, candidates, repeats)
        _exact(connection)
        settled = _scalar(connection, "SELECT count(*) FROM records JOIN ranks USING (id) WHERE rank < 0")
        keepers = np.full(_scalar(connection, "SELECT count(*) FROM records"), -1, dtype=np.int64)
        similarities = np.zeros(len(keepers))
        _text_buckets(connection, threshold)
        texts = partial(of_texts, connection, len(keepers), threshold, shingles)
        _replace(connection, keepers, similarities, settled, texts)
        _picture_buckets(connection)
        _replace(connection, keepers, similarities, settled, partial(of_pictures, connection))
        clusters = _clusters(connection, keepers, similarities, settled)
    store.write(out, clusters)
    return int(clusters.num_rows)


def _connect(temp: Path, threads: int, memory_limit: str) -> duckdb.DuckDBPyConnection:
    temp.mkdir(parents=True, exist_ok=True)
    config: dict[str, str | bool | int | float | list[str]] = {
        "temp_directory": str(temp),
        "memory_limit": memory_limit,
        "preserve_insertion_order": False,
    }
    if threads:
        config["threads"] = threads
    return duckdb.connect(":memory:", config=config)


def _number_records(
    connection: duckdb.DuckDBPyConnection,
    facts: Sequence[Path],
    rank: Path | None,
    candidates: Path | None,
    repeats: Path | None,
) -> None:
    """Table `records`: every record that takes part, numbered from the best."""
    everyone = [str(path) for path in facts]
    connection.read_parquet(everyone, union_by_name=True).create_view("captures")
    fewer = ""
    if repeats:  # the newest capture of an address stands for it; the others share its id and take no part
        connection.read_parquet(str(repeats)).create_view("repeats")
        fewer = "ANTI JOIN repeats USING (id, container, position)"
    connection.execute(f"CREATE VIEW facts AS SELECT * FROM captures {fewer}")
    chosen = connection.read_parquet([str(candidates)] if candidates else everyone)
    chosen.create_view("candidates")
    if rank:
        connection.read_parquet(str(rank)).create_view("ranks")
    elif "rank" in chosen.columns:
        chosen.create_view("ranks")
    else:
        connection.execute("CREATE TABLE ranks (id UUID, rank BIGINT)")
    connection.execute("""
        CREATE TABLE records AS
        SELECT row_number() OVER (ORDER BY ranks.rank NULLS LAST, id) - 1 AS number,
               id, content_hash, picture_hash, picture_check
        FROM facts SEMI JOIN candidates USING (id) LEFT JOIN ranks USING (id)
    """)
    connection.execute("""
        CREATE VIEW signatures AS SELECT number, f.minhash, f.shingles FROM facts f JOIN records USING (id)
    """)


def _exact(connection: duckdb.DuckDBPyConnection) -> None:
    """Table `exact`: records whose content another, better one has; `compared`: the others."""
    connection.execute("""
        CREATE TABLE exact AS
        SELECT number, keeper
        FROM (SELECT number, min(number) OVER (PARTITION BY content_hash) AS keeper
              FROM records WHERE content_hash IS NOT NULL)
        WHERE number <> keeper
    """)
    connection.execute("CREATE TABLE compared AS SELECT * FROM records ANTI JOIN exact USING (number)")


def _bands(threshold: float) -> _Bands:
    """The widest bands (fewest false candidates) that still find pairs at the threshold."""
    fitting = [_Bands(BINS // rows, rows) for rows in range(1, 13)]
    good = [band for band in fitting if 1 - (1 - threshold**band.rows) ** band.count >= _RECALL]
    return good[-1] if good else fitting[0]


def _text_buckets(connection: duckdb.DuckDBPyConnection, threshold: float) -> None:
    band = _bands(threshold)
    query = """
        CREATE OR REPLACE TABLE buckets AS
        SELECT band, hash(minhash[band * $rows + 1 : (band + 1) * $rows]) AS bucket, number
        FROM signatures SEMI JOIN compared USING (number), range($bands) AS bands(band)
        WHERE len(minhash) = $bins
    """
    connection.execute(query, {"rows": band.rows, "bands": band.count, "bins": BINS})


def _picture_buckets(connection: duckdb.DuckDBPyConnection) -> None:
    # Hashes that differ in at most four bits agree on at least one of five pieces.
    pieces = PICTURE_DISTANCE + 1
    width = -(-_PICTURE_BITS // pieces)
    query = """
        CREATE OR REPLACE TABLE buckets AS
        SELECT piece AS band, (picture_hash >> (piece * $width)) & $mask AS bucket, number
        FROM compared, range($pieces) AS pieces(piece)
        WHERE picture_hash IS NOT NULL
    """
    connection.execute(query, {"width": width, "mask": (1 << width) - 1, "pieces": pieces})


def _replace(
    connection: duckdb.DuckDBPyConnection,
    keepers: npt.NDArray[np.int64],
    similarities: npt.NDArray[np.float64],
    settled: int,
    prepare: Callable[[], Similarity],
) -> None:
    """Go through the candidates, best record first, until nothing more is replaced."""
    while True:
        _share(connection)
        similarity = prepare()
        replaced = False
        for better, worse in _candidates(connection):
            # All pairs that could replace `better` came earlier, so its fate is known.
            if keepers[better] >= 0 or keepers[worse] >= 0 or worse < settled:
                continue
            if (found := similarity(better, worse)) >= similarity.enough:
                keepers[worse], similarities[worse] = better, found
                replaced = True
        if not replaced or not _crowded(connection):
            return
        _leave(connection, keepers)


def _share(connection: duckdb.DuckDBPyConnection) -> None:
    """Table `shared`: the pairs that share a bucket, each record with the best ones there."""
    query = """
        CREATE OR REPLACE TABLE shared AS
        WITH placed AS (SELECT *, row_number() OVER (PARTITION BY band, bucket ORDER BY number) AS place FROM buckets)
        SELECT DISTINCT a.number AS better, b.number AS worse
        FROM placed a JOIN placed b ON a.band = b.band AND a.bucket = b.bucket
        WHERE a.place <= $partners AND a.number < b.number
    """
    connection.execute(query, {"partners": _PARTNERS})


def _candidates(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, int]]:
    cursor = connection.execute("SELECT better, worse FROM shared ORDER BY better, worse")
    while rows := cursor.fetchmany(_ROWS):
        yield from rows


def _crowded(connection: duckdb.DuckDBPyConnection) -> bool:
    sizes = "SELECT coalesce(max(size), 0) FROM (SELECT count(*) AS size FROM buckets GROUP BY band, bucket)"
    return _scalar(connection, sizes) > _PARTNERS


def _leave(connection: duckdb.DuckDBPyConnection, keepers: npt.NDArray[np.int64]) -> None:
    """Take the replaced records out of the buckets, so that others come among the best there."""
    connection.register("replaced", pa.table({"number": np.flatnonzero(keepers >= 0)}))
    connection.execute("CREATE OR REPLACE TABLE buckets AS SELECT * FROM buckets ANTI JOIN replaced USING (number)")
    connection.unregister("replaced")


def _clusters(
    connection: duckdb.DuckDBPyConnection,
    keepers: npt.NDArray[np.int64],
    similarities: npt.NDArray[np.float64],
    settled: int,
) -> pa.Table:
    numbers = np.flatnonzero(keepers >= 0)
    near = pa.table({"number": numbers, "keeper": keepers[numbers], "similarity": similarities[numbers]})
    connection.register("near", near)
    found = connection.sql(f"""
        WITH chosen AS (
            SELECT number, keeper, 'near' AS kind, similarity FROM near
            UNION ALL  -- the record with the same content may itself have been replaced
            SELECT e.number, coalesce(n.keeper, e.keeper), if(n.keeper IS NULL, 'exact', 'near'),
                   coalesce(n.similarity, 1)
            FROM exact e LEFT JOIN near n ON n.number = e.keeper WHERE e.number >= {settled}
        )
        SELECT {_BYTES.format("a.id")} AS id, {_BYTES.format("b.id")} AS keeper,
               kind, round(similarity, 6)::DOUBLE AS similarity
        FROM chosen JOIN records a ON a.number = chosen.number JOIN records b ON b.number = chosen.keeper
        ORDER BY a.id
    """)
    return _as_clusters(found)


def join(workspace: Workspace, first: Path, later: Path, out: Path) -> None:
    """Write the clusters of two comparisons as one; the second was made among those that the first one left."""
    with store.connect(workspace) as connection:
        connection.read_parquet(str(first)).create_view("first")
        connection.read_parquet(str(later)).create_view("later")
        found = connection.sql(f"""
            WITH every AS (
                SELECT f.id, coalesce(l.keeper, f.keeper) AS keeper, f.kind, f.similarity
                FROM first f LEFT JOIN later l ON l.id = f.keeper
                UNION ALL SELECT id, keeper, kind, similarity FROM later
            )
            SELECT {_BYTES.format("id")} AS id, {_BYTES.format("keeper")} AS keeper, kind, similarity
            FROM every ORDER BY every.id
        """)
        store.write(out, _as_clusters(found))


# duckdb hands UUIDs over as texts; Arrow's own are 16 bytes.
_BYTES = "unhex(replace({}::VARCHAR, '-', ''))"


def _as_clusters(found: duckdb.DuckDBPyRelation) -> pa.Table:
    storage = pa.schema([field.with_type(getattr(field.type, "storage_type", field.type)) for field in CLUSTERS.schema])
    return found.to_arrow_table().cast(storage).cast(CLUSTERS.schema)


def _scalar(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    [(number,)] = connection.execute(query).fetchall()
    return int(number)
