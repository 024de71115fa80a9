"""How much is left: what is drawn, what is answered, what is kept of it, and the figures that come of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from catalog import manifests, measurements
from catalog.errors import FormatError, UsageError
from catalog.publish import publish
from catalog.workspace import Workspace
from curation import leaks, probes
from curation.leaks import Leak, Sample, Segment, figures
from curation.recipe import load
from curation.runner import run
from privacy.leaks import Recapture

_MADE: list[Path] = []


@pytest.fixture
def workspace(recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace with one version: run once, then copied."""
    if not _MADE:
        _MADE.append(run(load(recipe), workers=0).workspace.root)
    monkeypatch.setenv("CLEARTITLE_KEYS", str(_MADE[0].parent / "keys"))
    if _MADE[0].parent != tmp_path:
        shutil.copytree(_MADE[0], tmp_path / "workspace", ignore=shutil.ignore_patterns("leaks", "measurements"))
        publish(Workspace.open(tmp_path / "workspace"))
    return Workspace.open(tmp_path / "workspace")


def test_a_sample_is_drawn_again_the_same_and_from_every_stratum(workspace: Workspace) -> None:
    manifest = manifests.find(workspace, "harbour")
    sample = leaks.draw(workspace, manifest, 12)
    assert leaks.draw(workspace, manifest, 12) == sample
    assert {segment.stratum for segment in sample.segments} == set(sample.strata)
    assert {stratum.rpartition(", ")[2] for stratum in sample.strata} == {"none replaced", "some replaced"}
    assert "[EMAIL_ADDRESS]" in "".join(segment.text for segment in sample.segments)
    assert not any(segment.text in repr(sample) for segment in sample.segments)
    assert len(leaks.draw(workspace, manifest, 10_000).segments) == sum(sample.strata.values())


def test_answers_keep_places_and_digests_and_the_last_one_counts(workspace: Workspace) -> None:
    segment = Segment("ab", "r", 0, "en, a, none replaced", "Ask John Smith at the quay.")
    leak = leaks.found_words(segment, "PERSON", "John Smith")
    assert leak == Leak("PERSON", 4, 14)
    leaks.answer(workspace, "harbour@1", segment, [])
    leaks.answer(workspace, "harbour@1", segment, [leak])
    assert leaks.answers(workspace, "harbour@1") == {"ab": (leak,)}
    assert "Smith" not in (workspace.root / "leaks" / "harbour@1.jsonl").read_text("utf-8")
    with pytest.raises(UsageError, match="expected a place within the segment's 27 characters, found 20 to 40"):
        leaks.answer(workspace, "harbour@1", segment, [Leak("PERSON", 20, 40)])
    with pytest.raises(ValueError, match="no such words"):
        leaks.found_words(segment, "PERSON", "Jane")
    (workspace.root / "leaks" / "harbour@1.jsonl").write_text("{}\n", "utf-8")
    with pytest.raises(FormatError, match="line 1: expected an answer on a segment"):
        leaks.answers(workspace, "harbour@1")


def test_figures_count_segments_and_what_was_found_beside_what_was_left() -> None:
    segments = tuple(Segment(str(n), "r", n, "en, a", "text", ("PERSON", "PERSON", "EMAIL_ADDRESS")) for n in range(10))
    sample = Sample("x@1", segments, {"en, a": 400})
    known = {str(n): () for n in range(9)} | {"8": (Leak("PERSON", 0, 4), Leak("PERSON", 5, 9))}
    made = {one.name: (round(one.value, 4), one.trials) for one in figures(sample, known, "2026-11-21")}
    assert made == {
        "segments with personal data left": (round(1 / 9, 4), 9),
        "recall by review": (round(27 / 29, 4), 29),
        "recall by review, EMAIL_ADDRESS": (1.0, 9),
        "recall by review, PERSON": (0.9, 20),
    }
    assert figures(sample, {}, "2026-11-21") == []


def test_small_strata_count_for_as_little_as_they_hold() -> None:
    segments = [Segment(f"{n}", "r", n, "en, web", "text") for n in range(49)]
    segments += [Segment(f"s{n}", "r", n, f"en, file {n}", "text", ("PERSON",)) for n in range(40)]
    strata = {"en, web": 3000} | {f"en, file {n}": 1 for n in range(40)}
    known = {one.name: (Leak("PERSON", 0, 4),) * one.name.startswith("s") for one in segments}
    left, recall, _ = figures(Sample("x@1", tuple(segments), strata), known, "2026-11-21")
    assert left.value == pytest.approx(40 / 3040)
    assert left.trials == 89
    # As of about fifty segments, and not of 89.
    assert left.low == pytest.approx(0.0021, abs=1e-3)
    assert left.high == pytest.approx(0.0938, abs=5e-3)
    assert recall.value == 0.5


