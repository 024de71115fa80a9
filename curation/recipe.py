"""The recipe: one TOML file, read into frozen dataclasses, every mistake told with its cure.

The dataclasses are the reference: a key exists because a field does, its comment is its
documentation, and its default is what happens when the key is left out.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import difflib
import hashlib
import json
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from catalog.errors import RecipeError
from curation.sources import SourceOptions

FORMAT = 1
PRESETS = Path(__file__).parent / "recipes"
USES = ("train", "share", "share redacted", "adapt", "commercial")


@dataclass(frozen=True, slots=True)
class Rule:
    """One threshold on one signal. A signal that was not measured (NULL) never fires."""

    id: str  # stable public reason id
    signal: str  # column of the signals table
    min: float | None = None  # fires below this
    max: float | None = None  # fires above this
    action: Literal["drop", "hold", "flag"] = "drop"  # flag: noted as a reason, nothing else
    source: str = ""  # paper and section the threshold comes from
    modality: Literal["text", "image"] = "text"  # which records it looks at
    languages: tuple[str, ...] = ()  # only texts not known to be in another language; empty: all


@dataclass(frozen=True, slots=True)
class Licenses:
    """Which licences let a record in, and what reservations do."""

    accept: tuple[str, ...] = ("*",)  # patterns of licence ids, on top of what the uses ask for
    review: Literal["hold", "drop"] = "hold"  # evidence that a person should look at
    unknown: Literal["drop", "hold"] = "drop"  # no licence was found
    optouts: Literal["drop", "hold", "flag"] = "drop"  # a reservation applies (house policy)
    trusted_public_domain: tuple[str, ...] = ()  # hosts whose public domain marks are believed
    credit: Literal["full", "link"] = "full"  # link: a link that was seen to work stands for the names (4.0 only)
    remove_credit: str = ""  # file of addresses or record ids whose licensors asked not to be credited
    named_author: Literal["hold", "flag"] = "hold"  # the author is named, and tells of their own health or belief


@dataclass(frozen=True, slots=True)
class Quality:
    """Thresholds over signals, by preset or one by one."""

    presets: tuple[str, ...] = ("gopher",)  # files in curation/recipes, or paths beside the recipe
    languages: tuple[str, ...] = ()  # ISO 639-1 codes to keep; empty: every language
    language_confidence: float = 0.5  # below it the language counts as unknown
    rule: tuple[Rule, ...] = ()  # rules of your own; one with a preset's id replaces it
    disable: tuple[str, ...] = ()  # ids of preset rules to leave out


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Exact and near duplicates over the whole set."""

    enabled: bool = True  # compare the whole set, texts and pictures
    threshold: float = 0.8  # true Jaccard similarity of word shingles, verified
    against: tuple[str, ...] = ()  # versions in the workspace whose records come first; they are not read again


@dataclass(frozen=True, slots=True)
class Decontaminate:
    """Texts that hold items of benchmarks: runs of words that both have, whatever their case and punctuation."""

    files: tuple[str, ...] = ()  # JSONL or plain text, paths or globs from the recipe's folder; empty: not looked at
    words: int = 12  # in a run; items with fewer words are looked for whole, those with fewer than 6 not at all
    action: Literal["drop", "hold", "flag"] = "drop"  # what a text that holds such a run is


@dataclass(frozen=True, slots=True)
class Paragraphs:
    """Lines that a site repeats on its pages, such as menus and notices that extraction left in."""

    action: Literal["off", "flag", "remove"] = "off"  # remove: but from works that may not be adapted
    pages: int = 5  # of one host that a line stands on, at least
    share: float = 0.3  # of the host's pages that it stands on, at least


@dataclass(frozen=True, slots=True)
class Distribution:
    """What the card says of how the data is made up."""

    columns: tuple[str, ...] = ()  # of the source or the facts, to tell how evenly their values are represented


@dataclass(frozen=True, slots=True)
class Pattern:
    """What one kind of personal data looks like, such as the case numbers of one court."""

    kind: str  # in capitals; a rule and a hold may name it
    pattern: str  # regular expression (Python's `regex`)
    score: float = 0.85  # how sure a match is; under 0.35 only with a context word
    context: tuple[str, ...] = ()  # words that raise the score where they stand before a match


@dataclass(frozen=True, slots=True)
class Deny:
    """Words that are personal data wherever they stand; their case does not count."""

    kind: str  # in capitals
    words: tuple[str, ...] = ()  # a recipe is kept with each version: names belong into a file
    file: str = ""  # beside the recipe, one word or phrase a line; # begins a comment


