"""A workspace: the folder that holds what cleartitle knows, its lock, and atomic writing."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from catalog import processes
from catalog.errors import FormatError, NotFound, WorkspaceLocked

FORMAT = 1
MARKER = "cleartitle.json"
STAGED = ".part-"  # prefix of files being written: what has it and belongs to no living process is swept away
_OLD = 86_400  # seconds after which what another machine began is taken for left behind


@dataclass(frozen=True, slots=True)
class Workspace:
    """Paths of one workspace. Open it with `Workspace.open`, never by hand."""

    root: Path
    id: str

    @classmethod
    def open(cls, root: Path | str) -> Workspace:
        """Open an existing workspace, or say that there is none."""
        root = Path(root).resolve()
        marker = root / MARKER
        if not marker.is_file():
            raise NotFound(
                "this is no cleartitle workspace (expected a file cleartitle.json in it)",
                cure="Name the folder that `cleartitle run` wrote, with --workspace.",
                place=str(root),
            )
        try:
            found = json.loads(marker.read_text("utf-8"))
            number, identity = int(found["format"]), str(found["id"])
        except (ValueError, KeyError, TypeError) as error:
            raise FormatError("expected a JSON object with format and id", place=str(marker)) from error
        refuse_newer(number, FORMAT, marker)
        return cls(root, identity)

    @classmethod
    def create(cls, root: Path | str) -> Workspace:
        """Open the workspace at `root`, making it if there is none."""
        root = Path(root).resolve()
        if not (root / MARKER).is_file():
            root.mkdir(parents=True, exist_ok=True)
            content = json.dumps({"format": FORMAT, "id": str(uuid.uuid4())}) + "\n"
            write_text(root / MARKER, content)
        return cls.open(root)

    @property
    def catalog(self) -> Path:
        """The published DuckDB file."""
        return self.root / "catalog.duckdb"

    @property
    def ledger(self) -> Path:
        """The privacy ledger (SQLite)."""
        return self.root / "ledger.sqlite"

    @property
    def stages(self) -> Path:
        """What the stages of runs wrote, per batch, named by key."""
        return self.root / "stages"

    @property
    def shards(self) -> Path:
        """Immutable Parquet shards of versions, named by their bytes."""
        return self.root / "shards"

    @property
    def versions(self) -> Path:
        """One manifest per version."""
        return self.root / "versions"

    @property
    def cards(self) -> Path:
        """One folder per version: facts, README.md, HTML."""
        return self.root / "cards"

    @property
    def models(self) -> Path:
        """One folder per training run."""
        return self.root / "models"

    @property
    def exports(self) -> Path:
        """Where `cleartitle export` writes unless told otherwise."""
        return self.root / "exports"

    @property
    def reviews(self) -> Path:
        """What people decided about held records: one JSON line each, append-only."""
        return self.root / "reviews.jsonl"

    @property
    def runs(self) -> Path:
        """One log per run, without personal values."""
        return self.root / "runs"

    @property
    def spill(self) -> Path:
        """Caches and spill of every library used in this process; emptied once it is gone."""
        return self.root / "spill" / processes.name()

    def from_root(self, path: Path) -> str:
        """A path as it is noted: from the root where it is inside, so that it holds when the workspace is moved."""
        inside = [one for one in (path.resolve(), path) if ".." not in one.parts and one.is_relative_to(self.root)]
        return str(inside[0].relative_to(self.root) if inside else path.resolve())

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the workspace as its one committer; leftovers of killed runs are swept first."""
        with (self.root / ".lock").open("a+") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise WorkspaceLocked(
                    "another cleartitle process is writing to this workspace",
                    cure="Wait for it to end, or stop it; reading is possible all the while.",
                    place=str(self.root),
                ) from error
            self.sweep()
            try:
                yield
            finally:
                self.sweep()  # a worker that was killed may have left half a file

    @contextlib.contextmanager
    def publishing(self) -> Iterator[None]:
        """Wait for the short lock under which the published file and the lists beside it are rewritten.

        Not the committer's: export, training and reviews take it too, for as long as they write.
        """
        with (self.root / ".publish.lock").open("a+") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def sweep(self) -> None:
        """Remove half-written files and spill of processes that are gone, and this process's own spill."""
        for folder in (self.root, self.stages, self.shards, self.versions, self.cards, self.exports):
            if folder.is_dir():
                pattern = f"{STAGED}*" if folder == self.root else f"**/{STAGED}*"
                for path in folder.glob(pattern):
                    _remove_if_left(path, path.name.removeprefix(STAGED))
        for path in (self.root / "spill").glob("*"):
            _remove_if_left(path, path.name)
        shutil.rmtree(self.spill, ignore_errors=True)
        with contextlib.suppress(OSError):  # others are at work
            (self.root / "spill").rmdir()


def _remove_if_left(path: Path, owner: str) -> None:
    """Remove what belongs to no living process; of another machine's, what nobody touched for a day."""
    state = processes.state(owner)
    with contextlib.suppress(FileNotFoundError):  # its owner was quicker
        if state == "gone" or (state == "elsewhere" and time.time() - path.stat().st_mtime > _OLD):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def part_of(path: Path) -> Path:
    """A name beside `path` to write under, which a sweep can tell from those of the dead."""
    return path.parent / f"{STAGED}{processes.name()}-{secrets.token_hex(4)}-{path.name}"[:240]


def refuse_newer(found: int, known: int, place: Path) -> None:
    """Every format on disk carries a number; a newer one than ours is not guessed at."""
    if found > known:
        raise FormatError(
            f"has format {found}, this program knows formats up to {known}",
            cure="Update cleartitle.",
            place=str(place),
        )


def write_atomically(path: Path, write: Callable[[Path], object], *, mode: int | None = None) -> None:
    """Have `write` fill a file beside `path`, sync it, and put it in place in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = part_of(path)
    try:
        if mode is not None and not mode & 0o077:
            part.touch(mode)  # private from its first byte
        write(part)
        with part.open("rb+") as handle:
            os.fsync(handle.fileno())
        if mode is not None:
            part.chmod(mode)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def write_bytes(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Put bytes in place in one step. Modes and errors are those of `write_atomically`."""
    write_atomically(path, lambda part: part.write_bytes(data), mode=mode)


def json_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a JSON lines file with their numbers from 1, without empty ones.

    A line feed alone ends one: str.splitlines() parts at U+2028 and others too, which JSON may hold as they are.
    """
    return ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def write_text(path: Path, text: str, *, mode: int | None = None) -> None:
    """Put a text in place in one step, as UTF-8. Modes and errors are those of `write_atomically`."""
    write_bytes(path, text.encode(), mode=mode)
