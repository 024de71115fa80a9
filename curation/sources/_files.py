"""Works that are files of their own: texts and pictures in a folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatch
from typing import Any

from catalog.values import Declared, Record, Source
from curation.sources import _http, _pictures
from curation.sources._contract import LIMIT, Problem

TEXTS = {".txt": "text/plain", ".md": "text/markdown", ".html": "text/html", ".htm": "text/html"}


def list_files(system: Any, folder: str, include: Sequence[str]) -> list[str]:
    """Names of the texts and pictures under a folder, relative to it, sorted; hidden files are passed by."""
    names = (os.path.relpath(str(path), folder).replace(os.sep, "/") for path in system.find(folder))
    return sorted(
        name
        for name in names
        if not any(part.startswith(".") for part in name.split("/"))
        and media_type(name)
        and (not include or any(fnmatch(name, pattern) for pattern in include))
    )


def media_type(name: str) -> str:
    """The media type of a work, told by its name; empty for a file that is none."""
    return _pictures.media_type(name) or TEXTS.get(os.path.splitext(name)[1].lower(), "")  # noqa: PTH122 - remote names too


def read_work(system: Any, path: str, id_: str, where: Source, declared: Declared) -> Record | Problem:
    """The record of one file."""
    where = replace(where, media_type=media_type(path))
    try:
        size = int(system.size(path) or 0)
        if size > LIMIT:
            return Problem(where.position, "too-large", f"at most {LIMIT} bytes", str(size), id_, where.address)
        with system.open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        expected, found = "a file that may be read", type(error).__name__
        return Problem(where.position, "unreadable-file", expected, found, id_, where.address)
    if where.media_type.startswith("image/"):
        return _pictures.picture_record(id_, where, data, declared)
    text = _http.decode_text(data, html=where.media_type == "text/html")
    if where.media_type != "text/html":
        return Record(id_, "text", where, text=text, declared=declared)
    from curation.extract import read_page

    page = read_page(text)
    return Record(id_, "text", where, text=page.text, markup=text, declared=page.declare(declared))
