"""Commands for people's rights: erasing what is somebody's, and taking in grants and withdrawals of consent."""

from __future__ import annotations

import datetime as dt
import math
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.errors import CleartitleError, UsageError
from catalog.suppression import RETENTION
from catalog.workspace import Workspace
from curation import screen
from curation.cli_workspace import HERE, WorkspaceOption, publish

if TYPE_CHECKING:
    from catalog.erase import Effects
    from catalog.erasures import Erasure
    from catalog.requests import Request

commands = typer.Typer()
consent_app = typer.Typer(help="Grants and withdrawals of consent, kept under pseudonyms.", no_args_is_help=True)

_BEYOND = (
    "What erasure does not reach, here or anywhere: backups and snapshots of this folder and of the disk below it; "
    "exports outside it and copies in others' hands; models trained before; the sources themselves, which stay as "
    "they are (the suppression list keeps them from coming in again); names of input files. "
    "See docs/explanation/erasure.md."
)


Names = list[str] | None


@commands.command(epilog="Example: cleartitle erase --contributor anna --host blog.example")
def erase(
    contributor: Annotated[Names, typer.Option(help="Everything this person contributed.")] = None,
    source: Annotated[Names, typer.Option(help="The record or records read at this address.")] = None,
    host: Annotated[Names, typer.Option(help="Everything from this host; not those below it.")] = None,
    record: Annotated[Names, typer.Option(help="One record: its id, or the beginning of it.")] = None,
    requests: Annotated[
        Path | None, typer.Option(help="CSV or JSONL file with columns contributor, source, host, record.")
    ] = None,
    workspace: WorkspaceOption = HERE,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what it would touch.")] = False,
    keep_duplicates: Annotated[
        bool, typer.Option("--keep-duplicates", help="Leave near-duplicates of what is named.")
    ] = False,
    grace: Annotated[
        float | None,
        typer.Option(min=0, help="Seconds that old files stay. Default: 0, or 600 if the workspace is open elsewhere."),
    ] = None,
    retention: Annotated[
        int, typer.Option(min=1, help="Days on the suppression list, so that it does not come in again.")
    ] = RETENTION,
) -> None:
    """Erase records from every version, after showing what it will touch. Without a request: finish what waits."""
    opened = Workspace.open(workspace)
    asked = _asked({"contributor": contributor, "source": source, "host": host, "record": record}, requests)
    if not asked:
        _finish(opened)
        return
    find = _finder(opened, asked, copies=not keep_duplicates, retention=retention)
    _show(find())
    if dry_run or not (yes or _agreed()):
        screen.console.print("Nothing was touched.")
    else:
        _carry_out(opened, find, grace)


def _asked(named: Mapping[str, Names], file: Path | None) -> list[Request]:
    from catalog.requests import Request, read

    asked = [Request(kind, value) for kind, values in named.items() for value in values or ()]
    return asked + (read(file) if file else [])


def _finder(workspace: Workspace, asked: list[Request], *, copies: bool, retention: int) -> Callable[[], Effects]:
    """What finds the records that are meant and what else they touch: asked once to show, again under the lock."""
    from catalog.erase import preview
    from catalog.requests import resolve

    masked = _masked(asked)
    return lambda: preview(workspace, resolve(workspace, asked, masked=masked, copies=copies, retention=retention))


def _carry_out(workspace: Workspace, find: Callable[[], Effects], grace: float | None) -> None:
    from catalog import erase as erasing

    with workspace.lock():
        erasing.finish(workspace)
        done = erasing.carry_out(workspace, find(), grace, _Steps())
    _tell(done, erasing.due(workspace))


def _masked(asked: list[Request]) -> dict[str, str]:
    """Source addresses as the shards hold them."""
    import privacy

    return {one.value: privacy.mask(one.value) for one in asked if one.kind == "source"}


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise UsageError("nobody is there to be asked", cure="Look at it with --dry-run, then say --yes.")
    return typer.confirm("Erase all this? It cannot be undone.", err=True)


_STEPS = {
    "journal": "writing the journal",
    "shard": "rewriting shards",
    "manifest": "amending versions",
    "stage": "rewriting outputs of stages",
    "publish": "publishing the catalog",
    "proof": "searching every byte",
}


