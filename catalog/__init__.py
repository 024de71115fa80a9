"""The catalog: what is known about the data, frozen into versions, published for SQL.

Lazy: importing it costs nothing until a name is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from catalog.manifests import Manifest
    from catalog.queries import query
    from catalog.versions import Version, open_version
    from catalog.workspace import Workspace

__all__ = ["Manifest", "Version", "Workspace", "open_version", "query"]

# No name here may be a module's too: importing that module would put it in the name's place.
_HOMES = {
    "Manifest": "catalog.manifests",
    "Version": "catalog.versions",
    "Workspace": "catalog.workspace",
    "open_version": "catalog.versions",
    "query": "catalog.queries",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
