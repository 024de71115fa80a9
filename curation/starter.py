"""The recipe that `cleartitle init` writes: short, commented, ready to run."""

from __future__ import annotations

from pathlib import Path

from catalog.errors import UsageError
from catalog.facts import ANSWERS
from curation.recipe import check_name

TEMPLATE = """\
# A cleartitle recipe. Run it with: cleartitle run {name}
format = 1
dataset = "{dataset}"

# What the records are for. Each use is asked of each record's licence or consent:
# "train", "share", "share redacted", "adapt", "commercial".
uses = ["train", "share redacted"]
audience = "train-only"        # or "public": then epsilon protects nobody in it
card = "{card}"{pad}# what only people can say of the data: answer there

# One table for each kind of input. Paths are relative to this file, globs and URLs work.
[[source]]
path = "{path}"
# kind = "warc"                # told by the name: warc, jsonl, parquet, csv, huggingface, folder, contributions
# licence = "CC-BY-4.0"        # for records that declare none themselves

[licenses]
# accept = ["CC0-*", "CC-BY-*"]   # patterns of licence ids; everything the uses allow if left out
review = "hold"                # evidence a person should look at: hold or drop
unknown = "drop"               # no licence found: drop or hold
optouts = "drop"               # a reservation applies (house policy): drop, hold or flag

[quality]
presets = ["gopher"]           # gopher, c4, fineweb, or a .toml file of your own
# languages = ["en", "de"]     # empty: every language

[privacy]
text = "strict"                # strict (spaCy and patterns), fast, patterns (no model)
images = "all"                 # all text covered, private (only what looks personal), metadata
# hold = ["MEDICAL_LICENSE"]   # kinds a person must look at
# [privacy.rules]              # what is put in the place of each kind
# EMAIL_ADDRESS = "mask"
"""


CARD = """\
# What only people can say of the data, for its card. Answer after the colon, in words; several lines after a |.
# What stays empty is shown as not known. No personal data of others, please: the card is for everybody.
"""


def write(path: Path, dataset: str, source: str) -> None:
    """Write a commented recipe and, beside it, the card file with its questions; nothing is overwritten."""
    check_name(dataset, str(path))
    if path.exists():
        raise UsageError("there is a file already", cure="Name another, or remove it first.", place=str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    card = path.with_suffix(".card.yaml")
    pad = " " * max(22 - len(card.name), 1)
    text = TEMPLATE.format(name=path.name, dataset=dataset, path=source, card=card.name, pad=pad)
    path.write_text(text, "utf-8")
    if not card.exists():
        card.write_text(CARD + "".join(f"\n# {question}\n{key}:\n" for key, question in ANSWERS.items()), "utf-8")
