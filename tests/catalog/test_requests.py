from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from catalog import keys, requests, suppression
from catalog.errors import NotFound, UsageError
from catalog.manifests import Manifest
from catalog.requests import Meant, Request
from catalog.workspace import Workspace

pytestmark = pytest.mark.usefixtures("key_folder")


def meant(workspace: Workspace, *asked: Request, **given: Any) -> Meant:
    return requests.resolve(workspace, asked, **{"masked": {}, "retention": 30, **given})


def test_near_duplicates_go_along_and_another_contributors_stay(
    make: Callable[..., Manifest], workspace: Workspace, invented: ModuleType
) -> None:
    pairs = [(4, 1), (2, 6), (7, 6)]  # record 6 is anna's, record 7 is ben's
    clusters = [{"id": invented.uid(one), "keeper": invented.uid(keeper), "kind": "near", "similarity": 0.9}
                for one, keeper in pairs]  # fmt: skip
    make(changes={"clusters": lambda _: clusters})
    by_keeper, by_copy = (meant(workspace, Request("record", invented.rid(number))) for number in (1, 4))
    assert (len(by_keeper.ids), by_keeper.copies, by_keeper.ids) == (2, 1, by_copy.ids)
    alone = meant(workspace, Request("record", invented.rid(1)), copies=False)
    assert (alone.ids, alone.copies) == ((invented.uid(1),), 0)
    annas = meant(workspace, Request("record", invented.rid(6)))
    assert (annas.ids, annas.copies, annas.others) == ((invented.uid(2), invented.uid(6)), 1, 1)


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        (Request("host", "QUAY.example"), [2]),
        (Request("host", "port.example"), [1, 3, 4, 5, 8]),
        (Request("host", "example"), []),
        (Request("source", "https://port.example/3"), [3]),
        (Request("source", "HTTPS://Port.example:443/3#berths"), [3]),
        (Request("source", "https://port.example/3/"), []),
        (Request("source", "rows.jsonl#7"), [7]),
        (Request("source", "rows.jsonl"), []),
        (Request("record", "00000000-0000-0000-0000-000000000007"), [7]),
    ],
)
def test_requests_come_to_exactly_these_records(
    make: Callable[..., Manifest], workspace: Workspace, invented: ModuleType, asked: Request, numbers: list[int]
) -> None:
    make()
    assert meant(workspace, asked, copies=False).ids == tuple(invented.uid(number) for number in numbers)


def test_contributors_are_met_by_their_pseudonym(
    make: Callable[..., Manifest], workspace: Workspace, invented: ModuleType
) -> None:
    anna = keys.contributor(keys.of_contributors(workspace), "anna")
    make(changes={"facts": lambda found: [row | {"contributor": anna} if row["id"] == invented.uid(6) else row
                                          for row in found]})  # fmt: skip
    found = meant(workspace, Request("contributor", "anna"))
    assert (found.ids, found.contributors) == ((invented.uid(6),), (anna,))
    assert repr(Request("contributor", "anna")) == "Request(kind='contributor')"
    other = meant(workspace, Request("contributor", "Anna"), Request("record", invented.rid(7)))
    assert (found.asked, other.asked) == ((anna,), (keys.contributor(keys.of_contributors(workspace), "Anna"),))
    assert (other.ids, other.contributors) == ((invented.uid(7),), (invented.BEN,))


def test_an_address_at_which_nothing_was_read_tells_how_many_were_nearly_there(
    make: Callable[..., Manifest], workspace: Workspace, invented: ModuleType
) -> None:
    port = [("http://www.port.example/3/?print", 1), ("https://port.example/3", 0), ("https://port.example/33", 0)]
    loud = invented.fact(21, address="https://PORT.example:443/~Anna#top", host="port.example")
    make(changes={"facts": lambda found: [*found, loud]})
    assert [meant(workspace, Request("source", address)).near for address, _ in port] == [near for _, near in port]
    quiet = meant(workspace, Request("source", "https://port.example/~Anna"))
    assert (quiet.ids, quiet.near) == ((invented.uid(21),), 0)
    assert meant(workspace, Request("source", "https://port.example/~anna")).near == 1


def test_an_erased_address_is_kept_out_however_it_is_spelled(two: Workspace) -> None:
    suppression.add(two, meant(two, Request("source", "https://Port.example:443/99#top")).entries)
    listed = suppression.load(two)
    told = [listed.hit(address=f"https://{rest}") for rest in
            ("Port.example:443/99#top", "port.example/99", "PORT.EXAMPLE/99#low", "port.example/98")]  # fmt: skip
    assert told == ["address", "address", "address", ""]


def test_an_address_kept_masked_is_met_by_its_id_or_told_as_unsure(
    make: Callable[..., Manifest], workspace: Workspace, invented: ModuleType
) -> None:
    whole, masked = "https://port.example/~anna@sea.example", "https://port.example/~<EMAIL>"
    known = keys.record_id(keys.of_ids(workspace), whole)
    extra = [invented.fact(21, address=masked), {**invented.fact(22, address=masked), "id": keys.id_bytes(known)}]
    credited = [invented.credit(1, address=whole)]
    make(changes={"facts": lambda found: [*found, *extra], "attributions": lambda _: credited})
    found = meant(workspace, Request("source", whole), masked={whole: masked}, copies=False)
    assert (set(found.ids), found.unsure) == ({invented.uid(1), keys.id_bytes(known)}, 1)


def test_older_captures_of_an_address_are_the_same_page(
    make: Callable[..., Manifest], workspace: Workspace, invented: ModuleType
) -> None:
    container, position = "old.warc.gz", 700
    told = f"{invented.rid(1)}|{container}|{position}"
    renamed = uuid.UUID(hashlib.md5(told.encode(), usedforsecurity=False).hexdigest())
    older = {**invented.fact(1, container=container, position=position), "id": renamed.bytes}
    make(changes={"facts": lambda found: [*found, older]})
    for one in (invented.rid(1), str(renamed)):
        assert set(meant(workspace, Request("record", one), copies=False).ids) == {invented.uid(1), renamed.bytes}


@pytest.mark.parametrize(
    "record", ["deadbeef", "0000", "no id at all", "ab" * 40 + "!", "00000000-0000-0000-0000-00000000000%"]
)
def test_a_record_that_is_none_or_several_is_refused(two: Workspace, record: str) -> None:
    with pytest.raises(NotFound, match="--record: expected one record whose id begins with"):
        meant(two, Request("record", record))


@pytest.mark.parametrize("kind", requests.KINDS)
@pytest.mark.parametrize("value", ["", " \t"])
def test_a_request_for_nothing_is_refused(kind: str, value: str) -> None:
    with pytest.raises(UsageError, match=f"^--{kind}: expected a value, found nothing"):
        Request(kind, value)


def test_many_requests_come_from_a_file(tmp_path: Path) -> None:
    table = tmp_path / "asked.csv"
    table.write_text("contributor,host\nanna,\nben,blog.example\n")
    asked = [Request("contributor", "anna"), Request("contributor", "ben"), Request("host", "blog.example")]
    assert requests.read(table) == asked
    lines = tmp_path / "asked.jsonl"
    lines.write_text('{"record": "12ab"}\n{"source": "https://a.example/"}\n')
    assert requests.read(lines) == [Request("record", "12ab"), Request("source", "https://a.example/")]
    table.write_text("person\nanna\n")
    with pytest.raises(
        UsageError, match=r"row 1: unknown column 'person'\. Columns: contributor, source, host, record"
    ):
        requests.read(table)
    table.write_text("host\n")
    with pytest.raises(UsageError, match="no request in it"):
        requests.read(table)
