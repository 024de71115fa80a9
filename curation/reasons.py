"""What each reason for a decision means, in one plain sentence; the reference page and `why` show it."""

from __future__ import annotations

from functools import cache

from catalog import checks
from curation import recipe

# What a decision can say, by who says it.
DECISIONS: dict[str, dict[str, str]] = {
    "Source and suppression": {
        "unreadable": "It could not be read; what was expected and what was found stands beside it.",
        "source-gone": "Its source changed while the run was at work, so that what was examined is no longer there.",
        "source-review": "The recipe asks that a person looks at every record of this source.",
        "address-repeated": "Another capture of the same address, the newest, stands for it.",
        "erased": "It was erased on request; only this row is left of it.",
        "suppressed": "The suppression list keeps it out: it, its contributor or its site was erased before.",
    },
    "Consent": {
        "consent-missing": "It comes from a contributor, and no consent to any use is known.",
        "consent-not-yet": "The consent of its contributor begins after the day that is judged at.",
        "consent-withdrawn": "Its contributor withdrew the consent.",
        "consent-expired": "The consent of its contributor has run out.",
        "consent-scope": "The consent of its contributor does not cover every use that the recipe asks for.",
    },
    "Licence and opt-outs": {
        "licence-unknown": "No licence was found, and nobody's consent stands in: that is unknown, not permission.",
        "licence-forbids-train": "Its licence does not permit training.",
        "licence-forbids-share": "Its licence does not permit passing it on.",
        "licence-forbids-share-redacted": "Its licence does not permit passing it on, redacted or not.",
        "licence-forbids-adapt": "Its licence does not permit adaptations.",
        "licence-forbids-commercial": "Its licence does not permit commercial use.",
        "licence-unclear": "Whether its licence permits this use cannot be said for sure.",
        "licence-not-accepted": "Its licence permits the uses, but is none of those that the recipe accepts.",
        "licence-review": "The evidence for its licence has doubts that a person should settle.",
        "transform-forbidden": "Something that reading did to it is an adaptation, which its licence does not permit.",
        "nd-needs-redaction": "It holds personal data, and its licence does not permit sharing it with that taken out.",
        "optout-train-ai": "Its site or page reserves training of AI.",
        "optout-train-ai-images": "Its site or page reserves training of AI on pictures.",
        "optout-ai-use": "Its site or page reserves any use by AI.",
        "optout-tdm": "Its site or page reserves text and data mining.",
    },
    "Quality, language and repeats": {
        "language": "It is in a language that the recipe does not ask for.",
        "benchmark-overlap": "It holds items of a benchmark that shall not be trained on.",
        "site-paragraphs": "It holds paragraphs that its site repeats from page to page.",
        "site-paragraphs-only": "It holds nothing but paragraphs that its site repeats from page to page.",
        "duplicate-exact": "The same content is in the set already, and stands for it.",
        "duplicate-near": "Nearly the same content is in the set already, and stands for it.",
    },
    "Personal data": {
        "privacy-not-examined": "It could not be examined for personal data; why stands beside it.",
        "pixels-not-examined": "The recipe asks for metadata alone: what its pixels show was not looked at.",
        "privacy-kind": "It holds a kind of personal data for which the recipe asks a person to look.",
        "named-author": "Its author is to be named in the credit, and tells of their own health or belief in it.",
        "picture-unreadable-image": "The picture could not be read, so none that is safe could be written.",
        "picture-image-too-large": "The picture is over a limit of size.",
        "picture-too-many-frames": "The picture has more frames than the limit.",
        "picture-over-time": "Working on the picture took longer than the limit.",
        "picture-over-memory": "Working on the picture took more memory than the limit.",
        "picture-crashed": "Working on the picture broke the process that did it.",
        "picture-still-visible": "Something private is still found in the picture after three rounds of covering.",
        "picture-not-clean": "The new file would not hold exactly the metadata fields that may stay.",
        "picture-not-rebuilt": "No new file could be written of the picture.",
    },
    "Review": {
        "review-accepted": "A person looked at it and let it in for the reasons it was held for.",
        "review-refused": "A person looked at it and kept it out.",
    },
}
# What a verdict on a licence can say: these stand in the value of `licence-review`.
VERDICTS = {
    "licence-stated": "A channel states the licence.",
    "licence-choice": "Several licences are offered side by side: any one may be taken.",
    "licence-unversioned": "The version of the licence was not stated: the oldest is assumed.",
    "licence-object": "The only licence found is for one named thing on the page.",
    "licence-scope": "What was found covers something else than the record.",
    "licence-hinted": "Only a button or a script names the licence.",
    "licence-part": "The notice makes exceptions.",
    "licence-unspecified": "A licence is claimed, but not which.",
    "licence-version": "Creative Commons published no such version.",
    "licence-retired": "The licence was retired by those who made it.",
    "licence-conflict": "Another licence is claimed as well.",
    "public-domain-claimed": "The public domain is somebody's assertion, not a licence.",
    "all-rights-reserved": "The page keeps all rights.",
    "no-licence-found": "No channel found a licence.",
}
CERTAIN = ("licence-stated", "licence-choice")  # these two are no doubt


def meaning(reason: str, rule: str = "", value: str = "") -> str:
    """One reason of a decision in words; a rule on a signal is told by what the signal counts."""
    told = {**VERDICTS, **{name: text for part in DECISIONS.values() for name, text in part.items()}}
    if reason in told:
        doubts = value.split(", ") if reason == "licence-review" else []
        return " ".join(
            [told[reason], *(VERDICTS[name] for name in doubts if name in VERDICTS and name not in CERTAIN)]
        )
    counted = _signals().get(rule, "")
    return f"By the recipe's threshold on: {counted}" if counted else "A rule of the recipe's own says so."


@cache
def _signals() -> dict[str, str]:
    return {name: text for check in checks.discover("signals") for name, text in check.reports.items()}


def page() -> str:
    """The reference of every reason there is."""
    text = """# Reasons

Every decision on a record comes with its reasons: `cleartitle why`, the table `reasons` of the catalog and the card
show their ids. The columns beside an id say what was found and what the threshold was.
"""
    for heading, meanings in DECISIONS.items():
        text += _table(heading, meanings)
    text += _table(
        "Doubts about a licence", VERDICTS, "They stand beside `licence-review`, and in `cleartitle license`."
    )
    rules = [rule for path in sorted(recipe.PRESETS.glob("*.toml")) for rule in recipe.preset(path.stem)]
    about = "Of the presets: [their bounds](recipe.md#presets). A rule in a recipe has the id that the recipe gives it."
    return text + _table("Quality rules", {rule.id: meaning(rule.id, rule.signal) for rule in rules}, about)


def _table(heading: str, meanings: dict[str, str], about: str = "") -> str:
    rows = "".join(f"| `{name}` | {told} |\n" for name, told in meanings.items())
    return f"\n## {heading}\n\n" + (f"{about}\n\n" if about else "") + f"| reason | meaning |\n| --- | --- |\n{rows}"
