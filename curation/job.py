"""What every worker of a run holds: recipe, keys, checks and models, loaded once."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import licenses
import privacy
from catalog import checks
from catalog.checks import Check
from catalog.consents import Consents
from catalog.keys import Keys
from catalog.suppression import Suppression
from catalog.workspace import Workspace
from curation import decontaminate, duplicates, language, personal, policy
from curation.recipe import Recipe, Rule
from privacy.redaction import check_rules, effective

if TYPE_CHECKING:
    from privacy import Engine, ImageOptions

FACTS_VERSION = 6
PRIVACY_VERSION = 2
CONTENT_VERSION = 8


@dataclass(frozen=True)
class Job:
    """Sent to each worker once. Cached properties load where they are used."""

    recipe: Recipe
    workspace: Workspace
    keys: Keys = field(repr=False)
    as_of: dt.datetime  # UTC, without a zone
    consents: Consents = field(default_factory=Consents)  # as they stood when the run began
    suppression: Suppression = field(default_factory=Suppression)

    def __reduce__(self) -> tuple[object, ...]:  # what is cached here stays here
        return (Job, (self.recipe, self.workspace, self.keys, self.as_of, self.consents, self.suppression))

    @cached_property
    def signal_checks(self) -> tuple[Check, ...]:
        """The quality checks, ours and the recipe's own."""
        return checks.discover("signals", self.recipe.checks)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The quality rules in force."""
        return self.recipe.rules

    @cached_property
    def engine(self) -> Engine:
        """The text privacy engine; its models load on first use."""
        return personal.engine(self.recipe)

    @cached_property
    def image_options(self) -> ImageOptions:
        """How pictures are looked at."""
        return personal.image_options(self.recipe)

    @cached_property
    def redaction_rules(self) -> Mapping[str, str]:
        """What is done to each kind of personal data: the recipe's rules over the defaults."""
        return check_rules(effective(self.recipe.privacy.rules), self.keys.pseudonyms)

    @cached_property
    def removals(self) -> Mapping[str, tuple[str, ...]]:
        """What licensors asked to have left out of their credit, by address or record id."""
        from curation.credit import removals  # which needs this module

        asked = self.recipe.licenses.remove_credit
        return removals(self.recipe.folder / asked) if asked else {}

    @cached_property
    def benchmarks(self) -> decontaminate.Benchmarks | None:
        """What texts are looked through for; None where the recipe names no benchmark."""
        asked = self.recipe.decontaminate
        return decontaminate.read(self.recipe.folder, asked.files, asked.words) if asked.files else None

    @cached_property
    def overlaps_key(self) -> str:
        """Everything that overlaps with benchmarks depend on besides the facts."""
        asked = self.recipe.decontaminate
        return _key(decontaminate.VERSION, asked.words, decontaminate.digests(self.recipe.folder, asked.files))

    @cached_property
    def facts_key(self) -> str:
        """Everything the facts of a batch depend on besides its input."""
        return _key(
            FACTS_VERSION,
            self.recipe.distribution.columns,
            self.recipe.paragraphs.action != "off",
            language.VERSION,
            duplicates.VERSION,
            checks.fingerprint(self.signal_checks),
            licenses.fingerprint(self.recipe.checks),
            self.keys.fingerprints()["ids"],
            self.keys.fingerprints()["contributors"],
        )

    @cached_property
    def privacy_key(self) -> str:
        """Everything the privacy scan depends on besides the facts."""
        looked = privacy.image_fingerprint(str(self.recipe.checks or ""))
        modes = self.recipe.privacy.images, self.recipe.privacy.captions, self.recipe.quality.language_confidence
        return _key(PRIVACY_VERSION, self.facts_key, self.engine.fingerprint, *modes, looked)

    @cached_property
    def content_key(self) -> str:
        """Everything redacted content depends on besides the scan."""
        rules = sorted(self.redaction_rules.items())
        return _key(
            CONTENT_VERSION,
            self.privacy_key,
            rules,
            self.keys.fingerprints()["pseudonyms"],
            self.recipe.licenses.credit,
            sorted(self.removals.items()),
        )

    @cached_property
    def policy_key(self) -> str:
        """Everything a decision depends on besides facts, scans and content."""
        keys = ("uses", "audience", "licenses", "quality", "duplicates", "decontaminate", "paragraphs", "privacy")
        day, people = f"{self.as_of:%Y-%m-%d}", (self.consents.state, self.suppression.state)
        dataset = self.recipe.dataset  # people's answers are given to one
        return _key(policy.VERSION, dataset, self.recipe.fingerprint(*keys), day, self.facts_key, people)


def _key(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:32]
