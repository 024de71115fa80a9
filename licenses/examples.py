"""Running a check's own examples: what it finds, in the notation of `Example.finds`."""

from __future__ import annotations

from catalog.checks import Check, Example
from catalog.values import Declared
from licenses.page import Evidence


def run_example(check: Check, example: Example) -> tuple[str, ...]:
    """Licence ids of claims that license something here; "use=answer" of preferences."""
    given = str(example.given)
    robots = given if given.lstrip().lower().startswith("user-agent:") else None
    evidence = Evidence(
        "" if robots is not None else given,
        example.url,
        example.headers,
        Declared(licence=example.licence, fields=example.fields),
        robots=robots,
    )
    found = list(check.run(evidence))
    if check.kind == "preferences":
        return tuple(sorted(f"{preference.use}={preference.answer}" for preference in found))
    return tuple(sorted(claim.licence for claim in found if claim.scope in ("page", "text")))
