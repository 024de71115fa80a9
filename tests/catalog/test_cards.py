from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from huggingface_hub import DatasetCard, DatasetCardData

from catalog import cards, consents, croissant, facts, keys, manifests
from catalog.cards import Untrue
from catalog.errors import FormatError, NotFound, RecipeError
from catalog.export import export
from catalog.manifests import Manifest
from catalog.publish import publish
from catalog.queries import query
from catalog.workspace import Workspace

USES = ("train", "share redacted")
SAID = {"title": "Harbour", "purpose": "To know <which> ships are in.", "contact": "office@port.example"}


@pytest.fixture
def first(harbour: Workspace) -> Manifest:
    return manifests.find(harbour, "harbour@1")


def test_each_measured_fact_names_a_query_that_gives_its_value(seen: Workspace) -> None:
    found = facts.collect(seen, manifests.find(seen, "harbour@1"), {})
    measured = [fact for fact in found.facts if fact.kind == "measured"]
    assert len(measured) > 35
    for fact in measured:
        result = query(seen, fact.source)
        rows = json.loads(
            json.dumps([dict(zip(result.columns, row, strict=True)) for row in result.fetchall()], default=str)
        )
        assert fact.value in (rows, rows[0].get(fact.name) if rows else None), fact.name


def test_facts_are_exact(seen: Workspace) -> None:
    found = facts.collect(seen, manifests.find(seen, "harbour@1"), {})
    names = ("entered", "kept", "redacted", "held", "dropped", "released", "hosts", "annotators", "input_problems")
    assert [found[name] for name in names] == [8, 2, 2, 1, 3, 4, 2, 2, 1]
    assert found["licences"] == [
        {"licence": "CC-BY-4.0", "licence_basis": "licence", "records": 2},
        {"licence": None, "licence_basis": "consent", "records": 2},
    ]
    assert found["fetched_from"] == "2026-03-01 00:00:00"


