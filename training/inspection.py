"""Look at a run again: are ledger, card and claim one, what did the audit find, who is out since? Give one up."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog import consents
from catalog.errors import FormatError, NotFound, UsageError
from catalog.ledger import Ledger, Row
from catalog.workspace import Workspace
from training import accounting, reservations
from training.audit import Bound

AGREE = 1e-3  # epsilons are rounded up to four places; another machine may round the last one otherwise


@dataclass(frozen=True, slots=True)
class Report:
    """What an audit of a run says. `problems` are sentences; none: everything holds."""

    row: Row
    epsilon: float  # computed anew from the ledger's event
    bound: Bound | None  # None: the run had no canaries
    withdrawn: int  # people in the run who withdrew consent since; what was charged for them stays
    problems: tuple[str, ...]


def audited(workspace: Workspace | Path | str, run: str) -> Report:
    """Audit a run by its name or the beginning of it."""
    house = workspace if isinstance(workspace, Workspace) else Workspace.open(workspace)
    row = _row(house, run)
    facts = _facts(house.models / row.run)
    bound = Bound(**facts["audit"]) if facts and facts.get("audit") else None
    epsilon = accounting.composed([row.event], row.delta)
    return Report(row, epsilon, bound, _withdrawn(house, row), tuple(_problems(house, row, epsilon, facts, bound)))


def abandon(workspace: Workspace | Path | str, run: str) -> Row:
    """Give an unfinished run up, by its name or the beginning of it: it stays charged and never goes on.

    Refused where the run is done or under way; of one that was given up before, what is left is removed.
    """
    house = workspace if isinstance(workspace, Workspace) else Workspace.open(workspace)
    row = _row(house, run)
    if row.status == "done":
        raise UsageError("the run is done, there is nothing to give up", place=row.run)
    ledger = Ledger(house.ledger)
    with reservations.held(house, row.run):
        reservations.abandon(house, ledger, row.run)
    return ledger.row(row.run)


def _withdrawn(house: Workspace, row: Row) -> int:
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    said = consents.load(house)
    last = [said.last(one.contributor, now) for _, one in Ledger(house.ledger).contributions(run=row.run)]
    return sum(statement is not None and statement.withdrawal for statement in last)


def _problems(house: Workspace, row: Row, epsilon: float, facts: dict[str, Any], bound: Bound | None) -> list[str]:
    found = []
    if epsilon > row.epsilon + AGREE:
        found.append(f"the ledger says epsilon {row.epsilon:.4f}, its own event comes to {epsilon:.4f}")
    if facts and abs(_claimed(facts) - row.epsilon) > AGREE:
        found.append(f"the card says epsilon {_claimed(facts):.4f}, the ledger {row.epsilon:.4f}")
    if row.status == "done" and not facts:
        found.append("the run is done, and its card is not there")
    if row.status != "reserved" and (reservations.secrets_folder(house) / f"{row.run}.secret").exists():
        found.append("the run is settled, and its secret is still there: whoever has it can take the noise away")
    if bound and bound.alarm:
        found.append(f"ALARM: the canaries show epsilon of at least {bound.epsilon:.2f}, more than is claimed")
    return found


def _row(house: Workspace, run: str) -> Row:
    rows = Ledger(house.ledger).rows() if house.ledger.exists() else []
    run = Path(run).name  # the folder will do as well
    found = [row for row in rows if run and row.run.startswith(run)]
    if len(found) != 1:
        raise NotFound(
            f"{len(found) or 'no'} runs begin with {run!r}",
            cure="`cleartitle budget` lists them.",
            place=str(house.ledger),
        )
    return found[0]


def _facts(folder: Path) -> dict[str, Any]:
    path = folder / "facts.json"
    if not path.is_file():
        return {}
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        _claimed(found)
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError("expected the facts of a run (JSON), found something else", place=str(path)) from error
    return found


def _claimed(facts: dict[str, Any]) -> float:
    return float(facts["privacy"]["epsilon"])
