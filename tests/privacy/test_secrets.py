"""Secrets go whole, however long they are and whatever signs are in them."""

from __future__ import annotations

import pytest

from privacy import redact
from privacy.recognizers.secret import spans
from privacy.view import View

RANDOM = "q8Zt3VxN7bLw2RkY5mHs9PdC"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("password: " + "aB3$" * 20, "password: [SECRET]"),
        ("password = Tr0ub4dor;&3x", "password = [SECRET]"),
        ("password = ab;12<cd then", "password = [SECRET] then"),
        ("password=hunter2!x;host=db.example.org", "password=[SECRET]"),
        ("password = 'hunter2, x' # old", "password = '[SECRET]' # old"),
        ('"password": "hunter2 and so on", "port": 5', '"password": "[SECRET]", "port": 5'),
        ('password: "hunter2 never closed', 'password: "[SECRET] never closed'),
        ("access_token=" + RANDOM * 10, "access_token=[SECRET]"),
        ("Bearer " + RANDOM * 10, "Bearer [SECRET]"),
        ("postgres://app:p@ss/w0rd@db", "postgres://app:[SECRET]@db"),
        ("redis://:hunter2@db and a@b", "redis://:[SECRET]@db and a@b"),
    ],
)
def test_a_secret_goes_whole(text: str, expected: str) -> None:
    assert redact(text, list(spans(View(text, "en")))).text == expected


@pytest.mark.parametrize(
    "text",
    [
        "password: string; port: number",
        "f(password:string,email:string)",
        '{"password":"","user":"b","count":12345}',
        "password: <your own>",
        "password: example;host=db1",
        "http://localhost:8080/packages/@scope/name",
        "http://localhost:8080?to=@b",
        "https://example.org/a:b",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert list(spans(View(text, "en"))) == []


def test_names_without_values_are_passed_over_however_many_there_are() -> None:
    text = "token=" * 20_000 + " password='a password='b " + "http://a:b" * 5_000
    assert list(spans(View(text, "en"))) == []
