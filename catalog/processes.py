"""Which process a file or folder belongs to: a name that a later process cannot take by chance."""

from __future__ import annotations

import hashlib
import os
import re
import socket
from pathlib import Path
from typing import Literal

import psutil

State = Literal["alive", "gone", "elsewhere"]

_NAME = re.compile(r"(\d+)\.(\d+)\.([0-9a-f]{8})(?=-|$)")


def name() -> str:
    """This process: number, start time and machine. A number alone is given again to others."""
    return f"{os.getpid()}.{_started(os.getpid())}.{_machine()}"


def state(owner: str) -> State:
    """What became of the process that `owner` begins with the name of; what names none is left over."""
    found = _NAME.match(owner)
    if not found:
        return "gone"
    if found[3] != _machine():
        return "elsewhere"
    return "alive" if _started(int(found[1])) == found[2] else "gone"


def readers(folder: Path) -> set[int]:
    """Other processes of this user that hold a file below the folder open."""
    below = f"{folder}{os.sep}"
    found = set()
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and any(file.path.startswith(below) for file in process.open_files()):
                found.add(process.pid)
        except (psutil.Error, OSError):
            continue  # gone meanwhile, or somebody else's
    return found


def _started(pid: int) -> str:
    """When a process began, as the system counts; empty where there is none (a zombie is none)."""
    if Path("/proc/self/stat").exists():
        try:
            fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            return ""
        return "" if fields[0] in "ZX" else fields[19]
    try:
        return str(int(psutil.Process(pid).create_time() * 1000))
    except psutil.Error:
        return ""


def _machine() -> str:
    return hashlib.blake2b(socket.gethostname().encode(), digest_size=4).hexdigest()
