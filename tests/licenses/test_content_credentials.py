"""C2PA manifests: signed pictures where c2pa-python is installed, its answers played back where it is not."""

from __future__ import annotations

import datetime as dt
import io
import json
import sys
from types import ModuleType

import pytest
from PIL import Image

from catalog.values import Declared
from licenses import content_credentials, optouts, reserved

ENTRIES = {"cawg.ai_training": {"use": "notAllowed"}, "cawg.data_mining": {"use": "allowed"}}
ASSERTION = {"label": "cawg.training-mining", "data": {"entries": ENTRIES}}
FILE = b"... jumb ... cawg.training-mining ..."


def answers(data: bytes) -> dict[str, str]:
    fields = content_credentials.read(data, "image/jpeg")
    found = optouts(declared=Declared(fields=fields))
    return {use: reserved(found, use) for use in ("train-ai", "tdm", "ai-input")}


class Missing(Exception):
    """As c2pa raises it where there is no manifest."""


class Broken(Exception):
    """As c2pa raises it for everything else."""

    ManifestNotFound = Missing


def pretend(monkeypatch: pytest.MonkeyPatch, said: object) -> None:
    """A c2pa-python that answers with this store, or raises this error."""

    class Reader:
        def __init__(self, media_type: str, stream: io.BytesIO, context: object) -> None:
            if isinstance(said, Exception):
                raise said

        def __enter__(self) -> Reader:
            return self

        def __exit__(self, *error: object) -> None: ...

        def json(self) -> str:
            return json.dumps(said)

    class Settings:
        @staticmethod
        def from_dict(given: dict[str, dict[str, bool]]) -> dict[str, dict[str, bool]]:
            assert given["verify"]["remote_manifest_fetch"] is False
            return given

    module = ModuleType("c2pa")
    module.__dict__.update(C2paError=Broken, Context=lambda settings: settings, Reader=Reader, Settings=Settings)
    monkeypatch.setitem(sys.modules, "c2pa", module)


@pytest.mark.parametrize(
    ("said", "train", "mining"),
    [
        ({"manifests": {"a": {"assertions": [ASSERTION]}}, "validation_state": "Valid"}, "reserved", "allowed"),
        ({"manifests": {"a": {"assertions": [ASSERTION]}}, "validation_state": "Invalid"}, "reserved", "unknown"),
        ({"manifests": {"new": {"assertions": []}, "ingredient": {"assertions": [ASSERTION]}}}, "reserved", "allowed"),
        ({"manifests": {"a": {"assertions": [{**ASSERTION, "label": "c2pa.actions"}]}}}, "unknown", "unknown"),
        ({"manifests": {"a": {"assertions": [{**ASSERTION, "data": "?"}]}}}, "unknown", "unknown"),
        (Missing(), "unknown", "unknown"),
    ],
)
def test_a_manifest_reserves_and_permits(
    monkeypatch: pytest.MonkeyPatch, said: object, train: str, mining: str
) -> None:
    pretend(monkeypatch, said)
    assert answers(FILE) == {"train-ai": train, "tdm": mining, "ai-input": "unknown"}


@pytest.mark.parametrize("reader", ["broken", "not installed"])
def test_an_assertion_that_cannot_be_read_is_unknown_and_said_so(monkeypatch: pytest.MonkeyPatch, reader: str) -> None:
    if reader == "broken":
        pretend(monkeypatch, Broken())
    else:
        monkeypatch.setitem(sys.modules, "c2pa", None)
    found = optouts(declared=Declared(fields=content_credentials.read(FILE, "image/jpeg")))
    assert [(one.use, one.answer, one.quote) for one in found] == [
        ("train-ai", "unknown", "unread"),
        ("tdm", "unknown", "unread"),
    ]


def test_a_picture_without_a_manifest_costs_no_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "c2pa", None)
    assert content_credentials.read(b"\xff\xd8\xff no manifest", "image/jpeg") == ()
    assert content_credentials.read(b"jumb, and no such assertion", "image/jpeg") == ()


def test_a_signed_picture_is_read() -> None:
    pytest.importorskip("c2pa", reason="c2pa-python is not installed (pip install 'cleartitle[c2pa]')")
    pytest.importorskip("cryptography", reason="signing a picture needs cryptography")
    signed = sign()
    assert answers(signed) == {"train-ai": "reserved", "tdm": "allowed", "ai-input": "unknown"}
    flipped = signed.replace(b"\xff\xda", b"\xff\xda\x00", 1)
    assert answers(flipped)["tdm"] == "unknown"  # what does not validate permits nothing


def sign() -> bytes:
    """A red square with a manifest, signed by a certificate made for the moment."""
    import c2pa
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    names = [NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME]
    root, leaf = (x509.Name([x509.NameAttribute(name, who) for name in names]) for who in ("Root", "Nobody"))
    now = dt.datetime.now(dt.UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    roles = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")  # fmt: skip
    certificates = []
    for number, (subject, key, granted) in enumerate(
        ((root, keys[0], {"key_cert_sign", "crl_sign"}), (leaf, keys[1], {"digital_signature"}))
    ):
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(root).public_key(key.public_key())
        made = (
            made.serial_number(number + 1)
            .not_valid_before(now - dt.timedelta(1))
            .not_valid_after(now + dt.timedelta(1))
        )
        made = made.add_extension(x509.BasicConstraints(ca=number == 0, path_length=None), critical=True)
        made = made.add_extension(x509.KeyUsage(**{role: role in granted for role in roles}), critical=True)
        made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(keys[0].public_key())
        made = made.add_extension(issuer, critical=False)
        if number:
            usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
            made = made.add_extension(usage, critical=False)
        certificates.append(made.sign(keys[0], hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    private = keys[1].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo(b"es256", certificates[1] + certificates[0], private, None))
    kind = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
    created = {"label": "c2pa.actions.v2",
               "data": {"actions": [{"action": "c2pa.created", "digitalSourceType": kind}]}}  # fmt: skip
    manifest = {"claim_generator_info": [{"name": "test"}], "format": "image/jpeg", "assertions": [created, ASSERTION]}
    plain, signed = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (32, 32), "red").save(plain, "JPEG")
    plain.seek(0)
    c2pa.Builder(json.dumps(manifest)).sign(signer, "image/jpeg", plain, signed)
    return signed.getvalue()
