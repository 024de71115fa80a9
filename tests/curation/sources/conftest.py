"""Archives and readings, made small."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.values import Record
from curation import sources
from curation.sources import Problem, SiteFile, SourceOptions

Found = Record | SiteFile | Problem


class Warc:
    """Writes archives entry by entry."""

    @staticmethod
    def entry(block: bytes, kind: str = "response", url: str = "https://pier.example/", **headers: str) -> bytes:
        """One WARC entry; `length` overrides what is true."""
        length = headers.pop("length", str(len(block)))
        media_type = headers.pop("media_type", "application/http; msgtype=response")
        lines = [f"WARC-Type: {kind}", f"WARC-Target-URI: {url}", "WARC-Date: 2026-03-01T08:00:00Z"]
        lines += [f"Content-Type: {media_type}", f"Content-Length: {length}"]
        return "\r\n".join(["WARC/1.1", *lines, "", ""]).encode() + block + b"\r\n\r\n"

    @staticmethod
    def page(body: bytes = b"<p>Low water at noon.</p>", status: str = "200 OK", *headers: str) -> bytes:
        """An HTTP response with a page."""
        told = headers or ("Content-Type: text/html; charset=utf-8",)
        return "\r\n".join([f"HTTP/1.1 {status}", *told, "", ""]).encode() + body

    @staticmethod
    def members(*entries: bytes) -> bytes:
        """A gzip file with one member for each entry."""
        return b"".join(gzip.compress(one, mtime=0) for one in entries)


def identify(address: str, place: str = "") -> str:
    """An id that shows what it was made of."""
    return f"{address}|{place}"


class Reading:
    """Everything that one source yields."""

    def __init__(self, options: SourceOptions, root: Path) -> None:
        self.inputs = sources.expand(options, root)
        self.entries: dict[str, int] = {}
        self.found: list[Found] = []
        self.positions: list[int] = []
        for source in self.inputs:
            reader = sources.open_items(source, options)
            for piece in reader:
                self.positions.append(piece.position)
                parsed = [piece] if isinstance(piece, Problem) else sources.parse(piece, source, options, identify)
                self.found.extend(parsed)
            for name, count in reader.tally.entries.items():
                self.entries[name] = self.entries.get(name, 0) + count

    @property
    def records(self) -> list[Record]:
        return [found for found in self.found if isinstance(found, Record)]

    @property
    def problems(self) -> list[tuple[int, str]]:
        return [(found.position, found.message) for found in self.found if isinstance(found, Problem)]

    @property
    def site_files(self) -> list[SiteFile]:
        return [found for found in self.found if isinstance(found, SiteFile)]


@pytest.fixture
def warc() -> Warc:
    """Makes entries and archives."""
    return Warc()


@pytest.fixture
def read_source() -> Callable[[SourceOptions, Path], Reading]:
    """Read what a source table names."""
    return Reading


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Reading]:
    """Write a file under a name and read it back as a source."""

    def write_and_read(name: str, content: bytes | str, **options: str) -> Reading:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return Reading(SourceOptions(path=name, **options), tmp_path)

    return write_and_read


@pytest.fixture
def shared() -> Path:
    """Real data that is not committed."""
    path = Path(__file__).parents[3].parent / "shared" / "data"
    if not path.is_dir():
        pytest.skip("the shared data folder is not beside the checkout")
    return path
