"""Cards: README.md, card.html and croissant.json of a version, made from its facts and nothing else."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from catalog import croissant, manifests, plots, publish
from catalog import facts as facts_of
from catalog.facts import ANSWERS, DatasetFacts, Fact
from catalog.manifests import Manifest
from catalog.workspace import Workspace, write_text

TEMPLATES = Path(__file__).parent / "templates"
HIDDEN = "hidden"  # in the place of a count that the publishable catalog does not tell

# Licences that the Hugging Face Hub has an id for, which is the SPDX id in lower case.
_HUB_LICENCES = re.compile(
    r"(afl-3|agpl-3|apache-2|cc0-1|cc-by-[234]|cc-by-nc-[234]|cc-by-nc-nd-[34]|cc-by-nc-sa-[234]|cc-by-nd-4|cc-by-sa-[34]"
    r"|mpl-2)\.0|cc-by-2\.5|bsd-[23]-clause|gfdl|mit|odbl|pddl|unlicense"
)
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"),
          (10_000_000, "1M<n<10M"), (100_000_000, "10M<n<100M"), (1_000_000_000, "100M<n<1B"))  # fmt: skip
_DATA_FILES = {"parquet": "data/part-*.parquet", "huggingface": "data/train-*.parquet", "jsonl": "data/records.jsonl"}


# What the steps mean, for people who do not know their names.
_STEPS = {
    "extract-text": "The main text was taken out of the page",
    "redact": "Personal data was replaced",
    "re-encode": "The picture was rebuilt without its metadata",
    "truncate": "The crawler cut it short",
    "remove-paragraphs": "Paragraphs were left out",
}


def write(workspace: Workspace, manifest: Manifest, answers: Mapping[str, str] | Path | None = None) -> Path:
    """Write the files of a published version's card; the README's path is the answer."""
    facts = facts_of.collect(workspace, manifest, answers)
    folder = workspace.cards / manifest.name
    for name, text in _files(facts).items():
        write_text(folder / name, text)
    return folder / "README.md"


def refresh(workspace: Workspace) -> None:
    """Make the cards of versions with contributions anew, once what contributors said is published."""
    for manifest in manifests.versions(workspace):
        before = facts_of.load(workspace, manifest)
        if before and before["consents"]:
            write(workspace, manifest)


def render_readme(facts: DatasetFacts, data: str = "", told: DatasetFacts | None = None) -> str:
    """The README of these facts: front matter for the Hugging Face Hub, then the card in words and tables.

    What leaves says no more than `told` (`facts.disclosed`); the front matter, which counts nothing, is of `facts`.
    """
    front = yaml.safe_dump(front_matter(facts, data), sort_keys=False, allow_unicode=True)
    context = _context(told or facts)
    text = _environment(html=False).get_template("README.md.j2").render(front=front, data=data, **context)
    return text.rstrip() + "\n"


def render_html(facts: DatasetFacts) -> str:
    """The card to look at: one file, no script, nothing fetched."""
    return _environment(html=True).get_template("card.html.j2").render(**_context(facts)) + "\n"


@dataclass(frozen=True, slots=True)
class Untrue:
    """A fact whose query gives another answer than the card says, or a card that its facts do not make."""

    name: str
    said: Any
    found: Any


def verify(workspace: Workspace, manifest: Manifest) -> list[Untrue]:
    """Count every figure of the cards again, from the shards and not from the published file.

    Consent is judged as of the moment of the card, by the register as it is now.
    """
    facts = facts_of.load(workspace, manifest)
    if facts is None:
        return [Untrue("facts.json", None, "not there")]
    untrue = list(_other_answers(facts, _measure_anew(workspace, manifest, facts["consents_at"])))
    folder = workspace.cards / manifest.name
    for name, text in _files(facts).items():
        path = folder / name
        if not path.is_file() or path.read_text("utf-8") != text:
            # Edited, or made by another version of the program: the words cannot tell.
            untrue.append(Untrue(name, "what its facts say", "something else" if path.is_file() else "not there"))
    return untrue


def front_matter(facts: DatasetFacts, data: str = "") -> dict[str, Any]:
    """The YAML head that the Hugging Face Hub reads."""
    languages = sorted({row["language"] for row in facts["languages"] if row["language"]})
    front: dict[str, Any] = {"pretty_name": facts["title"] or facts["dataset"], "language": languages}
    front |= _hub_licence(facts, data)
    front["size_categories"] = [next((name for top, name in _SIZES if facts["released"] < top), "n>1T")]
    front["tags"] = ["cleartitle", *(row["modality"] for row in facts["modalities"] if row["released"])]
    if data:
        files = [{"split": "train", "path": _DATA_FILES[data]}]
        front["configs"] = [{"config_name": "default", "data_files": files}]
    return {key: value for key, value in front.items() if value}


def _hub_licence(facts: DatasetFacts, data: str) -> dict[str, Any]:
    """One licence the Hub knows by name; else `other`, with all of them listed."""
    found = sorted({row["licence"] or facts_of.unlicensed(row["licence_basis"]) for row in facts["licences"]})
    if not found:
        return {}
    if len(found) == 1 and _HUB_LICENCES.fullmatch(found[0].lower()):
        return {"license": found[0].lower()}
    other = {"license": "other", "license_name": "mixed" if len(found) > 1 else found[0]}
    if data:
        other["license_link"] = "ATTRIBUTION.md"
    return {**other, "license_details": "; ".join(found)}


def _files(facts: DatasetFacts) -> dict[str, str]:
    return {
        "facts.json": facts.to_json(),
        "README.md": render_readme(facts),
        "card.html": render_html(facts),
        croissant.NAME: croissant.card(facts),
    }


def _measure_anew(workspace: Workspace, manifest: Manifest, at: str | None) -> tuple[Fact, ...]:
    workspace.spill.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=workspace.spill) as folder:
        draft = Path(folder) / "catalog.duckdb"
        publish.build(workspace, draft, [manifest], anew=True)
        return facts_of.measured(workspace, manifest, draft, at)


def _other_answers(facts: DatasetFacts, anew: tuple[Fact, ...]) -> Iterator[Untrue]:
    said = {fact.name: fact.value for fact in facts.facts}
    for fact in anew:
        if said.get(fact.name) != fact.value:
            yield Untrue(fact.name, said.get(fact.name), fact.value)


def _environment(*, html: bool) -> Environment:
    # Markdown is not HTML-escaped: its cells go through `cell`, which leaves no markup in them.
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=html,
        lstrip_blocks=html,
    )
    environment.globals.update(table=_table, number=_number, count=_count, plots=plots)
    return environment


def _context(facts: DatasetFacts) -> dict[str, Any]:
    def rows(fact: str, *columns: str) -> list[list[str]]:
        return [[_number(row[column]) for column in columns] for row in facts[fact]]

    return {
        "facts": facts,
        "name": facts.version,
        "rows": rows,
        "questions": {key: question for key, question in ANSWERS.items() if key not in ("title", "description")},
        "outcome": outcome(facts),
        "credits": _total([row["records"] for row in facts["credits"]]),
        "licences": [[_licence(row), row["licence_basis"] or "unknown", _number(row["records"])]
                     for row in facts["licences"]],
        "languages": [[row["language"] or "not examined", _number(row["released"])] for row in facts["languages"]],
        "personal": rows("personal_data", "modality", "kind", "found", "found_records", "replaced"),
        "measured": [_figure(row) for row in facts["measurements"] or ()],
        "measured_topics": _topics(facts["measurements"] or ()),
        "unknown": list(unknown(facts)),
        "filled": filled(facts),
        "steps": _STEPS,
        "charts": _charts(facts),
    }  # fmt: skip


def _charts(facts: DatasetFacts) -> dict[str, list[tuple[Any, ...]]]:
    """What the HTML card draws: labels with a number each, or two."""

    def labelled(fact: str, *labels: str, value: str = "records") -> list[tuple[Any, ...]]:
        return [(" · ".join(str(row[label]) for label in labels), row[value]) for row in facts[fact]]

    return {
        "licences": [(f"{_licence(row)} ({row['licence_basis'] or 'unknown'})", row["records"])
                     for row in facts["licences"]],
        "reasons": labelled("reasons", "action", "reason"),
        "personal": [(f"{row['kind']} · {row['modality']}", row["found"], row["replaced"])
                     for row in facts["personal_data"]],
        "languages": [(row["language"] or "not examined", row["released"]) for row in facts["languages"]],
        "lengths": [(row["from_characters"], row["released"]) for row in facts["lengths"]],
        "hosts": [(row["host"], row["released"]) for row in facts["top_hosts"] if row["released"]],
        "labels": labelled("labels", "label"),
        "opt_outs": labelled("opt_outs", "use", "answer", "channel"),
        "consents": labelled("consents", "consent"),
    }  # fmt: skip


def outcome(facts: DatasetFacts) -> list[list[str]]:
    """What became of the records, as rows of words and numbers."""
    words = {"entered": "entered", "kept": "kept as they are", "redacted": "kept without their personal data",
             "held": "held: a person must look", "dropped": "dropped"}  # fmt: skip
    return [[text, _number(facts[name])] for name, text in words.items()]


def unknown(facts: DatasetFacts) -> Iterator[str]:
    """What a reader must not take for known, in sentences."""
    if facts["language_not_examined"]:
        yield f"The language of {_count(facts['language_not_examined'], 'text')} was not examined."
    not_ok = [row["records"] for row in facts["privacy_examined"] if row["status"] != "ok"]
    if not_ok:
        yield f"{_total(not_ok).capitalize()} could not be examined for personal data; none of them is in the version."
    if facts["fetched_from"] is None:
        yield "When the sources were fetched: none of them says so."
    if facts["input_problems"]:
        yield f"What stood in {_count(facts['input_problems'], 'part')} of input files that could not be read."
    for key, question in ANSWERS.items():
        if facts[key] is None:
            yield f"{question} (not answered)"
    yield "How much personal data the recognisers missed in this very data: no sample of it was checked by people."
    yield "Whether a licence was given by somebody who could give it: claims are evidence, not proof."


@dataclass(frozen=True, slots=True)
class Filled:
    """How many of the card's fields were filled, and by whom."""

    all: int
    measured: int
    declared: int
    unknown: int
    withheld: int  # in a copy's card


