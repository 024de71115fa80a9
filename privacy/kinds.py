"""The kinds of personal data that can be found: what a rule or a hold may name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from catalog.checks import discover
from privacy import ner, presidio, tagger
from privacy.redaction import DEFAULT_RULES

# What a line of text in a picture is called where no recogniser names it.
_OF_LINES = ("LICENSE_PLATE", "NUMBER")


def found(extra: Path | None = None, model: Path | None = None) -> frozenset[str]:
    """What our checks and models report, and those of a `checks/` folder and a tagger of one's own."""
    checks = (*discover("spans", extra), *discover("regions", extra))
    reported = {kind for check in checks for kind in check.reports}
    taught = tagger.load(model).kinds if model else ()
    return frozenset({*reported, *taught, *ner.KINDS.values(), *DEFAULT_RULES, *_OF_LINES} - {"*"})


def by_presidio(
    languages: Iterable[str], countries: Sequence[str] = (), extra: Path | None = None, files: Sequence[Path] = ()
) -> frozenset[str]:
    """What Presidio's recognisers report in these languages; takes two seconds to load them."""
    loaded = (one for language in languages for one in presidio.registered(language, countries, extra, files))
    return frozenset(kind for one in loaded for kind in one.supported_entities)
