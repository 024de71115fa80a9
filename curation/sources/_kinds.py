"""The kinds of source there are: one module each in this folder, and no list of them."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType


@cache
def _modules() -> dict[str, ModuleType]:
    package = importlib.import_module(__package__)
    found = (
        importlib.import_module(f"{package.__name__}.{info.name}")
        for info in pkgutil.iter_modules(package.__path__)
        if not info.name.startswith("_")
    )
    return {module.KIND: module for module in found}


def names() -> tuple[str, ...]:
    """Every kind, sorted."""
    return tuple(sorted(_modules()))


def module(kind: str) -> ModuleType:
    """The module that reads a kind."""
    return _modules()[kind]
