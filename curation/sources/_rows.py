"""A row of a table as a record: what JSON lines, Parquet, CSV and Hugging Face share."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from catalog.values import Consent, Declared, Record, Source
from curation.sources._contract import LIMIT, Identify, Input, Problem, SourceOptions, problem_address

Row = Mapping[str, object]

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_FIELD_LIMIT = 4000  # characters of another column that are kept as evidence
_CONSENT = ("consent_scope", "granted_at", "expires", "withdrawn")


class NotADate(Exception):
    """A consent date that cannot be read: `str()` is its column. Guessing could overlook a withdrawal."""


def record_from_row(
    row: Row, position: int, source: Input, options: SourceOptions, identify: Identify
) -> Record | Problem:
    """The record that a row holds, or why it holds none."""
    address, place = _address(row, position, source, options)
    id_ = identify(address, place)
    try:
        declared = declared_by_row(row, options)
    except NotADate as column:
        return Problem(position, "not-a-date", f"an ISO 8601 date in column {column}", "something else", id_, address)
    where = Source(address, source.name, position, "text/plain", moment(row.get("fetched_at")))
    picture = _picture(row.get(options.images))
    if picture is not None:
        return _picture_row(id_, where, picture, _with_words(declared, row, options, address))
    return _text_row(id_, where, row, declared, options)


def _text_row(id_: str, where: Source, row: Row, declared: Declared, options: SourceOptions) -> Record | Problem:
    position, address = where.position, where.address
    markup = row.get(options.html)
    text = row.get(options.text)
    if not isinstance(text, str) and not isinstance(markup, str):
        found = "no such column" if options.text not in row else f"a value of type {type(text).__name__}"
        return Problem(position, "no-text", f"text in column {options.text!r}", found, id_, address)
    markup = _storable(markup) if isinstance(markup, str) else ""
    if max(len(markup), len(text) if isinstance(text, str) else 0) > LIMIT:
        return Problem(position, "too-large", f"at most {LIMIT} characters", "more", id_, address)
    if not isinstance(text, str):
        from curation.extract import main_text

        text = main_text(markup)
        where = replace(where, media_type="text/html")
    return Record(id_, "text", where, text=_storable(text), markup=markup, declared=declared)


def _storable(text: str) -> str:
    """JSON may carry lone surrogates; nothing after us could store them."""
    return text.encode("utf-8", "replace").decode()


def _picture_row(id_: str, where: Source, data: bytes, declared: Declared) -> Record | Problem:
    from curation.sources._pictures import picture_record

    if len(data) > LIMIT:
        return Problem(where.position, "too-large", f"at most {LIMIT} bytes", f"{len(data)}", id_, where.address)
    return picture_record(id_, where, data, declared)


def _with_words(declared: Declared, row: Row, options: SourceOptions, address: str) -> Declared:
    """Beside a picture the text column is its caption, and a page holds its alternative text."""
    from curation.extract import alternative_text

    told = [("caption", line) for line in _several(row.get(options.text))]
    if isinstance(markup := row.get(options.html), str) and len(markup) <= LIMIT:
        told.append(("alt", alternative_text(_storable(markup), address)))
    return replace(declared, fields=(*told, *declared.fields))


def _picture(value: object) -> bytes | None:
    """Bytes, or what Hugging Face keeps of an image: {"bytes": ..., "path": ...}."""
    if isinstance(value, Mapping):
        value = value.get("bytes")
    return value if isinstance(value, bytes) else None


def _address(row: Row, position: int, source: Input, options: SourceOptions) -> tuple[str, str]:
    """The address, and the place in it. A row keeps its id when the file is reordered, if it has a key of its own."""
    url, key = words(row.get(options.url)), words(row.get(options.id_field))
    if url:
        return url, key or f" {position}"  # no key begins with a space
    return (f"{source.name}#{key}" if key else problem_address(source.name, position)), ""


def declared_by_row(row: Row, options: SourceOptions) -> Declared:
    """What the row says of itself. Columns with no part to play are kept as evidence."""
    votes = votes_in(row.get(options.annotations))
    named = {getattr(options, name) for name in _COLUMNS}
    return Declared(
        licence=words(row.get(options.licence_field)) or options.licence,
        title=words(row.get(options.title)),
        author=words(row.get(options.author)),
        author_url=words(row.get(options.author_url)),
        language=language_code(row.get(options.language)),
        label=words(row.get(options.label)) or majority(votes),
        annotations=votes,
        contributor=words(row.get(options.contributor)),
        consent=consent(row),
        fields=(
            *_told(row, options),
            *(
                (str(name), words(value)[:_FIELD_LIMIT])
                for name, value in row.items()
                if name not in named and name not in _CONSENT and words(value)
            ),
        ),
    )


def _told(row: Row, options: SourceOptions) -> Iterator[tuple[str, str]]:
    """Captions and alternative texts, whole: half a number is a number that no recogniser knows."""
    for name, column in (("caption", options.caption), ("alt", options.alt)):
        if column != options.text:
            yield from ((name, line[:LIMIT]) for line in _several(row.get(column)))


def _several(value: object) -> list[str]:
    """A cell that holds one text, or a list of them."""
    cells = value if isinstance(value, list | tuple) else [value]
    return [line for cell in cells if (line := words(cell))]


_COLUMNS = (
    "text", "html", "images", "caption", "alt", "url", "id_field", "title", "author", "author_url",
    "language", "licence_field", "label", "annotations", "contributor",
)  # fmt: skip


def row_size(row: Row) -> int:
    """About how many bytes a row takes: its texts and pictures."""
    parts = (value.get("bytes") if isinstance(value, Mapping) else value for value in row.values())
    return sum(len(part) for part in parts if isinstance(part, bytes | str))


def words(value: object) -> str:
    """A cell as a word; empty for what is missing or not a plain value."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return str(value).lower() if isinstance(value, bool) else ""
    return _storable(str(value)).strip()