def filled(facts: DatasetFacts) -> Filled:
    """Count the facts by where they come from; an empty list of rows was measured: there were none."""
    kinds = [fact.kind for fact in facts.facts]
    return Filled(len(kinds), *(kinds.count(kind) for kind in ("measured", "declared", "unknown", "withheld")))


@dataclass(frozen=True, slots=True)
class Figure:
    """A measurement as the HTML card draws it."""

    name: str
    value: float
    low: float | None
    high: float | None
    top: float  # the right end of its line
    said: str
    how: str  # empty where the next figure was measured in the same way


def _topics(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Figure]]]:
    """The measurements of each topic; shares are drawn on a line to 1, others to the largest among them."""
    topics = {
        topic: [row for row in rows if row["topic"] == topic] for topic in dict.fromkeys(r["topic"] for r in rows)
    }
    found = []
    for topic, of in topics.items():
        largest = max(max(row["value"], row["high"] or 0) for row in of)
        top = 1.0 if topic != "drift" and largest <= 1 else largest
        figures = []
        for row, after in zip_longest(of, of[1:]):
            _, name, value, between, trials, how = _figure(row)
            if after and _figure(after)[-1] == how:
                how = ""  # said once, under the last that was measured so
            said = value + (f" ({between})" if between else "") + (f", n = {trials}" if trials else "")
            figures.append(Figure(name, row["value"], row["low"], row["high"], top, said, how))
        found.append((topic, figures))
    return found


