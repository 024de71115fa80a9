"""Opt-out cases from the specifications: what each input means, asked of our own readers."""

from __future__ import annotations

import json
from typing import Any

from catalog.values import Declared
from licenses import structured
from licenses.optouts import c2pa, plus, rsl, tdmrep
from licenses.page import Evidence
from licenses.reservations import read, reserved


def wrong_cases(cases: list[dict[str, Any]]) -> list[tuple[str, object]]:
    """Ids of cases whose answer differs from the expected one, with our answer."""
    answers = [(case["id"], case["expected"], answer(case)) for case in cases]
    return [(name, ours) for name, expected, ours in answers if ours != expected]


def answer(case: dict[str, Any]) -> object:
    """Our answer, in the notation of the case."""
    return _READERS[case["signal"]](case)


def _evidence(case: dict[str, Any], url: str = "https://example.org/") -> Evidence:
    given, channel = case["input"], case["channel"]
    if isinstance(given, dict):
        pairs = tuple((name, part) for name, value in given.items() for part in _listed(value))
        return Evidence("", url, pairs)
    if channel == "robots.txt":
        return Evidence("", url, robots=given)
    if "tdmrep.json" in channel:
        return Evidence("", url, tdmrep=given)
    return Evidence(given, url)


def _listed(value: Any) -> list[str]:
    return [str(part) for part in value] if isinstance(value, list) else [str(value)]


def _tdmrep(case: dict[str, Any]) -> object:
    expected = case["expected"]
    if any(key.startswith("/") for key in expected):
        return {path: _statement(tdmrep.from_file(case["input"], f"https://example.org{path}")) for path in expected}
    evidence = _evidence(case)
    said = tdmrep.from_pairs(evidence.headers) if evidence.headers is not None else tdmrep.from_markup(evidence)
    return {key: value for key, value in _statement(said).items() if key in expected}


def _statement(said: tdmrep.Statement) -> dict[str, object]:
    return {"reservation": said.reservation, "policy": said.policy}


def _aipref(case: dict[str, Any]) -> object:
    given, expected = case["input"], case["expected"]
    if any(key.startswith("/") for key in expected):
        return {path: _uses(_evidence(case, f"https://example.org{path}"), expected[path]) for path in expected}
    if isinstance(given, str) and case["channel"] == "string":
        return _uses(Evidence("", "https://example.org/", (("Content-Usage", given),)), expected)
    return _uses(_evidence(case), expected)


def _uses(evidence: Evidence, expected: dict[str, object], words: tuple[str, str] = ("y", "n")) -> dict[str, object]:
    found = read(evidence)
    word = {"allowed": words[0], "reserved": words[1], "unknown": None}
    return {key: word[reserved(found, {"ai-train": "train-ai"}.get(key, key))] for key in expected}


def _cc_signals(case: dict[str, Any]) -> object:
    category, (value, parameters) = next(iter((structured.parse(case["input"]) or {}).items()))
    exceptions = [said.partition("exceptions=")[2] for said in value.split(";") if said.startswith("exceptions=")]
    exceptions += [said for key, said in parameters if key == "exceptions"]
    return {"category": category, "pref": value, "signal": exceptions[0] if exceptions else None}


def _robots(case: dict[str, Any]) -> object:
    agent = case["expected"].get("user_agent", "*")
    spoken = [one for one in read(_evidence(case)) if one.agent in ("*", agent) and one.channel == "robots_meta"]
    return {**case["expected"], "ai_allowed": not any(one.answer == "reserved" for one in spoken)}


def _rsl(case: dict[str, Any]) -> object:
    expected = case["expected"]
    if "rsl" in expected:
        evidence = _evidence(case)
        return {"rsl": next((address for address, _ in rsl.links(evidence)), None), "cc_license": None}
    found = {}
    for path, wanted in expected.items():
        terms = [one for one in rsl.read(case["input"]) if one.path == path]
        found[path] = {key: _term(terms, key) for key in wanted}
    return found


def _term(terms: list[rsl.Terms], key: str) -> object:
    if key in ("permits", "prohibits"):
        return [word for one in terms for word in getattr(one, key)]
    if key == "payment":
        return next((one.payment for one in terms), None)
    answers = {one.answer({"ai-train": "train-ai"}.get(key, key)) for one in terms}
    return False if "reserved" in answers else True if "allowed" in answers else None


def _c2pa(case: dict[str, Any]) -> object:
    given = case["input"]
    return dict(c2pa.entries(json.dumps(given["data"])))


def _plus(case: dict[str, Any]) -> object:
    value = case["input"].partition("=")[2].strip('"').rpartition("DMI-")[2]
    read(Evidence("", declared=Declared(fields=(("XMP-plus:DataMining", f"DMI-{value}"),))))
    return {"data_mining": plus.VALUES[value][0]}


def _content_signal(case: dict[str, Any]) -> object:
    return _uses(_evidence(case), case["expected"], ("yes", "no"))


_READERS = {
    "tdmrep": _tdmrep,
    "aipref": _aipref,
    "cc-signals": _cc_signals,
    "x-robots-tag": _robots,
    "robots-meta": _robots,
    "rsl": _rsl,
    "c2pa": _c2pa,
    "iptc-plus": _plus,
    "content-signal": _content_signal,
}
