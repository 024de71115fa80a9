"""The secret keys: for ids, for contributors, for the suppression list, and one per dataset for pseudonyms.

They live outside the workspace, in files of mode 600 under $CLEARTITLE_KEYS or the user's
configuration folder, or come from the environment or an external command. What is made with
them is pseudonymised, not anonymous: whoever holds a key can confirm a guess.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import shlex
import subprocess
import unicodedata
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from catalog import manifests
from catalog.errors import Unavailable
from catalog.workspace import Workspace

LENGTH = 32
_PLAIN = re.compile(r"[a-z0-9-]+")


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys one run uses. Never printed, never pickled into a file."""

    ids: bytes = field(repr=False)
    contributors: bytes = field(repr=False)
    pseudonyms: bytes = field(repr=False)

    def fingerprints(self) -> dict[str, str]:
        """Short names of the keys, safe to store: they tell keys apart and nothing else."""
        named = {"ids": self.ids, "contributors": self.contributors, "pseudonyms": self.pseudonyms}
        return {name: fingerprint(key) for name, key in named.items()}

    def record_id(self, address: str, place: str = "") -> str:
        """The id of a record: 128-bit keyed hash of its address and the place in it."""
        return record_id(self.ids, address, place)

    def contributor(self, name: str) -> str:
        """The pseudonym of a contributor or annotator in this workspace."""
        return contributor(self.contributors, name)


def record_id(key: bytes, address: str, place: str = "") -> str:
    """`Keys.record_id` with the one key it takes."""
    return str(uuid.UUID(bytes=digest(key, "record", address, place)))


def contributor(key: bytes, name: str) -> str:
    """`Keys.contributor` with the one key it takes. However its accents are composed, a name is one name."""
    return digest(key, "contributor", unicodedata.normalize("NFC", name)).hex()


def digest(key: bytes, purpose: str, *parts: str | bytes) -> bytes:
    """16 bytes of keyed BLAKE2b over length-prefixed parts (RFC 7693)."""
    state = hashlib.blake2b(key=key, digest_size=16, person=purpose.encode()[:16])
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        state.update(len(data).to_bytes(8, "big"))
        state.update(data)
    return state.digest()


def id_bytes(identity: str) -> bytes:
    """The 16 bytes of a record id, as shards hold it."""
    return uuid.UUID(identity).bytes


def fingerprint(key: bytes) -> str:
    """16 hex characters that name a key without giving it away."""
    return hmac.new(key, b"cleartitle key fingerprint", hashlib.sha256).hexdigest()[:16]


def load(workspace: Workspace, dataset: str) -> Keys:
    """The workspace's keys, made on first use.

    Raises Unavailable where the versions here were made with other keys for ids or contributors: with
    those nothing would be found again, and a withdrawal would reach nobody. Pseudonyms may get a new
    key: destroying the old one is how they are made final.
    """
    return Keys(
        ids=of_ids(workspace),
        contributors=of_contributors(workspace),
        pseudonyms=_key(key_folder(workspace), f"pseudonyms-{dataset}"),
    )


def of_ids(workspace: Workspace) -> bytes:
    """The key of record ids alone."""
    return _of_versions(workspace, "ids")


def of_contributors(workspace: Workspace) -> bytes:
    """The key of contributors' pseudonyms alone."""
    return _of_versions(workspace, "contributors")


def of_suppression(workspace: Workspace) -> bytes:
    """The key of the suppression list, made when something is first erased. No id or version depends on it."""
    return _key(key_folder(workspace), "suppression")


def key_folder(workspace: Workspace) -> Path:
    """Where this workspace's keys are: $CLEARTITLE_KEYS, or a folder named by the workspace's id."""
    if chosen := os.environ.get("CLEARTITLE_KEYS"):
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(base).expanduser() / "cleartitle" / "keys" / workspace.id


def _of_versions(workspace: Workspace, name: str) -> bytes:
    """A key that every version depends on: the one they were made with, or none."""
    used = {found for manifest in manifests.versions(workspace) if (found := manifest.keys.get(name))}
    key = _key(key_folder(workspace), name, make=not used)
    if used and fingerprint(key) not in used:
        raise _other(name, "is another one than the versions here were made with", key_folder(workspace))
    return key


def _other(name: str, found: str, folder: Path) -> Unavailable:
    return Unavailable(
        f"the key {name!r} {found}",
        cure="Restore the key, or say with CLEARTITLE_KEYS where the keys of this workspace are.",
        place=str(folder),
    )


def _key(folder: Path, name: str, *, make: bool = True) -> bytes:
    variable = "CLEARTITLE_KEY_" + name.upper().replace("-", "_")
    if given := os.environ.get(variable):
        if not _PLAIN.fullmatch(name):  # another name would read the same variable
            raise Unavailable(
                f"the key {name!r} cannot come from the environment: {variable} may be another data set's",
                cure="Use a file, CLEARTITLE_KEY_COMMAND, or a name of small letters, digits and hyphens.",
            )
        return _from_hex(given, f"environment variable {variable}")
    if command := os.environ.get("CLEARTITLE_KEY_COMMAND"):
        # The user's own key store, asked by name; the shell is never involved.
        done = subprocess.run([*shlex.split(command), name], capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise Unavailable(f"the key command ended with status {done.returncode} for key {name!r}")
        return _from_hex(done.stdout.strip(), f"the key command, for key {name!r}")
    path = folder / f"{name}.key"
    if not path.exists():
        if not make:
            raise _other(name, "is not here, and the versions of this workspace were made with it", folder)
        _make(path)
    return _from_hex(path.read_text("ascii").strip(), str(path))


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was quicker: its key is the key
        return
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(LENGTH) + "\n")


def _from_hex(text: str, place: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != LENGTH:
        raise Unavailable(
            f"expected a key of {LENGTH} bytes in hexadecimal",
            cure="Restore the key: ids and pseudonyms made with another key match nothing.",
            place=place,
        )
    return key
