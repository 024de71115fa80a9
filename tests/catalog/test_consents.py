from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog import consents, keys
from catalog.consents import Consents, Imported, Statement
from catalog.errors import FormatError, GateRefused, Unavailable, UsageError
from catalog.gate import gate
from catalog.manifests import Manifest
from catalog.values import Consent
from catalog.workspace import Workspace

pytestmark = pytest.mark.usefixtures("key_folder")


def day(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def register(*said: Statement) -> Consents:
    return Consents({"p": tuple(sorted(said, key=lambda one: (one.at, one.withdrawal)))})


GRANT = Statement("p", day("2026-01-01"), ("train",), day("2026-12-01"))
WIDER = Statement("p", day("2026-03-01"), ("share", "train"))
ENDED = Statement("p", day("2026-06-01 15:00"))
AGAIN = Statement("p", day("2026-08-01"), ("train",))
DECLARED = Consent(("train", "share"), day("2026-02-01"), day("2026-10-01"))


@pytest.mark.parametrize(
    ("said", "declared", "now", "stands"),
    [
        ((), None, "2026-05-01", None),
        ((), DECLARED, "2026-05-01", DECLARED),
        ((GRANT,), None, "2026-05-01", Consent(("train",), GRANT.at, GRANT.until)),
        ((GRANT,), None, "2025-05-01", None),  # not yet given
        ((GRANT, WIDER), None, "2026-02-28", Consent(("train",), GRANT.at, GRANT.until)),
        ((GRANT, WIDER), None, "2026-05-01", Consent(("share", "train"), WIDER.at)),
        ((GRANT,), DECLARED, "2026-05-01", DECLARED),  # what the source says is the later word
        ((WIDER,), DECLARED, "2026-05-01", Consent(("share", "train"), WIDER.at)),
        ((ENDED,), DECLARED, "2026-05-31", DECLARED),
        ((ENDED,), DECLARED, "2026-06-01", Consent(DECLARED.scope, DECLARED.granted_at, DECLARED.expires, ENDED.at)),
        ((GRANT, ENDED), None, "2026-07-01", Consent(("train",), withdrawn=ENDED.at)),
        ((ENDED,), None, "2026-07-01", Consent((), withdrawn=ENDED.at)),
        ((ENDED, AGAIN), DECLARED, "2026-09-01", Consent(("train",), AGAIN.at)),
        ((AGAIN, Statement("p", AGAIN.at)), None, "2026-09-01", Consent(("train",), withdrawn=AGAIN.at)),
        ((GRANT,), Consent(("train",), None, None, day("2026-04-01")), "2026-05-01",
         Consent(("train",), None, None, day("2026-04-01"))),
        ((WIDER,), Consent(("train",), None, None, day("2026-02-01")), "2026-05-01",
         Consent(("share", "train"), WIDER.at)),
    ],
)  # fmt: skip
def test_the_last_word_stands(
    said: tuple[Statement, ...], declared: Consent | None, now: str, stands: Consent | None
) -> None:
    assert register(*said).effective("p", declared, day(now)) == stands
    assert register(*said).effective("somebody else", declared, day(now)) == declared


ROWS = """contributor,uses,from,until,withdrawn
anna,train;share redacted,2026-01-01,,
ben,train,2026-01-01T12:00:00+02:00,2027-01-01,
ben,,,,2026-04-01
carl,train,2026-01-01,,2026-02-01
"""


def test_rows_become_statements_under_pseudonyms(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "said.csv"
    file.write_text(ROWS)
    assert consents.import_file(workspace, file) == Imported(5, 3, 3, 2)
    assert consents.import_file(workspace, file) == Imported(5, 3, 0, 0)  # what is known changes nothing
    text = consents.path(workspace).read_text()
    assert not any(name in text for name in ("anna", "ben", "carl"))
    pseudonym = keys.contributor(keys.of_contributors(workspace), "ben")
    assert consents.load(workspace).said[pseudonym] == (
        Statement(pseudonym, day("2026-01-01 10:00"), ("train",), day("2027-01-01")),
        Statement(pseudonym, day("2026-04-01")),
    )


def test_json_lines_and_the_columns_of_a_contributions_table_are_read(workspace: Workspace, tmp_path: Path) -> None:
    rows = [{"contributor": "anna", "consent_scope": ["train", "share"], "granted_at": "2026-01-01", "expires": None}]
    file = tmp_path / "said.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    consents.import_file(workspace, file)
    ((one,),) = consents.load(workspace).said.values()
    assert (one.uses, one.at, one.until) == (("share", "train"), day("2026-01-01"), None)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("contributor,use\nanna,train", r"unknown column 'use'\. Columns: contributor, uses, from, until, withdrawn"),
        ("contributor,uses,from\n,train,2026-01-01", "row 1: expected a contributor, found an empty cell"),
        ("contributor,uses,from\nanna,sell,2026-01-01", "row 1: uses: expected some of train, share, .* found 'sell'"),
        ("contributor,uses\nanna,train", r"row 1: a grant has no date\. Say in the column `from`"),
        ("contributor,uses,from\nanna,train,spring", "row 1: from: expected an ISO 8601 date, found something else"),
        (
            "contributor,uses,from\nanna,train,0001-01-01T00:00+05:00",
            "row 1: from: expected a moment in the years 1 to",
        ),
        (
            "contributor,withdrawn,withdrawn_at\nanna,2026-04-01,",
            r"the columns withdrawn and withdrawn_at mean the same\. Leave one of them in",
        ),
        ("contributor,withdrawn,withdrawn\nanna,2026-04-01,", "expected each column once, found two"),
        ("contributor\nanna", "row 1: neither a grant nor a withdrawal"),
        ("contributor,uses,from\nanna,train", "row 1: expected as many cells as there are columns"),
    ],
)
def test_a_row_that_says_nothing_clear_is_refused_and_nothing_is_taken_in(
    workspace: Workspace, tmp_path: Path, rows: str, told: str
) -> None:
    file = tmp_path / "said.csv"
    file.write_text(rows)
    with pytest.raises(UsageError, match=told) as error:
        consents.import_file(workspace, file)
    assert "anna" not in str(error.value)
    assert not consents.path(workspace).exists()


