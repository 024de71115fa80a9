"""Where records come from: one module for each kind of container.

`expand` turns a recipe's paths into inputs; `open_items` cuts an input in the reader
process; `parse` makes records of the pieces in a worker. A kind is a module here with
KIND, SUFFIXES, `read` and `parse`; nothing else lists it.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from catalog.errors import CleartitleError, Unavailable

if TYPE_CHECKING:
    from catalog.values import Record
    from curation.sources._contract import (
        LIMIT,
        Identify,
        Input,
        Item,
        Problem,
        SiteFile,
        SourceOptions,
        Tally,
        option_meanings,
        problem_address,
    )
    from curation.sources._expand import expand

__all__ = [
    "LIMIT",
    "Identify",
    "Input",
    "Item",
    "Problem",
    "Reader",
    "SiteFile",
    "SourceOptions",
    "Tally",
    "expand",
    "open_items",
    "option_meanings",
    "parse",
    "problem_address",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "curation.sources._expand" if name == "expand" else "curation.sources._contract"
    return getattr(importlib.import_module(module), name)


class Reader:
    """The pieces of an input, in order, as they stream by; afterwards `tally` says what it held."""

    def __init__(self, source: Input, options: SourceOptions) -> None:
        from curation.sources._contract import Tally

        self.tally = Tally()
        self._source, self._options = source, options

    def __iter__(self) -> Iterator[Item | Problem]:
        from curation.sources import _kinds
        from curation.sources._contract import Problem

        last = -1
        try:
            for piece in _kinds.module(self._source.kind).read(self._source, self._options, self.tally):
                last = piece.position
                self._count(piece)
                yield piece
        except CleartitleError:
            raise  # a missing package or table: the user must act
        except Exception as error:  # noqa: BLE001 - whatever a broken file does to a parser, the other files are still read
            _raise_passing(error, self._source)
            found = type(error).__name__  # never its words: they may quote the record
            problem = Problem(last + 1, "unreadable", f"a readable {self._source.kind} file", found)
            self._count(problem)
            yield problem

    def _count(self, piece: Item | Problem) -> None:
        from curation.sources._contract import Problem

        if isinstance(piece, Problem):
            self.tally.problems += 1
        else:
            self.tally.items += 1


def _raise_passing(error: Exception, source: Input) -> None:
    """What is remembered of a file must be true of its bytes: a failing disk or line ends the run instead."""
    from curation.sources._unpack import passing

    if passing(error):
        raise Unavailable(
            f"the input could not be read ({type(error).__name__})",
            cure="Run again once it can be: what was done is kept.",
            place=source.name,
        ) from error


def open_items(source: Input, options: SourceOptions) -> Reader:
    """Read an input. What cannot be read is a Problem at its place; a file that is none of its kind is one at 0.

    Raises Unavailable where the disk, the line or a permission fails."""
    return Reader(source, options)


def parse(
    item: Item, source: Input, options: SourceOptions, identify: Identify
) -> Iterator[Record | SiteFile | Problem]:
    """The records in one piece. Never raises for what the piece holds, but Unavailable as reading does."""
    from curation.sources import _kinds
    from curation.sources._contract import Problem, problem_address

    try:
        yield from _kinds.module(source.kind).parse(item, source, options, identify)
    except CleartitleError:
        raise
    except Exception as error:  # noqa: BLE001 - a parser that fails on hostile content must not end the run
        _raise_passing(error, source)
        address = problem_address(source.name, item.position)
        found = type(error).__name__  # never its words: they may quote the record
        yield Problem(item.position, "unparsable", "content that can be parsed", found, identify(address), address)
