"""pii eval and pii train: how well personal data is found in texts of one's own, and a tagger for them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catalog.errors import FormatError, NotFound, UsageError
from catalog.workspace import json_lines, write_text
from curation import screen
from curation.cli_files import TextMode
from curation.cli_files import pii_app as pii_app
from curation.cli_workspace import HERE, WorkspaceOption, publish

if TYPE_CHECKING:
    from catalog.values import Span
    from privacy import Engine, Labelled
    from privacy.evaluation import KindScore, TabScore
    from privacy.labels import Labels

BATCH = 32


class Form(StrEnum):
    """How a file of labels is written."""

    tab = "tab"
    presidio = "presidio"
    jsonl = "jsonl"
    conll = "conll"


Names = Annotated[list[str] | None, typer.Option("--kind", help="THEIRS=OURS renames a kind; THEIRS= leaves it out.")]


@pii_app.command("eval", epilog="Example: cleartitle pii eval labels.jsonl --mode fast")
def pii_eval(
    labels: Annotated[
        Path, typer.Argument(help="Labelled texts: TAB's or presidio-research's JSON, JSON lines, CoNLL.")
    ],
    mode: Annotated[TextMode, typer.Option(help="strict, fast or patterns.")] = TextMode.strict,
    model: Annotated[Path | None, typer.Option(help="A tagger of one's own (`cleartitle pii train`).")] = None,
    language: Annotated[str, typer.Option(help="ISO 639-1 code.")] = "en",
    form: Annotated[Form | None, typer.Option(help="tab, presidio, jsonl or conll; default: told by the file.")] = None,
    kind: Names = None,
    overlap: Annotated[float, typer.Option(min=0.01, max=1, help="Overlap (IoU) from which a place is right.")] = 0.5,
    keep: Annotated[str, typer.Option(help="Version to keep the figures on, for its card.")] = "",
    workspace: WorkspaceOption = HERE,
    as_json: Annotated[bool, typer.Option("--json", help="Print the scores as JSON.")] = False,
) -> None:
    """Score the engine on labels: TAB's measures where the labels have entities, and scores for each kind."""
    import privacy
    from privacy.evaluation import kind_scores, tab_score
    from privacy.labels import TAB_KINDS, read

    names = _names(kind)
    found = read(labels, form.value if form else "", names)
    spans, held = _scanned(privacy.Engine(mode.value, model=model), found.labelled, language, quiet=as_json)
    common = {**(TAB_KINDS if found.form == "tab" else {}), **names}
    texts = [one.text for one in found.labelled]
    scores = kind_scores([one.spans for one in found.labelled], spans, texts, common, overlap)
    counted = [[span for span in one if common.get(span.kind, span.kind)] for one in spans]
    tab = tab_score(found.annotated, counted) if found.annotated else None
    if keep:
        _keep(keep, workspace, labels, mode.value, tab, scores)
    if as_json:
        print(json.dumps(_plain(scores, tab, held), indent=1))
        return
    _show(found, scores, tab, held)


def _names(given: Sequence[str] | None) -> dict[str, str]:
    names = {}
    for one in given or ():
        theirs, sign, ours = one.partition("=")
        if not sign or not theirs:
            raise UsageError(f"--kind: expected THEIRS=OURS, found {one!r}", cure="For example --kind PER=PERSON.")
        names[theirs] = ours
    return names


def _scanned(
    engine: Engine, labelled: Sequence[Labelled], language: str, *, quiet: bool = False
) -> tuple[list[tuple[Span, ...]], int]:
    """What the engine finds in each text, and how many it could not examine (nothing counts as found in those)."""
    from privacy.engine import OK

    scans = []
    with screen.Bars(quiet=quiet) as bars:
        bars.begin("reading", len(labelled))
        for at in range(0, len(labelled), BATCH):
            texts = [one.text for one in labelled[at : at + BATCH]]
            scans += engine.scan(texts, [language] * len(texts))
            bars.advance("reading", len(texts))
    return [scan.spans for scan in scans], sum(scan.status != OK for scan in scans)


def _show(found: Labels, scores: Sequence[KindScore], tab: TabScore | None, held: int) -> None:
    if tab is not None:
        columns = ("entity recall, direct", "quasi", "token recall", "token precision", "token F1")
        row = tuple(f"{value:.3f}" for value in (tab.direct, tab.quasi, tab.recall, tab.precision, tab.f1))
        screen.table("Text Anonymization Benchmark's measures", columns, [row], right=columns)
    heads = ("kind", "right", "wrong", "missed", "precision", "recall", "F1", "F2")
    rows = [
        ("all, whatever kind" if one.kind == "*" else one.kind, one.right, one.wrong, one.missed, *_rates(one))
        for one in scores
    ]
    screen.table(f"{len(found.labelled)} texts", heads, rows, right=heads[1:])
    if held:
        screen.console.print(f"{held} texts could not be examined: nothing counts as found in them")


def _rates(one: KindScore) -> tuple[str, ...]:
    return tuple(f"{value:.3f}" for value in (one.precision, one.recall, one.f(1), one.f(2)))


def _plain(scores: Sequence[KindScore], tab: TabScore | None, held: int) -> dict[str, object]:
    kinds = {
        one.kind: {**dataclasses.asdict(one), "precision": one.precision, "recall": one.recall, "f2": one.f(2)}
        for one in scores
    }
    return {"tab": {**dataclasses.asdict(tab), "f1": tab.f1} if tab else None, "kinds": kinds, "not_examined": held}