def test_a_name_is_one_person_however_its_accents_are_composed(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "said.csv"
    file.write_text("contributor,withdrawn\nJos\u00e9,2026-04-01\nJose\u0301,2026-04-02\nJose,2026-04-03\n", "utf-8")
    assert consents.import_file(workspace, file).contributors == 2


def test_a_file_that_is_none_is_told(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such file"):
        consents.import_file(workspace, tmp_path / "none.csv")
    (tmp_path / "bad.jsonl").write_text("[]\n")
    with pytest.raises(UsageError, match="row 1: expected a JSON object on each line"):
        consents.import_file(workspace, tmp_path / "bad.jsonl")
    (tmp_path / "bad.csv").write_bytes(b"contributor\n\xff")
    with pytest.raises(UsageError, match="expected UTF-8 text, found a byte that is none at 12"):
        consents.import_file(workspace, tmp_path / "bad.csv")


def test_the_register_without_its_key_or_damaged_is_told(
    workspace: Workspace, tmp_path: Path, key_folder: Path
) -> None:
    (tmp_path / "said.csv").write_text(ROWS)
    consents.import_file(workspace, tmp_path / "said.csv")
    (key_folder / "contributors.key").unlink()
    with pytest.raises(Unavailable, match="another contributors key"):
        consents.load(workspace)
    consents.path(workspace).write_text('{"format": 1}')
    with pytest.raises(FormatError, match="expected a register of consents"):
        consents.load(workspace)


def write(workspace: Workspace, *said: Statement) -> None:
    consents._write(workspace, said)


def test_a_withdrawal_closes_an_old_version_at_once_and_a_new_grant_opens_it(
    make: Callable[..., Manifest], workspace: Workspace, invented: ModuleType
) -> None:
    manifest = make()
    assert gate(workspace, manifest, "train").records == 4
    write(workspace, Statement(invented.ANNA, day("2026-03-05")))
    with pytest.raises(GateRefused, match=r"may not be used to train: 1 of 4 records whose contributor withdrew"):
        gate(workspace, manifest, "train")
    write(
        workspace, Statement(invented.ANNA, day("2026-03-05")), Statement(invented.ANNA, day("2026-03-06"), ("train",))
    )
    assert gate(workspace, manifest, "train").records == 4
    with pytest.raises(GateRefused, match="1 of 4 records whose contributor did not agree to this use"):
        gate(workspace, manifest, "share redacted")
    write(workspace, Statement(invented.ANNA, day("2026-03-06"), ("train",), day("2026-03-07")))
    with pytest.raises(GateRefused, match="1 of 4 records whose consent has expired"):
        gate(workspace, manifest, "train")


def test_a_decision_for_consent_needs_one_that_is_declared_or_in_the_register(
    make: Callable[..., Manifest], workspace: Workspace, invented: ModuleType
) -> None:
    bare = dict.fromkeys(("consent_scope", "consent_granted_at", "consent_expires"))
    manifest = make(changes={"facts": lambda rows: [r | bare if r["id"] == invented.uid(6) else r for r in rows]})
    told = r"1 of 4 records that rest on a consent of which there is no record\. `cleartitle run`"
    for use in ("", "train"):
        with pytest.raises(GateRefused, match=told):
            gate(workspace, manifest, use)
    write(workspace, Statement(invented.ANNA, day("2026-03-05"), ("train",)))
    assert gate(workspace, manifest, "train").records == 4
    write(workspace, Statement(invented.ANNA, day("2026-03-05")))
    with pytest.raises(GateRefused, match=r"to train: 1 of 4 records whose contributor withdrew consent\."):
        gate(workspace, manifest, "train")


moments = st.integers(0, 8).map(lambda number: dt.datetime(2026, 1, 1 + number, 12))
statements = st.builds(
    lambda at, uses, until: Statement("a" * 32, at, uses, until if uses else None),
    moments, st.sampled_from([(), ("train",), ("share", "train"), ("share",)]), st.none() | moments,
)  # fmt: skip
declarations = st.builds(
    lambda granted, expires, withdrawn: {
        "consent_granted_at": granted, "consent_expires": expires, "consent_withdrawn": withdrawn,
    }, st.none() | moments, st.none() | moments, st.none() | moments,
)  # fmt: skip


@settings(max_examples=12, deadline=None)
@given(st.lists(statements, max_size=3), declarations, moments)
def test_the_gate_and_the_decision_agree_on_what_stands(
    tmp_path_factory: pytest.TempPathFactory, said: list[Statement], declared: dict[str, dt.datetime], now: dt.datetime
) -> None:
    from importlib import util

    spec = util.spec_from_file_location("invented_for_consents", Path(__file__).with_name("conftest.py"))
    assert spec
    assert spec.loader
    invented = util.module_from_spec(spec)
    spec.loader.exec_module(invented)
    workspace = Workspace.create(tmp_path_factory.mktemp("agree"))
    rows = invented.first_rows()
    rows["facts"] = [row | declared if row["id"] == invented.uid(6) else row for row in rows["facts"]]
    manifest = invented.commit(workspace, rows, "x")
    write(workspace, *said)
    source = Consent(("train", "share redacted"), *declared.values())
    stands = consents.load(workspace).effective(invented.ANNA, source, now)
    assert stands is not None
    refused = (
        bool(stands.withdrawn and stands.withdrawn.date() <= now.date())
        or bool(stands.expires and stands.expires <= now)
        or "train" not in stands.scope
    )
    try:
        gate(workspace, manifest, "train", now=now.replace(tzinfo=dt.UTC))
        assert not refused
    except GateRefused:
        assert refused