def test_a_region_of_a_picture_is_nothing_that_was_replaced_in_its_words(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "A picture of the long pier at noon."

    class Rows:
        def __init__(self, rows: list[tuple[object, ...]]) -> None:
            self.rows = rows

        def fetchall(self) -> list[tuple[object, ...]]:
            return [("a",)]

        def fetchmany(self, _: int) -> list[tuple[object, ...]]:
            rows, self.rows = self.rows, []
            return rows

    held = [{"kind": "FACE", "start": None}, {"kind": "PERSON", "start": 2}]
    monkeypatch.setattr(leaks, "query", lambda *_: Rows([("r", text, held, "en", "a")]))
    manifest = manifests.find(workspace, "harbour")
    assert [one.replaced for one in leaks.draw(workspace, manifest, 5).segments] == [("PERSON",)]


@pytest.mark.parametrize(
    ("seen", "told"), [(Recapture(80, 60, 48), [pytest.approx(0.92, abs=0.005)]), (Recapture(0, 0, 0), [])]
)
def test_where_neither_detector_finds_a_name_no_recall_is_told(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, seen: Recapture, told: list[object]
) -> None:
    monkeypatch.setattr("privacy.leaks.two_detectors", lambda _: (("one", "other"), seen))
    manifest = manifests.find(workspace, "harbour")
    sample = leaks.draw(workspace, manifest, 5)
    made = probes.recapture(probes.job(workspace, manifest), sample, "2026-11-21")
    assert [one.value for one in made] == told


def test_the_command_writes_a_sample_takes_its_answers_and_keeps_figures(
    call, workspace: Workspace, tmp_path: Path
) -> None:
    root, out = workspace.root, tmp_path / "sample.jsonl"
    assert call("leaks", "harbour", "-w", root, "--size", "9", "--write", out)[0] == 0
    assert oct(out.stat().st_mode & 0o777) == "0o600"
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    rows[0]["leaks"] = [{"kind": "PERSON", "words": rows[0]["text"][:6]}]
    rows[1]["leaks"] = [{"kind": "PERSON", "start": 0, "end": 4}]
    out.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    code, said, _ = call("leaks", "harbour", "-w", root, "--size", "9", "--answers", out, "--json")
    assert code == 0
    made = {one["name"]: one for one in json.loads(said)}
    assert made["segments with personal data left"]["trials"] == len(rows)
    strata = leaks.draw(workspace, manifests.find(workspace, "harbour"), 9).strata
    weights = [strata[row["stratum"]] / sum(one["stratum"] == row["stratum"] for one in rows) for row in rows]
    assert made["segments with personal data left"]["value"] == pytest.approx(sum(weights[:2]) / sum(weights))
    assert made["canaries taken out, EMAIL_ADDRESS"]["value"] == 1.0
    assert made["canaries taken out, PERSON"]["value"] < 1.0  # mode patterns has no names
    assert {one.name for one in measurements.load(workspace, "harbour@1")} == set(made)
    assert "segments with personal data left" in call("card", "harbour", "-w", root)[1]
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text('{"segment": "ada@example.org", "leaks": []}\n', "utf-8")
    code, _, err = call("leaks", "harbour", "-w", root, "--size", "9", "--answers", wrong)
    assert (code, "line 1: expected a `segment` of this sample" in err, "ada@" in err) == (2, True, False)


def test_a_review_in_the_terminal_goes_on_where_it_stopped(
    call, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = iter(["PERSON nobody is here", "place_x Notice", "", "", "s", "q"])
    asked: list[str] = []

    def prompt(words: str, **_: object) -> str:
        asked.append(words)
        return next(typed)

    monkeypatch.setattr("typer.prompt", prompt)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("curation.probes.measure", lambda *_: [])
    code, said, _ = call("leaks", "harbour", "-w", workspace.root, "--size", "8")
    assert code == 0
    assert "these words do not stand in the segment" in said
    known = leaks.answers(workspace, "harbour@1")
    assert sorted(len(found) for found in known.values()) == [0, 1]
    typed = iter(["q"])
    said = call("leaks", "harbour", "-w", workspace.root, "--size", "8")[1]
    sample = leaks.draw(workspace, manifests.find(workspace, "harbour"), 8)
    assert f"{len(sample.segments) - 2} of {len(sample.segments)} segments are still to be reviewed" in said
