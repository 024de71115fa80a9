"""Erasure and consent from end to end: what a later run, the gate and the command line make of them."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from catalog import consents, erase, erasures, manifests, requests, store
from catalog.errors import CleartitleError, GateRefused, NotFound, Unavailable
from catalog.gate import gate
from catalog.queries import query
from catalog.workspace import Workspace
from curation import policy
from curation.cli import app
from curation.doctor import workspace_findings
from curation.recipe import USES, Recipe, load
from curation.runner import run
from curation.why import story

TEXT = "Notice {}: the slipway will be repainted in week {}, said the harbour office to everybody who asked."


def rows(path: Path, *changes: dict[str, str], count: int = 12) -> None:
    found = [{"id": f"n{number}", "text": TEXT.format(number, number * 3), "license": "CC-BY-4.0",
              "title": f"Notice {number}", "author": "Harbour office"} for number in range(count)]  # fmt: skip
    found += changes
    path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in found).encode(), mtime=0))


def erased(workspace: Workspace, *addresses: str) -> None:
    with workspace.lock():
        asked = [requests.Request("source", address) for address in addresses]
        meant = requests.resolve(workspace, asked, masked={}, copies=False, retention=10)
        erase.carry_out(workspace, erase.preview(workspace, meant), 0)


def reasons(workspace: Workspace, version: str) -> dict[str, int]:
    sql = f"SELECT action || ' ' || reasons, count(*) FROM records WHERE version = '{version}' GROUP BY ALL"
    return dict(query(workspace, sql).fetchall())


def test_the_uses_of_the_register_are_those_of_recipes() -> None:
    assert consents.USES == USES


def test_without_the_keys_nobody_is_told_that_there_was_nothing_to_do(
    recipe: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rows(recipe.parent / "texts.jsonl.gz")
    workspace = run(load(recipe), workers=0).workspace
    assert ("keys", "ok") in {(one.what, one.state) for one in workspace_findings(workspace)}
    monkeypatch.setenv("CLEARTITLE_KEYS", str(tmp_path / "another-machine"))
    assert ("keys", "missing") in {(one.what, one.state) for one in workspace_findings(workspace)}
    for kind in ("contributor", "source"):
        with pytest.raises(Unavailable, match="is not here"):
            requests.resolve(workspace, [requests.Request(kind, "anna")], masked={}, copies=True, retention=10)
    with pytest.raises(Unavailable, match="is not here"):
        run(load(recipe), workers=0)


def test_what_was_erased_does_not_come_in_again(recipe: Path) -> None:
    rows(recipe.parent / "texts.jsonl.gz")
    done = run(load(recipe), workers=0)
    workspace = done.workspace
    erased(workspace, "texts.jsonl.gz#n3", "texts.jsonl.gz#n5")
    assert reasons(workspace, "harbour@1") == {"keep ": 10, "drop erased": 2}
    again = run(load(recipe), workers=0)
    assert (again.manifest.name, again.work.get("facts", 0)) == ("harbour@2", 0)
    assert reasons(workspace, "harbour@2") == {"keep ": 10, "drop erased": 2}
    assert run(load(recipe), workers=0).manifest.name == "harbour@2"
    # The crawl comes again with more in it: everything is read anew.
    rows(recipe.parent / "texts.jsonl.gz", {"id": "new", "text": TEXT.format("new", 1), "license": "CC-BY-4.0"})
    later = run(load(recipe), workers=0)
    assert (later.manifest.name, later.unreadable) == ("harbour@3", 0)
    assert reasons(workspace, "harbour@3") == {"keep ": 11, "drop suppressed": 2}
    assert query(workspace, "SELECT count(*) FROM facts WHERE address LIKE '%#n3'").fetchall() == [(0,)]
    assert query(workspace, "SELECT count(*) FROM input_problems").fetchall() == [(0,)]
    gate(workspace, later.manifest, "train")
    with pytest.raises(NotFound, match="that record was erased on request; nothing is kept of it"):
        story(workspace, "texts.jsonl.gz#n3")


def test_facts_that_were_found_before_are_judged_by_the_list_as_it_is() -> None:
    day = dt.datetime(2026, 1, 1)
    recipe = Recipe(dataset="harbour", source=())
    facts = policy.Facts(modality="text", suppressed="host")
    (reason,) = policy.decide(facts, recipe, (), day).decision.reasons
    assert (reason.id, reason.rule, reason.value) == ("suppressed", "suppression", "host")
    for problem in ("erased", "suppressed"):
        decision = policy.decide(policy.Facts(modality="text", problem=problem), recipe, (), day).decision
        assert (decision.action, [reason.id for reason in decision.reasons]) == ("drop", [problem])


WHO = ("anna", "ben")


def contributed(recipe: Path) -> None:
    people = [{"id": f"c{number}", "text": TEXT.format(f"c{number}", number), "contributor": WHO[number % 2],
               "consent_scope": "train;share redacted", "granted_at": "2026-01-01"} for number in range(4)]  # fmt: skip
    rows(recipe.parent / "texts.jsonl.gz", *people, count=2)
    recipe.write_text(recipe.read_text().replace("as_of = 2026-11-21\n", ""))


def test_a_withdrawal_counts_today_everywhere_and_a_grant_takes_it_back(recipe: Path) -> None:
    contributed(recipe)
    done = run(load(recipe), workers=0)
    workspace = done.workspace
    assert reasons(workspace, "harbour@1") == {"keep ": 6}
    said = recipe.parent / "said.csv"
    now = dt.datetime.now(dt.UTC)
    said.write_text(f"contributor,withdrawn\nanna,{now:%Y-%m-%dT%H:%M:%S}Z\n")
    consents.import_file(workspace, said)
    with pytest.raises(GateRefused, match="2 of 6 records whose contributor withdrew consent"):
        gate(workspace, done.manifest, "train")
    again = run(load(recipe), workers=0)
    assert reasons(workspace, again.manifest.name) == {"keep ": 4, "drop consent-withdrawn": 2}
    gate(workspace, again.manifest, "train")
    assert run(load(recipe), workers=0).manifest.name == again.manifest.name
    tomorrow = now + dt.timedelta(days=1)
    said.write_text(f"contributor,uses,from\nanna,train,{tomorrow:%Y-%m-%d}\n")
    consents.import_file(workspace, said)
    gate(workspace, done.manifest, "train", now=tomorrow + dt.timedelta(hours=1))
    with pytest.raises(GateRefused, match="2 of 6 records whose contributor did not agree to this use"):
        gate(workspace, done.manifest, "share redacted", now=tomorrow + dt.timedelta(hours=1))


def test_of_new_records_by_an_erased_contributor_or_with_erased_words_nothing_is_kept(recipe: Path) -> None:
    long = TEXT.format("long", 1) * 3  # shorter words may be anybody's
    by_anna = {"consent_scope": "train;share redacted", "contributor": "anna", "text": TEXT.format("hers", 2)}
    own = {"id": "own", "text": long, "license": "CC-BY-4.0"}
    rows(recipe.parent / "texts.jsonl.gz", own, {**by_anna, "id": "c1"}, count=2)
    workspace = run(load(recipe), workers=0).workspace
    with workspace.lock():
        asked = [requests.Request("contributor", "anna"), requests.Request("source", "texts.jsonl.gz#own")]
        meant = requests.resolve(workspace, asked, masked={}, copies=False, retention=10)
        erase.carry_out(workspace, erase.preview(workspace, meant), 0)
    later = {**by_anna, "id": "c2", "text": TEXT.format("new", 7)}, {**own, "id": "moved"}
    rows(recipe.parent / "texts.jsonl.gz", *later, count=2)
    done = run(load(recipe), workers=0)
    assert reasons(workspace, done.manifest.name) == {"keep ": 2, "drop suppressed": 2}
    sql = f"""SELECT count(*), count(address), count(content_hash), count(contributor) FROM facts
              WHERE version = '{done.manifest.name}' AND problem = 'suppressed'"""
    assert query(workspace, sql).fetchall() == [(2, 0, 0, 0)]


def test_the_command_shows_asks_erases_and_says_what_it_does_not_reach(recipe: Path) -> None:
    contributed(recipe)
    workspace = run(load(recipe), workers=0).workspace
    call = CliRunner()
    place = ["-w", str(workspace.root)]

    def said(*arguments: str, code: int = 0) -> str:
        result = call.invoke(app, [*arguments, *place])
        assert getattr(result.exception, "exit_code", result.exit_code) == code, result.output
        return " ".join(result.output.split())

    shown = said("erase", "--contributor", "anna", "--dry-run")
    assert "2 records will be erased" in shown
    assert "backups and snapshots" in shown
    assert shown.endswith("Nothing was touched.")
    assert manifests.find(workspace, "harbour").amendment == 0
    said("erase", "--contributor", "anna", code=2)  # nobody is there to be asked
    said("erase", code=2)  # nothing is named
    said("erase", "--record", "ffffffff", code=2)
    said("erase", "--host", "", "--yes", code=2)
    asked = recipe.parent / "asked.jsonl"
    asked.write_text('{"contributor": "anna"}\n{"source": "texts.jsonl.gz#n1"}\n')
    told = said("erase", "--requests", str(asked), "--yes", "--grace", "3600")
    assert "Erasure 1: 3 records out of harbour@1" in told
    assert "Pending: old files stay until" in told
    assert "1 not finished" in said("doctor")
    path = workspace.root / "erasing" / "000001.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "unlink_after": erasures.now(-1)}))
    told = said("erase")
    assert "Proof:" in told
    assert "of the others 0 were found" in told
    assert [one.state for one in erasures.log(workspace)] == ["finished"]
    told = said("consent", "import", str(_withdrawals(recipe)))
    assert "1 statements of 1 contributors; new: 0 grants, 1 withdrawals" in told
    assert "1 contributors in the register have records here" in told
    assert "withdrawn │ │ 1" in said("consent", "list")
    assert "anna" not in told


def test_a_proof_that_failed_is_told_with_the_file_and_again_by_doctor(recipe: Path) -> None:
    rows(recipe.parent / "texts.jsonl.gz", count=3)
    workspace = run(load(recipe), workers=0).workspace
    (workspace.root / "runs" / "notes.txt").write_text(TEXT.format(1, 3))
    call = CliRunner().invoke(app, ["erase", "--source", "texts.jsonl.gz#n1", "--yes", "-w", str(workspace.root)])
    assert isinstance(call.exception, CleartitleError)
    assert "the proof failed" in str(call.exception)
    assert "Look at runs/notes.txt" in str(call.exception)
    assert call.exception.exit_code == 1
    (failed,) = [one for one in workspace_findings(workspace) if one.what == "erasures"]
    assert failed.found == "the proof of number 1 failed: pieces left in runs/notes.txt"


def _withdrawals(recipe: Path) -> Path:
    path = recipe.parent / "ended.csv"
    path.write_text("contributor,withdrawn\nben,2026-02-01\n")
    return path


def archive(path: Path, pages: int) -> None:
    """A crawl of two sites, each with its robots.txt, in which one speaks of itself at length."""
    said = (
        "The slipway of {} is {} metres long, said the harbour office to those who asked about the ferry of the week."
    )
    entries = []
    for host in HOSTS:
        rules = f"User-agent: GPTBot\nDisallow: /none\nSitemap: https://{host}/sitemap-of-everything.xml\n"
        entries.append((f"https://{host}/robots.txt", "text/plain", rules))
        for number in range(pages):
            words = "".join(f"<p>{said.format(host, number * 7 + part)}</p>" for part in range(4))
            foot = "<p>Ask at the harbour office, by the second stair on the left.</p>"
            licence = "<a rel='license' href='https://creativecommons.org/licenses/by/4.0/'>CC BY 4.0</a>"
            page = f"<html><body><article>{words}{foot}{licence}</article></body></html>"
            entries.append((f"https://{host}/notices-of-the-week/{number}", "text/html", page))
    path.write_bytes(b"".join(gzip.compress(captured(*entry), mtime=0) for entry in entries))


HOSTS = ("stays.example.org", "leaves.example.org")


def captured(address: str, kind: str, body: str) -> bytes:
    block = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n{body}"
    return (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {address}\r\nWARC-Date: 2026-01-02T03:04:05Z\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n{block}\r\n\r\n"
    ).encode()


def test_a_site_that_was_erased_leaves_no_file_of_its_own_and_the_next_run_works(recipe: Path) -> None:
    archive(recipe.parent / "crawl.warc.gz", 3)
    told = recipe.read_text().replace("texts.jsonl.gz", "crawl.warc.gz")
    recipe.write_text(told + '\n[paragraphs]\naction = "flag"\npages = 2\nshare = 0.5\n')
    workspace = run(load(recipe), workers=0).workspace
    assert held_of(workspace, "sites") == held_of(workspace, "paragraphs") == set(HOSTS)
    with workspace.lock():
        meant = requests.resolve(workspace, [requests.Request("host", HOSTS[1])], masked={}, copies=False, retention=10)
        done = erase.carry_out(workspace, erase.preview(workspace, meant), 0)
    assert done.proof
    assert (done.state, done.records, done.proof.found) == ("finished", 3, 0)
    assert held_of(workspace, "sites") == {HOSTS[0]}
    run(load(recipe), workers=0)
    assert held_of(workspace, "sites") == held_of(workspace, "paragraphs") == {HOSTS[0]}
    archive(recipe.parent / "crawl.warc.gz", 4)
    later = run(load(recipe), workers=0)
    assert reasons(workspace, later.manifest.name)["drop suppressed"] == 4
    assert held_of(workspace, "sites") == held_of(workspace, "paragraphs") == {HOSTS[0]}


def held_of(workspace: Workspace, kind: str) -> set[str]:
    """The hosts that a stage's outputs name."""
    files = (workspace.stages / kind).glob("*.parquet")
    return {str(host) for file in files for host in store.read(file, ["host"])["host"].to_pylist()}