@dataclass(frozen=True, slots=True)
class Privacy:
    """Personal data: how it is looked for, and what is put in its place."""

    text: Literal["strict", "fast", "patterns"] = "strict"  # spaCy and patterns; small tagger; no model
    images: Literal["all", "private", "metadata"] = "all"  # cover all text; what looks personal; no pixels
    captions: Literal["redact", "drop"] = "redact"  # words that come with a picture: as texts, or left out
    rules: Mapping[str, str] = field(default_factory=dict)  # KIND = operator (keep leaves it in); "*": all others
    hold: tuple[str, ...] = ()  # kinds that a person must look at
    allow: tuple[str, ...] = ()  # words that are nobody's, whatever finds them
    deny: tuple[Deny, ...] = ()  # words that always count
    pattern: tuple[Pattern, ...] = ()  # identifiers of your domain
    recognizers: tuple[str, ...] = ()  # YAML files of Presidio recognisers beside the recipe
    countries: tuple[str, ...] = ()  # ISO 3166 codes whose papers and numbers Presidio knows, besides its default ones
    model: str = ""  # tagger by `cleartitle pii train`, beside the recipe; empty: the one that ships
    text_model: str = ""  # for `strict`: spaCy package or folder, YAML of a Presidio NLP engine; empty: the best one


@dataclass(frozen=True, slots=True)
class Running:
    """How the work is cut. None of it changes the version hash but `batch`."""

    workers: int = 0  # 0: one for each core
    batch: int = 256  # records handed to a worker at a time


@dataclass(frozen=True, slots=True)
class Recipe:
    """A whole recipe. `folder` is where relative paths start."""

    dataset: str  # name of the data set; its versions are name@1, name@2, ...
    source: tuple[SourceOptions, ...]  # one [[source]] table for each kind of input
    format: int = FORMAT  # of the recipe
    uses: tuple[str, ...] = ("train", "share redacted")  # of train, share, share redacted, adapt, commercial
    audience: Literal["train-only", "public"] = "train-only"  # in a public version epsilon protects nobody
    as_of: dt.date | None = None  # date that consent is judged at; left out: today
    card: str = ""  # YAML file with the answers only people can give
    licenses: Licenses = field(default_factory=Licenses)  # see below
    quality: Quality = field(default_factory=Quality)  # see below
    duplicates: Duplicates = field(default_factory=Duplicates)  # see below
    decontaminate: Decontaminate = field(default_factory=Decontaminate)  # see below
    paragraphs: Paragraphs = field(default_factory=Paragraphs)  # see below
    distribution: Distribution = field(default_factory=Distribution)  # see below
    privacy: Privacy = field(default_factory=Privacy)  # see below
    run: Running = field(default_factory=Running)  # see below
    folder: Path = field(default=Path(), metadata={"internal": True})
    text: str = field(default="", metadata={"internal": True}, repr=False)

    @property
    def checks(self) -> Path | None:
        """The `checks/` folder beside the recipe, if there is one."""
        path = self.folder / "checks"
        return path if path.is_dir() else None

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The quality rules in force: presets in their order, then the recipe's own."""
        found = {rule.id: rule for name in self.quality.presets for rule in preset(name, self.folder)}
        found.update({rule.id: rule for rule in self.quality.rule})
        return tuple(rule for rule in found.values() if rule.id not in self.quality.disable)

    def fingerprint(self, *keys: str) -> str:
        """Digest of the named top-level keys (all that decide content when none is named)."""
        values = {key: _plain(getattr(self, key)) for key in keys or _DECIDING}
        if not keys or "quality" in keys:
            values["rules"] = _plain(self.rules)
        return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()[:32]


_DECIDING = (
    "dataset",
    "source",
    "uses",
    "audience",
    "as_of",
    "licenses",
    "quality",
    "duplicates",
    "decontaminate",
    "paragraphs",
    "privacy",
)


def load(path: Path | str, settings: tuple[str, ...] = ()) -> Recipe:
    """Read a recipe file; `settings` are "key.path=value" overrides, values written as in TOML."""
    path = Path(path)
    if not path.is_file():
        raise RecipeError(
            "there is no such recipe", cure="Write one with `cleartitle init`, or name the right file.", place=str(path)
        )
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise RecipeError(f"expected UTF-8 text, found a byte that is none at {error.start}", place=str(path)) from None
    table = _toml(text, str(path))
    for setting in settings:
        _override(table, setting)
    from curation import as_run, recipe_checks  # which need this module

    recipe = parse(table, path, as_run.written(table) if settings else text)
    recipe_checks.check(recipe, str(path))
    return recipe


def parse(table: dict[str, Any], path: Path, text: str = "") -> Recipe:
    """A recipe from its TOML table; `path` is named in errors and gives the folder."""
    table = {key: value for key, value in table.items() if key not in ("folder", "text")}
    recipe: Recipe = _build(Recipe, table, str(path), "")
    recipe = dataclasses.replace(recipe, folder=path.resolve().parent, text=text)
    if recipe.format != FORMAT:
        raise RecipeError(
            f"expected format = {FORMAT}, found {recipe.format}", cure="Update cleartitle.", place=str(path)
        )
    if not recipe.source:
        raise RecipeError("expected at least one [[source]]", place=str(path))
    check_name(recipe.dataset, str(path))
    _ = recipe.rules  # a preset that is not there is told now, not an hour into the run
    return recipe


