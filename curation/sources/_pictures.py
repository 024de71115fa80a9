"""A picture as a record: its bytes, the words that belong to it, and what its metadata says of rights and credit."""

from __future__ import annotations

from dataclasses import replace

from catalog.errors import UnreadableInput
from catalog.values import Declared, Record, Source
from curation.sources._contract import Problem
from licenses import content_credentials

MEDIA_TYPES = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "image/tiff": (".tif", ".tiff"),
    "image/avif": (".avif",),
}
SUFFIXES = tuple(suffix for suffixes in MEDIA_TYPES.values() for suffix in suffixes)


def media_type(name: str) -> str:
    """The media type that a file name's ending tells; empty where it is no picture's."""
    name = name.lower()
    return next((kind for kind, suffixes in MEDIA_TYPES.items() if name.endswith(suffixes)), "")


def picture_record(id_: str, where: Source, data: bytes, declared: Declared) -> Record | Problem:
    """The record of a picture; a Problem where the bytes are not a picture."""
    from privacy.pictures.metadata import read_metadata

    try:
        fields = read_metadata(data).fields
    except UnreadableInput:
        return Problem(where.position, "unreadable-picture", "a picture", "bytes that do not open", id_, where.address)
    signed = content_credentials.read(data, where.media_type)
    declared = replace(declared, fields=(*declared.fields, *fields, *signed))
    return Record(id_, "image", where, text=words_of(declared), image=data, declared=declared)


def words_of(declared: Declared) -> str:
    """Title, captions and alternative texts of a picture, each once, one a line: they are part of the record,
    and go wherever it goes. Keywords, comments and instructions are left behind."""
    from privacy.pictures.fields import DESCRIPTIONS, base

    said = [declared.title]
    for wanted in ("caption", *DESCRIPTIONS, "alt"):
        said += (value for name, value in declared.fields if wanted in (name, base(name)))
    lines = {" ".join(line.split()): None for line in said}
    return "\n".join(filter(None, lines))
