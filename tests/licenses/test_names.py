"""Licence names in running text, in the languages of the deeds, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licenses import names


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("licensed under CC BY-SA 4.0.", "CC-BY-SA-4.0"),
        ("CC-BY-NC-ND 3.0 DE", "CC-BY-NC-ND-3.0-DE"),
        ("Creative Commons Attribution 4.0 International License", "CC-BY-4.0"),
        ("Creative Commons Attribution-Noncommercial-Share alike 3.0 United States", "LicenseRef-CC-BY-NC-SA-3.0-US"),
        ("Creative Commons Namensnennung-Nicht-kommerziell-Keine Bearbeitung 3.0 Deutschland", "CC-BY-NC-ND-3.0-DE"),
        ("Creative Commons Paternité - Pas d'utilisation commerciale 2.0 France", "LicenseRef-CC-BY-NC-2.0-FR"),
        ("Creative Commons Reconocimiento-NoComercial-CompartirIgual 4.0", "CC-BY-NC-SA-4.0"),
        ("Creative Commons Atribuição-CompartilhaIgual 3.0 Brasil", "LicenseRef-CC-BY-SA-3.0-BR"),
        ("Creative Commons Attribuzione - Non commerciale 2.5 Italia", "LicenseRef-CC-BY-NC-2.5-IT"),
        ("Creative Commons Naamsvermelding-GelijkDelen 3.0 Nederland", "LicenseRef-CC-BY-SA-3.0-NL"),
        ("Creative Commons Uznanie autorstwa - Użycie niekomercyjne 3.0 Polska", "LicenseRef-CC-BY-NC-3.0-PL"),
        ("クリエイティブ・コモンズ 表示 - 非営利 4.0 国際", "CC-BY-NC-4.0"),
        ("Creative Commons «Attribution-ShareAlike» («Атрибуция — На тех же условиях») 4.0", "CC-BY-SA-4.0"),
        ("知识共享 署名-非商业性使用 4.0 国际许可协议", "CC-BY-NC-4.0"),
        ("creative commons licence by-nc 2.0", "CC-BY-NC-2.0"),
        ("Creative Commons Attribution/Share-Alike License", "LicenseRef-CC-BY-SA-unversioned"),
        ("CC0 1.0 Universal", "CC0-1.0"),
    ],
)
def test_a_name_is_read_with_its_version_and_port(text: str, licence: str) -> None:
    assert [name.licence for name in names.find(text)] == [licence]


@pytest.mark.parametrize(
    "text",
    [
        "cc by someone, in copy to all",
        "the CC of the party met",
        "CC: by mail to the office",
        "Attribution of the painting is uncertain",
        "Creative Commons is an organisation",
        "acc by-law 4.0",
    ],
)
def test_what_only_looks_like_a_name_is_none(text: str) -> None:
    assert list(names.find(text)) == []


@given(st.text(max_size=400))
def test_offsets_lie_in_the_text(text: str) -> None:
    for name in names.find(f"Creative Commons BY {text} CC BY-SA"):
        assert 0 <= name.start < name.end


@pytest.mark.parametrize(
    ("field", "licence"),
    [
        ("Attribution-ShareAlike 4.0 International", "CC-BY-SA-4.0"),
        ("https://choosealicense.com/licenses/cc0-1.0/", "CC0-1.0"),
        ("Public domain", "LicenseRef-public-domain"),
        ("public domain mark 1.0", "CC-PDM-1.0"),
        ("© 2020 Somebody. All rights reserved.", "LicenseRef-all-rights-reserved"),
        ("MIT", "MIT"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("GNU General Public License v3.0", "GPL-3.0-only"),
        ("Open Database License (ODbL) v1.0", "ODbL-1.0"),
        ("ODC Attribution License", "ODC-By-1.0"),
        ("Creative Commons", "LicenseRef-CC-unspecified"),
        ("by-nc-sa/4.0", "CC-BY-NC-SA-4.0"),
        ("by hand", ""),
        ("Proprietary, attribution required", ""),
        ("unknown", ""),
        ("Jane Doe", ""),
        ("", ""),
    ],
)
def test_a_licence_field_is_an_id_or_nothing(field: str, licence: str) -> None:
    assert names.read(field) == licence


@pytest.mark.parametrize(
    ("field", "licences", "choice"),
    [
        ("MIT OR Apache-2.0", ("MIT", "Apache-2.0"), True),
        ("CC-BY-SA-4.0 AND CC0-1.0", ("CC-BY-SA-4.0", "CC0-1.0"), False),
        ("(MIT OR CC0-1.0)", ("MIT", "CC0-1.0"), True),
        ("MIT OR something", (), False),
        ("CC BY 4.0", ("CC-BY-4.0",), False),
    ],
)
def test_an_expression_names_each_of_its_licences(field: str, licences: tuple[str, ...], choice: bool) -> None:
    assert names.expression(field) == (licences, choice)


@pytest.mark.parametrize("text", ["All Rights Reserved", "Alle Rechte vorbehalten", "Tous droits réservés", "版权所有"])
def test_keeping_all_rights_is_read_in_many_languages(text: str) -> None:
    assert names.reserved(text) is not None


@pytest.mark.parametrize("text", ["Some rights reserved", "Einige Rechte vorbehalten", "table reserved for all"])
def test_keeping_some_rights_is_not_keeping_all(text: str) -> None:
    assert names.reserved(text) is None