def _figure(row: Mapping[str, Any]) -> list[str]:
    """A measurement as cells: topic, name, value, interval, trials, how and when."""
    interval = f"{row['low']:.4g} to {row['high']:.4g}" if None not in (row["low"], row["high"]) else ""
    how = f"{row['method']}, {row['measured_at']}"
    return [
        row["topic"],
        row["name"],
        f"{row['value']:.4g}",
        interval,
        "" if row["trials"] is None else _number(row["trials"]),
        how,
    ]


def _licence(row: Mapping[str, Any]) -> str:
    return row["licence"] or "none"


def _table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table; numbers stand to the right."""
    right = [bool(rows) and all(_is_number(row[i]) for row in rows) for i in range(len(head))]
    lines = [head, [" ---: " if is_right else " --- " for is_right in right], *rows]
    return "\n".join("|" + "|".join(f" {_cell(str(cell)).strip()} " for cell in line) + "|" for line in lines)


def _cell(text: str) -> str:
    words = " ".join(text.split())
    return "".join(f"\\{sign}" if sign in "\\`*[]<>|" else sign for sign in words)


def _is_number(cell: str) -> bool:
    return cell == HIDDEN or cell.replace(",", "").isdigit()


def _total(records: Sequence[int | None]) -> str:
    known = [count for count in records if count is not None]
    return _count(sum(known), "record") if len(known) == len(records) else "records whose number is hidden"


def _count(value: int, thing: str) -> str:
    """1 record, 2 records."""
    return f"{value:,} {thing}" if value == 1 else f"{value:,} {thing}s"


def _number(value: Any) -> str:
    """A value as people write it: 12,345."""
    return f"{value:,}" if isinstance(value, int) else HIDDEN if value is None else str(value)
