"""Training and mining assertions in a file's C2PA manifests, read with c2pa-python where that is installed.

They become declared fields, which the `c2pa` check reads. Pixels are not decoded and nothing is fetched.
"""

from __future__ import annotations

import io
import json
from typing import Any

from licenses.optouts.c2pa import LABELS, UNREAD

_MARK, _ASSERTION = b"jumb", b"training-mining"
_OFFLINE = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}}


def read(data: bytes, media_type: str) -> tuple[tuple[str, str], ...]:
    """(label, JSON) of each such assertion, of the file and of all that went into it: a reservation stays.

    One that is there but cannot be read is told as unread: that is unknown, not permission.
    """
    if _MARK not in data:
        return ()
    try:
        from c2pa import C2paError, Context, Reader, Settings
    except ImportError:
        return ((LABELS[0], UNREAD),) if _ASSERTION in data else ()
    try:
        with Reader(media_type, io.BytesIO(data), context=Context(Settings.from_dict(_OFFLINE))) as reader:
            store = json.loads(reader.json())
    except C2paError.ManifestNotFound:
        return ()
    except (C2paError, ValueError):
        return ((LABELS[0], UNREAD),) if _ASSERTION in data else ()
    trusted = store.get("validation_state") != "Invalid"
    return tuple(
        (str(assertion["label"]), json.dumps(_kept(assertion.get("data"), trusted)))
        for manifest in store.get("manifests", {}).values()
        for assertion in manifest.get("assertions", ())
        if str(assertion.get("label", "")).lower().startswith(LABELS)
    )


def _kept(assertion: Any, trusted: bool) -> Any:
    """Of a manifest that does not validate only what it reserves: anybody could have added a permission."""
    entries = assertion.get("entries") if isinstance(assertion, dict) else None
    if trusted or not isinstance(entries, dict):
        return assertion
    return {"entries": {k: v for k, v in entries.items() if not (isinstance(v, dict) and v.get("use") == "allowed")}}
