"""Every error a user can meet: a stable id, an exit code, a sentence, a cure.

Messages name the file, the place, what was expected and what was found. They never
quote a record: a bad line may hold somebody's address.
"""

from __future__ import annotations

from typing import ClassVar


class CleartitleError(Exception):
    """Base of the tree. `str()` is the whole sentence that a user reads."""

    id: ClassVar[str] = "CT-100"
    exit_code: ClassVar[int] = 1

    def __init__(self, problem: str, *, cure: str = "", place: str = "") -> None:
        self.problem = problem
        self.cure = cure
        self.place = place
        told = f"{problem}." if cure and not problem.endswith((".", "?", "!", ":")) else problem  # two sentences
        super().__init__(" ".join(part for part in (f"{place}:" if place else "", told, cure) if part))

    def __reduce__(self) -> tuple[object, ...]:  # keyword arguments survive a process boundary
        return (_rebuild, (type(self), self.problem, self.cure, self.place))


def _rebuild(kind: type[CleartitleError], problem: str, cure: str, place: str) -> CleartitleError:
    return kind(problem, cure=cure, place=place)


class UsageError(CleartitleError):
    """The command was called with something that is not there or makes no sense."""

    id = "CT-200"
    exit_code = 2


class RecipeError(UsageError):
    """The recipe holds an unknown key, a wrong type, or names a missing file."""

    id = "CT-201"


class NotFound(UsageError):
    """No such record, version, workspace or check."""

    id = "CT-202"


class FormatError(UsageError):
    """A file on disk has a newer format than this program, or is not what it says."""

    id = "CT-203"


class QueryError(UsageError):
    """An SQL query that DuckDB did not accept."""

    id = "CT-204"


class CheckError(UsageError):
    """A check lacks a part, or shadows another one."""

    id = "CT-205"


class UnreadableInput(CleartitleError):
    """An input file, or a part of it, could not be read. The rest was."""

    id = "CT-300"
    exit_code = 3


class Refused(CleartitleError):
    """The gate, a licence or a budget says no."""

    id = "CT-400"
    exit_code = 4


class GateRefused(Refused):
    """A version may not leave for this use."""

    id = "CT-401"


class BudgetRefused(Refused):
    """A training run would spend more privacy than is left."""

    id = "CT-402"


class Unavailable(CleartitleError):
    """A dependency, disk space or a permission is missing."""

    id = "CT-500"
    exit_code = 5


class MissingExtra(Unavailable):
    """An optional package is not installed; the message names the extra."""

    id = "CT-501"


class WorkspaceLocked(Unavailable):
    """Another run holds this workspace."""

    id = "CT-502"


class WorkerDied(Unavailable):
    """Worker processes died again and again on the same batch."""

    id = "CT-503"
