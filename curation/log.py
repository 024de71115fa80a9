"""Structured logs: one JSON object a line, with run and stage, and never a personal value."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Literal

Form = Literal["none", "text", "json"]


class RunLog:
    """Appends events to a run's own file, and to standard error where asked.

    Values are numbers, names of stages, files and reasons: callers pass nothing of a record.
    """

    def __init__(self, path: Path, run: str, form: Form = "none") -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8", buffering=1)
        self._run = run
        self._form = form

    def event(self, name: str, **values: str | int | float | None) -> None:
        """Write one event."""
        now = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": now, "run": self._run, "event": name, **values}, ensure_ascii=False)
        self._file.write(line + "\n")
        if self._form == "json":
            print(line, file=sys.stderr)
        elif self._form == "text":
            told = " ".join(f"{key}={value}" for key, value in values.items())
            print(f"{now} {name} {told}", file=sys.stderr)

    def close(self) -> None:
        """Close the run's file."""
        self._file.close()
