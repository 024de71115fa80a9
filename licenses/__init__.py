"""Licences: which one a record is under, who said so, what it permits, and what is reserved."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

# The folder of checks is imported first, because the function of the same name follows.
import licenses.optouts  # noqa: F401

if TYPE_CHECKING:
    from catalog.values import Declared, Preference
    from licenses.algebra import Combination, combine
    from licenses.credit import Credit, attribution
    from licenses.page import Headers
    from licenses.permissions import Effect, Permission, effect, permits
    from licenses.reading import claims, classify, fingerprint
    from licenses.report import explain, inspect
    from licenses.reservations import preferences, reserved, site_preferences
    from licenses.verdict import Verdict, resolve

__all__ = [
    "Combination",
    "Credit",
    "Effect",
    "Permission",
    "Verdict",
    "attribution",
    "claims",
    "classify",
    "combine",
    "effect",
    "explain",
    "fingerprint",
    "inspect",
    "optouts",
    "permits",
    "preferences",
    "reserved",
    "resolve",
    "site_preferences",
]

_HOMES = {
    "Combination": "algebra",
    "Credit": "credit",
    "Effect": "permissions",
    "Permission": "permissions",
    "Verdict": "verdict",
    "attribution": "credit",
    "claims": "reading",
    "classify": "reading",
    "combine": "algebra",
    "effect": "permissions",
    "explain": "report",
    "fingerprint": "reading",
    "inspect": "report",
    "permits": "permissions",
    "preferences": "reservations",
    "reserved": "reservations",
    "resolve": "verdict",
    "site_preferences": "reservations",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def optouts(
    markup: str = "",
    *,
    url: str = "",
    robots: str | None = None,
    headers: Headers | None = None,
    tdmrep: str | None = None,
    declared: Declared | None = None,
) -> list[Preference]:
    """Every opt-out and opt-in signal for one address. None: not captured, so nothing is known."""
    from licenses.reservations import collect

    return collect(markup, url=url, robots=robots, headers=headers, tdmrep=tdmrep, declared=declared)