class _Steps:
    """Tells the steps of an erasure as they come, each kind once."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def __call__(self, step: str) -> None:
        if step in _STEPS and step not in self._told:
            self._told.add(step)
            screen.errors.print(f"… {_STEPS[step]}")


def _finish(workspace: Workspace) -> None:
    from catalog import erase as erasing
    from catalog import erasures

    if not erasures.journals(workspace):
        raise UsageError("what shall be erased?", cure="Name it with --contributor, --source, --host or --record.")
    begun = [journal.entry.number for journal in erasures.journals(workspace)]
    with workspace.lock():
        erasing.finish(workspace, _Steps())
    ended = [one for one in erasures.log(workspace) if one.number in begun]
    for done in ended:
        _tell(done, erasing.due(workspace))


def _show(effects: Effects) -> None:
    """What it will touch, before anything is done."""
    meant = effects.meant
    told = f"{len(meant.ids)} records will be erased"
    if meant.copies:
        told += f", {meant.copies} of them near-duplicates of what was named (--keep-duplicates leaves those)"
    screen.console.print(f"{told}; {effects.shards} of {effects.shards_of} shards and {effects.others} other files.")
    if meant.others:
        screen.console.print(f"{meant.others} near-duplicates are another contributor's and stay; name them to erase.")
    if meant.unsure:
        screen.console.print(
            f"{meant.unsure} more records may be meant: of their address only a masked form is kept, which fits. "
            "Name those with --record."
        )
    if meant.near:
        screen.console.print(
            f"Nothing was read at an address that was named, but {meant.near} records were at nearly the same "
            "(other scheme, www., query or last slash). Name their addresses, or the records with --record."
        )
    rows = [(one.version, one.records, one.released) for one in effects.versions]
    if rows:
        screen.table(
            "versions", ("version", "records", "of them released"), rows, right=("records", "of them released")
        )
    _show_copies(effects)
    screen.console.print(_BEYOND)


def _show_copies(effects: Effects) -> None:
    """Exports and models: what was made of the versions before."""
    if effects.copies:
        copies = [(one.version, one.format, one.at[:10], "will be removed" if one.within else "out of reach", one.path)
                  for one in effects.copies]  # fmt: skip
        screen.table("copies that hold or count them", ("version", "as", "made", "", "where"), copies)
    if effects.models:
        models = [
            (one.run, one.version, one.status, f"{one.epsilon:.2f} / {one.unit}", _charges(one.people))
            for one in effects.models
        ]
        columns = (
            "model",
            "version",
            "status",
            "epsilon",
            "charged for the people meant (pseudonym: records, epsilon)",
        )
        screen.table("models trained on these versions: out of reach", columns, models)


def _charges(people: tuple[tuple[str, int, float, float], ...]) -> str:
    told = [
        f"{name[:8]}: {records}, {epsilon:.2f}" if math.isfinite(epsilon) else f"{name[:8]}: {records}, no guarantee"
        for name, records, epsilon, _ in people
    ]
    return "; ".join(told) or "nobody in the ledger"


def _tell(done: Erasure, due: dt.datetime | None) -> None:
    """How it ended, with the proof."""
    amended = ", ".join(one.version for one in done.versions) or "no version"
    screen.console.print(f"Erasure {done.number}: {done.records} records out of {amended}; {done.shards} shards anew.")
    proof = done.proof
    if proof is None:
        until = f"{due:%Y-%m-%d %H:%M} UTC" if due else "their time"
        screen.console.print(
            f"Pending: old files stay until {until} for whoever has them open. After that any command that writes, "
            "or `cleartitle erase`, removes them and makes the proof."
        )
        return
    screen.console.print(
        f"Proof: {proof.windows} pieces of 24 bytes looked for in {proof.files} files, {proof.bytes:,} bytes as they "
        f"lie and {proof.unpacked:,} unpacked. {proof.shared} are also in records that stay; of the others "
        f"{proof.found} were found."
    )
    if proof.unread:
        screen.console.print(
            f"{proof.unread} damaged files could not be unpacked and were searched as they lie: `cleartitle doctor`."
        )
    if proof.found or proof.holding:
        raise CleartitleError(
            f"the proof failed: {proof.found} pieces of erased records were found, {proof.holding} files hold rows",
            cure=f"Look at {', '.join(proof.leftover) or 'the shards'}; whatever put them there is not known to us.",
        )
    screen.console.print(_BEYOND)


@consent_app.command("import", epilog="Example: cleartitle consent import withdrawals.csv")
def consent_import(
    file: Annotated[Path, typer.Argument(help="CSV or JSONL with columns contributor, uses, from, until, withdrawn.")],
    workspace: WorkspaceOption = HERE,
) -> None:
    """Take in grants and withdrawals. They count at once: in export and training, and in the next run's decisions."""
    from catalog import cards, consents
    from catalog.queries import query

    opened = Workspace.open(workspace)
    done = consents.import_file(opened, file)
    publish(opened)
    cards.refresh(opened)
    found = query(opened, "SELECT count(DISTINCT contributor) FROM facts SEMI JOIN consents USING (contributor)")
    known = (found.fetchone() or (0,))[0]
    screen.console.print(
        f"{done.rows} statements of {done.contributors} contributors; new: {done.grants} grants, "
        f"{done.withdrawals} withdrawals. {known} contributors in the register have records here."
    )
    screen.console.print("`cleartitle run` makes versions by it; until then the gate refuses those it closes.")


@consent_app.command("list", epilog="Example: cleartitle consent list")
def consent_list(workspace: WorkspaceOption = HERE) -> None:
    """Count what stands in the register today: contributors, never names."""
    from catalog import consents

    register = consents.load(Workspace.open(workspace))
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    states: Counter[tuple[str, str]] = Counter()
    for name in register.said:
        last = register.last(name, now)
        if last is None:
            states["not yet in force", ""] += 1
        elif last.withdrawal:
            states["withdrawn", ""] += 1
        else:
            states["expired" if last.until and last.until <= now else "granted", "; ".join(last.uses)] += 1
    rows = [(*state, count) for state, count in sorted(states.items())]
    screen.table(f"{len(register.said)} contributors", ("state", "uses", "contributors"), rows, right=("contributors",))
