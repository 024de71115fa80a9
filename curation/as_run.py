"""The recipe of a version as it was run: written down with what `--set` changed, and read back."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from catalog.manifests import Manifest
from catalog.workspace import Workspace
from curation import recipe
from curation.recipe import Recipe

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def recipe_of(workspace: Workspace, manifest: Manifest, folder: Path | None = None) -> Recipe:
    """The recipe that made a version. Its paths start in `folder`; none: the one that the workspace lies in."""
    place = (folder or workspace.root.absolute().parent).absolute() / "recipe.toml"
    return recipe.parse(tomllib.loads(manifest.recipe), place, manifest.recipe)


def written(table: dict[str, Any]) -> str:
    """A recipe's table as TOML."""
    lines = ["# As run with --set; comments are in the recipe's file."]
    lines += [_pair(key, value) for key, value in table.items() if not isinstance(value, dict)]
    for name, inner in table.items():
        if isinstance(inner, dict):
            lines += ["", f"[{_key(name)}]", *(_pair(key, value) for key, value in inner.items())]
    return "\n".join(lines) + "\n"


def _pair(key: str, value: Any) -> str:
    return f"{_key(key)} = {_value(value)}"


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _string(key)


def _value(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value)
        case str():
            return _string(value)
        case list():
            return f"[{', '.join(map(_value, value))}]"
        case dict():
            return "{" + ", ".join(_pair(key, inner) for key, inner in value.items()) + "}"
        case _:
            return str(value.isoformat())  # a date or a time


def _string(text: str) -> str:
    """As JSON writes it, which TOML reads; but JSON leaves one control character as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