def _keep(
    version: str, place: Path, labels: Path, mode: str, tab: TabScore | None, scores: Sequence[KindScore]
) -> None:
    """The figures as measurements of a version, topic `recall`."""
    from catalog import cards, manifests, measurements
    from catalog.measurements import Measurement
    from catalog.workspace import Workspace
    from privacy.leaks import wilson

    opened = Workspace.open(place)
    manifest = manifests.find(opened, version)
    mark = hashlib.sha256(labels.read_bytes()).hexdigest()[:12]
    today = f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"
    method = f"mode {mode} on labels {mark}"
    made = []
    if tab is not None:
        figures = (("entity recall, direct", tab.direct), ("entity recall, quasi", tab.quasi), ("token F1", tab.f1))
        made = [Measurement("recall", name, value, None, None, None, method, today) for name, value in figures]
    for one in scores:
        rate = wilson(one.right, one.right + one.missed)
        name = "recall, all kinds" if one.kind == "*" else f"recall, {one.kind}"
        made.append(Measurement("recall", name, rate.share, rate.low, rate.high, rate.of, method, today))
    measurements.save(opened, manifest.name, "recall", made)
    publish(opened)
    cards.write(opened, manifest)


@pii_app.command("train", epilog="Example: cleartitle pii train --labels cases.jsonl --out cases.npz")
def pii_train(
    out: Annotated[Path, typer.Option(help="Model to write; its cards go beside it.")],
    labels: Annotated[list[Path] | None, typer.Option(help="Labelled texts, in the forms of `pii eval`.")] = None,
    distil: Annotated[
        list[Path] | None, typer.Option(help="Texts (JSON lines with `text`) for a larger pipeline to label.")
    ] = None,
    templates: Annotated[int, typer.Option(min=0, help="Made-up texts to add, from our own templates.")] = 0,
    licence: Annotated[str, typer.Option(help="Licence of labels and texts, for the data card.")] = "",
    base: Annotated[Path | None, typer.Option(help="Model to go on from; default: the one that ships.")] = None,
    scratch: Annotated[bool, typer.Option("--scratch", help="Begin from nothing.")] = False,
    teacher: Annotated[TextMode, typer.Option(help="Mode that labels the texts of --distil.")] = TextMode.strict,
    language: Annotated[str, typer.Option(help="ISO 639-1 code of the texts to distil.")] = "en",
    epochs: Annotated[int, typer.Option(min=1, help="Times that every text is seen.")] = 8,
    seed: Annotated[int, typer.Option(help="For shuffling and templates: the same seed, the same model.")] = 7,
    kind: Names = None,
) -> None:
    """Train the small tagger for texts of one's own; write the model, a data card and a model card."""
    from privacy import train_tagger
    from privacy.engine import TAGGER
    from privacy.labels import read

    if scratch and base:
        raise UsageError("--scratch and --base: expected one of them, found both")
    labelled: list[Labelled] = []
    for path in labels or ():
        labelled += read(path, kinds=_names(kind), licence=licence).labelled
    labelled += _made_up(templates, seed)
    for path in distil or ():
        labelled += _distilled(path, teacher.value, licence, language)
    if not any(one.spans for one in labelled):
        raise UsageError(
            "there is nothing to learn from: no labelled place in what was given",
            cure="Give --labels, --distil or --templates.",
        )
    settings = train_tagger.Settings(epochs=epochs, seed=seed)
    out.parent.mkdir(parents=True, exist_ok=True)
    with screen.Bars() as bars:
        bars.begin("training", None)
        begin = None if scratch else base or TAGGER
        card = train_tagger.train(labelled, out, begin, settings, lambda steps: bars.advance("training", steps))
    _write_cards(out, card)
    _tell_trained(out, card["held_back"].get("*"))


def _made_up(count: int, seed: int) -> list[Labelled]:
    if not count:
        return []
    from privacy.templates import generate

    return generate(count, seed)


def _distilled(path: Path, mode: str, licence: str, language: str) -> list[Labelled]:
    """Texts labelled by the larger pipeline of a mode."""
    import privacy
    from privacy.train_tagger import distil

    engine, texts = privacy.Engine(mode), _texts(path)
    taught: list[Labelled] = []
    with screen.Bars() as bars:
        bars.begin(f"labelling {path.name}", len(texts))
        for at in range(0, len(texts), BATCH):
            taught += distil(texts[at : at + BATCH], engine, path.name, licence, language)
            bars.advance(f"labelling {path.name}", len(texts[at : at + BATCH]))
    if left := len(texts) - len(taught):
        screen.console.print(f"{path}: {left} texts could not be examined and are left out", markup=False)
    return taught


def _write_cards(out: Path, card: dict[str, Any]) -> None:
    from privacy.model_cards import data_card, model_card

    for suffix, told in ((".data.md", data_card(card, out.name)), (".model.md", model_card(card, out.name))):
        _write(out.with_suffix(suffix), told)


def _write(path: Path, text: str) -> None:
    write_text(path, text)


def _texts(path: Path) -> list[str]:
    if not path.is_file():
        raise NotFound("there is no such file of texts", cure="Check the path.", place=str(path))
    texts = []
    for number, line in json_lines(path.read_text("utf-8")):
        try:
            text = json.loads(line)["text"]
        except (ValueError, KeyError, TypeError):
            text = None
        if not isinstance(text, str):
            raise FormatError("expected a JSON object with a `text`", place=f"{path}, line {number}")
        texts.append(text)
    return texts


def _tell_trained(out: Path, score: dict[str, float] | None) -> None:
    told = f"{out}: {out.stat().st_size / 2**20:.1f} MiB, cards beside it"
    if score:
        told += f"; on {score['spans']} places held back: precision {score['precision']}, recall {score['recall']}"
    screen.console.print(told, markup=False)
    screen.console.print(f"Try it: cleartitle pii eval LABELS --model {out} --mode fast", markup=False)