def language_code(value: object) -> str:
    """The language of a tag such as "en-GB"; empty for what is no tag, which the catalog must not repeat."""
    tag = words(value).replace("_", "-")
    return tag.partition("-")[0].lower() if _LANGUAGE.fullmatch(tag) else ""


def votes_in(value: object) -> tuple[tuple[str, str], ...]:
    """Votes as (annotator, label); a CSV file holds the list as JSON."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return ()
    if isinstance(value, Mapping) and all(isinstance(column, list) for column in value.values()):
        # How `datasets` keeps a list of structs.
        value = [dict(zip(value, vote, strict=True)) for vote in zip(*value.values(), strict=False)]
    if not isinstance(value, Sequence) or isinstance(value, bytes | str):
        return ()
    return tuple(
        (words(vote.get("annotator")), words(vote.get("label")))
        for vote in value
        if isinstance(vote, Mapping) and words(vote.get("label"))
    )


def majority(votes: Sequence[tuple[str, str]]) -> str:
    """The label with most votes; of equals the smallest, so that the answer is always the same."""
    counts = Counter(label for _, label in votes)
    return min(counts, key=lambda label: (-counts[label], label), default="")


def consent(row: Row) -> Consent | None:
    """The consent that a row records; None where it records none."""
    value = row.get("consent_scope")
    parts = words(value).split(";") if not isinstance(value, list | tuple) else [words(part) for part in value]
    scope = tuple(part.strip() for part in parts if part.strip())
    dates = [_consent_date(row, name) for name in ("granted_at", "expires", "withdrawn")]
    return Consent(scope, *dates) if scope or any(dates) else None


def _consent_date(row: Row, column: str) -> datetime | None:
    value = row.get(column)
    found = moment(value)
    if found is None and value not in (None, "", False):
        raise NotADate(column)
    return found


def moment(value: object) -> datetime | None:
    """A date or time as UTC; a day is its first moment. None where it cannot be read."""
    if isinstance(value, str) and value.strip():
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime):
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
