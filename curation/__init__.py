"""Curation: sources, quality, policy and the run that takes a recipe to a dataset version."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from curation.recipe import Recipe as Recipe
    from curation.recipe import load as load_recipe
    from curation.runner import Outcome as Outcome
    from curation.runner import run as run
    from curation.signals import signals as signals

# The modules `run` and `signals` hold the functions of the same names; whoever wants the
# modules themselves imports from them ("from curation.runner import Outcome").
_HOMES = {
    "Outcome": ("curation.runner", "Outcome"),
    "Recipe": ("curation.recipe", "Recipe"),
    "load_recipe": ("curation.recipe", "load"),
    "run": ("curation.runner", "run"),
    "signals": ("curation.signals", "signals"),
}

__all__ = ["Outcome", "Recipe", "load_recipe", "run", "signals"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _HOMES[name]
    return getattr(import_module(module), attribute)
