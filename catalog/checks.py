"""Checks and how they are found: one module each, and no list of them anywhere.

A check is a module in a folder of checks. It reports facts; it never judges and never
edits. It holds

    VERSION: int                     raised whenever its answers change
    REPORTS: dict[str, str]          what it reports, a line of documentation each
    EXAMPLES: tuple[Example, ...]    at least one hit and one near miss, run by a shared test

and one function whose name says what kind of check it is (`KINDS`). Checks come from the
rooms' own folders, from the entry point group `cleartitle.checks` (a module each), and
from a `checks/` folder beside the recipe.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import pkgutil
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from catalog.errors import CheckError, CleartitleError

# The function a check of each kind defines, and the folder where ours are.
KINDS = {
    "claims": "licenses.channels",
    "preferences": "licenses.optouts",
    "signals": "curation.quality",
    "spans": "privacy.recognizers",
    "regions": "privacy.pictures.detectors",
}


@dataclass(frozen=True, slots=True)
class Example:
    """One example a check carries: what it is given, what it must find (nothing: a near miss).

    `given` is a text or markup (kinds `signals`, `spans`, `claims`, `preferences`) or a
    function that draws a Pillow picture (`regions`). `finds` names what comes back:
    licence ids; "use=answer" pairs; "KIND:words" for spans; region kinds; "signal=value".
    `url`, `headers` and `fields` go with it where a channel reads those.
    """

    given: Any
    finds: tuple[str, ...] = ()
    url: str = "https://example.org/page"
    headers: tuple[tuple[str, str], ...] | None = None
    fields: tuple[tuple[str, str], ...] = ()
    licence: str = ""  # the declared licence, for channels that read `Declared`


@dataclass(frozen=True, slots=True)
class Check:
    """A discovered check. `run` is the module's one function."""

    name: str
    kind: str
    version: int
    reports: dict[str, str]
    examples: tuple[Example, ...]
    run: Callable[..., Any]
    module: ModuleType
    fingerprint: str  # name and version; for a checks/ folder, its bytes too


def discover(kind: str, extra: Path | str | None = None) -> tuple[Check, ...]:
    """All checks of one kind, sorted by name; `extra` is a `checks/` folder beside a recipe."""
    found: dict[str, Check] = {}
    for check in (*_installed(kind), *(_from_folder(Path(extra)) if extra else ())):
        if check.kind != kind:
            continue
        if check.name in found:
            raise CheckError(
                f"two checks of kind {kind!r} are called {check.name!r}",
                cure="Rename one of the files: a check may not shadow another.",
                place=str(check.module.__file__),
            )
        found[check.name] = check
    return tuple(found[name] for name in sorted(found))


def fingerprint(checks: tuple[Check, ...]) -> str:
    """One short digest of checks and their versions, for stage keys."""
    joined = "\n".join(check.fingerprint for check in checks)
    return hashlib.sha256(joined.encode()).hexdigest()[:16]


@cache
def _installed(kind: str) -> tuple[Check, ...]:
    package = importlib.import_module(KINDS[kind])
    modules = [
        importlib.import_module(f"{package.__name__}.{info.name}")
        for info in pkgutil.iter_modules(package.__path__)
        if not info.name.startswith("_")
    ]
    ours = [read_check(module) for module in modules]
    theirs = [read_check(entry.load()) for entry in entry_points(group="cleartitle.checks")]
    return tuple(ours + theirs)


def _from_folder(folder: Path) -> Iterator[Check]:
    for path in sorted(folder.glob("[!_]*.py")):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        name = f"cleartitle_checks_{digest[:12]}_{path.stem}"
        module = sys.modules.get(name) or _load(name, path)
        check = read_check(module, name=path.stem, content=digest)
        # Scans fail closed by themselves: what a check of those kinds fails on is held.
        yield check if check.kind in ("spans", "regions") else replace(check, run=_told(check, path))


def _told(check: Check, path: Path) -> Callable[..., Any]:
    """The check's function; what it raises is told with its line, never with its words, which may quote a record."""

    @contextmanager
    def telling() -> Iterator[None]:
        try:
            yield
        except CleartitleError:
            raise
        except Exception as error:
            lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
            raise CheckError(
                f"{check.kind}() raised {type(error).__name__}, line {lines[-1] if lines else 'unknown'}",
                cure="Mend the check, or move it out of the checks folder.",
                place=str(path),
            ) from error

    def run(*given: Any) -> Any:
        with telling():
            return check.run(*given)

    def stream(*given: Any) -> Iterator[Any]:
        with telling():
            yield from check.run(*given)

    return stream if inspect.isgeneratorfunction(check.run) else run


def _load(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:  # pragma: no cover - only for odd file systems
        raise CheckError("the file cannot be loaded as a module", place=str(path))
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise CheckError(
            f"the check does not load: {type(error).__name__}: {error}",
            cure="Mend the file, or move it out of the checks folder.",
            place=str(path),
        ) from error
    sys.modules[name] = module
    return module


def read_check(module: ModuleType, name: str = "", content: str = "") -> Check:
    """Read a module as a check, or say which part it lacks."""
    place = str(getattr(module, "__file__", module.__name__))
    kinds = [kind for kind in KINDS if callable(getattr(module, kind, None))]
    if len(kinds) != 1:
        raise CheckError(
            f"expected exactly one of the functions {', '.join(KINDS)}, found {kinds or 'none'}",
            cure="Define the one that says what the check reports.",
            place=place,
        )
    for part, expected in (("VERSION", int), ("REPORTS", dict), ("EXAMPLES", tuple)):
        if not isinstance(getattr(module, part, None), expected):
            raise CheckError(f"expected {part} of type {expected.__name__}", place=place)
    name = name or module.__name__.rpartition(".")[2]
    version = module.VERSION
    return Check(
        name=name,
        kind=kinds[0],
        version=version,
        reports=dict(module.REPORTS),
        examples=module.EXAMPLES,
        run=getattr(module, kinds[0]),
        module=module,
        fingerprint=f"{kinds[0]}/{name}@{version}{'+' + content[:16] if content else ''}",
    )