def check_name(dataset: str, place: str) -> None:
    """Raise RecipeError for a data set's name that no file could have."""
    if not dataset.replace("-", "").replace("_", "").isalnum():
        raise RecipeError(f"dataset: expected letters, digits, - and _, found {dataset!r}", place=place)


def preset(name: str, folder: Path = Path()) -> tuple[Rule, ...]:
    """The rules of a preset: one of ours by name, or a TOML file beside the recipe."""
    path = PRESETS / f"{name}.toml"
    if name.endswith(".toml"):
        path = folder / name
    if not path.is_file():
        ours = sorted(file.stem for file in PRESETS.glob("*.toml"))
        raise RecipeError(
            f"quality.presets: there is no preset {name!r}{nearest(name, ours)}",
            cure=f"Presets: {', '.join(ours)}; or name a .toml file beside the recipe.",
            place=str(folder),
        )
    table = _toml(path.read_text("utf-8"), str(path))
    return tuple(_build(Rule, rule, str(path), "rule") for rule in table.get("rule", ()))


def _toml(text: str, place: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"is not valid TOML: {error}", place=place) from error


def _override(table: dict[str, Any], setting: str) -> None:
    key, sign, value = setting.partition("=")
    if not sign:
        raise RecipeError(f"--set: expected key=value, found {setting!r}")
    try:
        parsed = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        parsed = value  # a bare word is a string
    *parents, last = key.strip().split(".")
    for parent in parents:
        table = table.setdefault(parent, {})
        if not isinstance(table, dict):
            raise RecipeError(f"--set: {key!r} does not lead to a table")
    table[last] = parsed


def _build(cls: type[Any], table: Any, place: str, prefix: str) -> Any:
    """A dataclass from a TOML table, with errors that name key, expected, found and nearest."""
    if not isinstance(table, dict):
        raise RecipeError(f"{prefix or 'recipe'}: expected a table, found {_kind(table)}", place=place)
    fields = {item.name: item for item in dataclasses.fields(cls) if not item.metadata.get("internal")}
    hints = typing.get_type_hints(cls)
    for key in table:
        if key not in fields:
            raise RecipeError(
                f"unknown key {_path(prefix, key)!r}{nearest(key, tuple(fields))}",
                cure=f"Keys here: {', '.join(fields)}.",
                place=place,
            )
    for item in fields.values():
        missing = item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING
        if missing and item.name not in table:
            raise RecipeError(f"the key {_path(prefix, item.name)!r} is missing", place=place)
    values = {key: _value(hints[key], value, place, _path(prefix, key)) for key, value in table.items()}
    return cls(**values)


def _value(hint: Any, value: Any, place: str, key: str) -> Any:
    """One value as its field's type asks."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _build(hint, value, place, key)
    if origin is tuple:
        if not isinstance(value, list):
            tables = dataclasses.is_dataclass(args[0])
            _wrong(key, f"tables headed [[{key}]]" if tables else f"a list of {_name(args[0])}", value, place)
        return tuple(_value(args[0], item, place, f"{key}[{index}]") for index, item in enumerate(value))
    if origin is Mapping:
        if not isinstance(value, dict):
            _wrong(key, "a table", value, place)
        return {name: _value(args[1], item, place, f"{key}.{name}") for name, item in value.items()}
    if origin is Literal:
        if value not in args:
            _wrong(key, "one of " + ", ".join(map(str, args)), value, place, nearest(str(value), args))
        return value
    if origin in (typing.Union, types.UnionType):
        return _value(next(arg for arg in args if arg is not type(None)), value, place, key)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        _wrong(key, _name(hint), value, place)
    return value


def _wrong(key: str, expected: str, found: Any, place: str, hint: str = "") -> typing.NoReturn:
    raise RecipeError(f"{key}: expected {expected}, found {_kind(found)}{hint}", place=place)


def _name(hint: Any) -> str:
    names: dict[Any, str] = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
    return names.get(hint, getattr(hint, "__name__", str(hint)))


def _kind(value: Any) -> str:
    if isinstance(value, (str, int, float)):
        return f"{value!r}"
    return {"list": "a list", "dict": "a table"}.get(type(value).__name__, type(value).__name__)


def nearest(word: str, known: typing.Iterable[str]) -> str:
    """A hint at the known word that is most like this one, whatever its case; empty where none is."""
    by_case = {one.casefold(): one for one in sorted(known)}
    close = difflib.get_close_matches(word.casefold(), by_case, n=1, cutoff=0.5)
    return f"; did you mean {by_case[close[0]]!r}?" if close else ""


def _path(prefix: str, key: str) -> str:
    return f"{prefix}.{key}" if prefix else key


def _plain(value: Any) -> Any:
    """Dataclasses, tuples and mappings as JSON knows them."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: _plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