def test_consents_are_those_in_force_now_and_verify_says_when_they_changed(
    harbour: Workspace, first: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLEARTITLE_KEYS", str(tmp_path / "keys"))
    names = {"anna": "a" * 32, "ben": "b" * 32}
    monkeypatch.setattr(keys, "contributor", lambda key, name: names[name])

    def say(*lines: str) -> None:
        (tmp_path / "said.csv").write_text("\n".join(("contributor,uses,from,until,withdrawn", *lines)))
        consents.import_file(harbour, tmp_path / "said.csv")
        publish(harbour)

    def told() -> dict[str, int]:
        cards.write(harbour, first, SAID)
        assert cards.verify(harbour, first) == []
        found = facts.current(harbour, first)
        assert found["consents_at"]
        return {row["consent"]: row["contributors"] for row in found["consents"]}

    assert told() == {"granted": 2}
    say("anna,,,,2026-04-01")
    assert [(one.name, one.found) for one in cards.verify(harbour, first)] == [
        ("consents", [{"consent": "granted", "contributors": 1, "records": 1, "released": 1},
                      {"consent": "withdrawn", "contributors": 1, "records": 1, "released": 1}]),
    ]  # fmt: skip
    assert told() == {"granted": 1, "withdrawn": 1}
    say("anna,train,2026-05-01,2026-06-01,", "ben,train,2096-01-01,,", "ben,,,,2096-02-01")  # ben's: not yet in force
    assert told() == {"expired": 1, "granted": 1}
    say("anna,share,2026-07-01,,")
    cards.refresh(harbour)  # as the import does
    assert [row["consent"] for row in facts.current(harbour, first)["consents"]] == ["granted"]
    assert not facts.facts_path(harbour, manifests.find(harbour, "harbour@2")).exists()  # no card, none made


def test_what_nobody_answered_is_unknown(seen: Workspace) -> None:
    found = facts.collect(seen, manifests.find(seen, "harbour@1"), SAID)
    kinds = {fact.name: fact.kind for fact in found.facts}
    assert (kinds["purpose"], kinds["legal_basis"], found["legal_basis"]) == ("declared", "unknown", None)
    assert (kinds["parent"], found["parent"]) == ("unknown", None)


def test_the_readme_has_front_matter_that_the_hub_library_reads(harbour: Workspace, first: Manifest) -> None:
    path = cards.write(harbour, first, SAID)
    data = DatasetCard.load(path).data
    assert isinstance(data, DatasetCardData)
    assert (data.pretty_name, data.language, data.size_categories) == ("Harbour", ["de", "en"], ["n<1K"])
    assert (data.license, data.to_dict()["license_name"]) == ("other", "mixed")
    assert data.to_dict()["license_details"] == "CC-BY-4.0; no licence: used with consent"


@pytest.mark.parametrize(
    ("licences", "front"),
    [
        (["CC-BY-4.0"], {"license": "cc-by-4.0"}),
        (["MIT"], {"license": "mit"}),
        (["CC-BY-2.0-UK"], {"license": "other", "license_name": "CC-BY-2.0-UK", "license_details": "CC-BY-2.0-UK"}),
        (["CC0-1.0", "MIT"], {"license": "other", "license_name": "mixed", "license_details": "CC0-1.0; MIT"}),
        ([], {}),
    ],
)
def test_one_licence_the_hub_knows_is_named_and_others_are_listed(
    seen: Workspace, licences: list[str], front: dict[str, str]
) -> None:
    found = facts.collect(seen, manifests.find(seen, "harbour@1"), {})
    rows = [{"licence": name, "licence_basis": "licence", "records": 1} for name in licences]
    changed = facts.DatasetFacts(
        found.version,
        tuple(facts.Fact(f.name, rows, f.kind, f.source) if f.name == "licences" else f for f in found.facts),
    )
    matter = cards.front_matter(changed)
    assert {key: value for key, value in matter.items() if key.startswith("license")} == front


@pytest.mark.parametrize(
    ("basis", "told"),
    [("consent", "no licence: used with consent"), ("unknown", "no licence: accepted by a person")],
)
def test_what_a_work_without_a_licence_rests_on_is_said_as_it_is(
    make: Callable[..., Manifest], workspace: Workspace, invented: ModuleType, tmp_path: Path, basis: str, told: str
) -> None:
    def rests(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        said = [{"reason": "review-accepted", "rule": "review", "value": "", "threshold": ""}]
        return [{**row, "licence_basis": basis, "reasons": said} if row["licence"] is None else row for row in rows]

    def credited(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [*rows, {**rows[0], "id": invented.uid(7), "licence": None, "licence_url": None}]

    manifest = make(published=True, changes={"decisions": rests, "attributions": credited})
    found = facts.collect(workspace, manifest, {})
    assert cards.front_matter(found)["license_details"] == f"CC-BY-4.0; {told}"
    assert told.capitalize() in croissant.metadata(found)["license"]
    export(workspace, manifest.name, tmp_path / "out")
    assert f"\n## {told.capitalize()}\n" in (tmp_path / "out" / "ATTRIBUTION.md").read_text("utf-8")
    assert f"<h2>{told.capitalize()}</h2>" in (tmp_path / "out" / "ATTRIBUTION.html").read_text("utf-8")


def test_a_record_with_one_reason_twice_is_counted_once_and_the_most_frequent_stands_first(
    make: Callable[..., Manifest], workspace: Workspace
) -> None:
    def twice(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        unclear = [{"reason": "licence-unclear", "rule": "licence", "value": "x", "threshold": use} for use in USES]
        return [{**row, "reasons": unclear} if row["action"] in ("hold", "drop") else row for row in rows]

    manifest = make(published=True, changes={"decisions": twice})
    found = facts.collect(workspace, manifest, {})
    assert found["reasons"] == [
        {"action": "drop", "reason": "licence-unclear", "records": 3},
        {"action": "hold", "reason": "licence-unclear", "records": 1},
    ]
    assert "| hold | licence-unclear | 1 |" in cards.render_readme(found)


def test_a_picture_with_more_replaced_than_was_found_at_first_stays_within_its_line(
    make: Callable[..., Manifest], workspace: Workspace
) -> None:
    def more(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**row, "redactions": row["redactions"] * 4} if row.get("image") else row for row in rows]

    found = facts.collect(workspace, make(published=True, changes={"content": more}), {})
    html = cards.render_html(found)
    widths = re.findall(r'<rect[^>]* width="([\d.]+)"', html.partition("Personal data")[2])
    assert "1 found, 4 replaced" in html
    assert max(map(float, widths)) == 100.0


def test_cards_state_evidence_and_say_what_is_not_known(harbour: Workspace, first: Manifest) -> None:
    text = cards.write(harbour, first, SAID).read_text("utf-8")
    assert "This card states evidence. It does not promise" in text
    assert "| hold | nd-needs-redaction | 1 |" in text
    assert "- The language of 1 text was not examined." in text
    assert "- On which legal basis is personal data processed? (not answered)" in text
    assert not re.search(r"\bcompliant\b|GDPR-|guarantee", text)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_html_card_fetches_nothing_runs_nothing_and_names_its_pictures(harbour: Workspace, first: Manifest) -> None:
    text = (cards.write(harbour, first, SAID).parent / "card.html").read_text("utf-8")
    page = _Page()
    page.feed(text)
    names = [tag for tag, _ in page.tags]
    assert {"script", "link", "img", "iframe"} & set(names) == set()
    assert [attributes for _, attributes in page.tags if {"src", "href", "onclick"} & set(attributes)] == []
    drawn = [attributes for tag, attributes in page.tags if tag == "svg"]
    assert len(drawn) > 10
    assert all(attributes["role"] == "img" and attributes["aria-label"] for attributes in drawn)
    assert "To know &lt;which&gt; ships are in." in text
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_a_card_holds_no_content_and_no_pseudonym(harbour: Workspace, first: Manifest) -> None:
    folder = cards.write(harbour, first, SAID).parent
    text = "".join(path.read_text("utf-8") for path in folder.iterdir())
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", "card.html", "croissant.json", "facts.json"]
    for secret in ("a" * 32, "b" * 32, "Ship number", "<EMAIL>", "Harbour Office"):
        assert secret not in text


def test_a_true_card_verifies(harbour: Workspace, first: Manifest) -> None:
    cards.write(harbour, first, SAID)
    assert cards.verify(harbour, first) == []


def test_verify_names_the_figure_that_is_untrue(harbour: Workspace, first: Manifest) -> None:
    folder = cards.write(harbour, first, SAID).parent
    path = folder / "facts.json"
    path.write_text(
        path.read_text("utf-8").replace('"name": "dropped",\n   "value": 3', '"name": "dropped",\n   "value": 2')
    )
    (folder / "README.md").write_text("All is well.\n")
    (folder / "card.html").unlink()
    assert cards.verify(harbour, first) == [
        Untrue("dropped", 2, 3),
        Untrue("README.md", "what its facts say", "something else"),
        Untrue("card.html", "what its facts say", "not there"),
        Untrue("croissant.json", "what its facts say", "something else"),
    ]


def test_verify_counts_from_the_shards_and_not_from_the_published_file(
    harbour: Workspace, first: Manifest, invented: ModuleType
) -> None:
    cards.write(harbour, first, SAID)
    rows = invented.first_rows()["decisions"]
    invented.store.write(
        first.paths(harbour, "decisions")[0], invented.store.table(invented.schema.DECISIONS, rows[:1])
    )
    assert "reasons" in {untrue.name for untrue in cards.verify(harbour, first)}


def test_a_version_without_a_card_does_not_verify(harbour: Workspace, first: Manifest) -> None:
    assert cards.verify(harbour, first) == [Untrue("facts.json", None, "not there")]


def test_answers_stand_until_they_are_given_anew(harbour: Workspace, first: Manifest, tmp_path: Path) -> None:
    cards.write(harbour, first, SAID)
    assert "office@port.example" in cards.write(harbour, first).read_text("utf-8")
    (tmp_path / "card.yaml").write_text("contact: elsewhere@port.example\npurpose:\n")
    text = cards.write(harbour, first, tmp_path / "card.yaml").read_text("utf-8")
    assert "elsewhere@port.example" in text
    assert "What was it made for? (not answered)" in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("contakt: x", "unknown key 'contakt'"),
        ("contact: [a]", "contact: expected words, found list"),
        ("- a", "expected keys with answers, found list"),
        ("a: [", "cannot be read as YAML"),
    ],
)
def test_a_wrong_card_file_is_told(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "card.yaml").write_text(text)
    with pytest.raises(RecipeError, match=re.escape(said)):
        facts.read_answers(tmp_path / "card.yaml")


def test_a_version_that_is_not_published_yet_says_so(
    harbour: Workspace, invented: ModuleType, make: Callable[..., Manifest]
) -> None:
    manifest = invented.commit(harbour, invented.first_rows(), "three")
    with pytest.raises(NotFound, match="cleartitle publish"):
        cards.write(harbour, manifest)
    publish(harbour)
    assert cards.write(harbour, manifest).is_file()


def test_a_facts_file_that_is_none_is_told(harbour: Workspace, first: Manifest) -> None:
    path = facts.facts_path(harbour, first)
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    with pytest.raises(FormatError, match="facts file"):
        facts.current(harbour, first)
