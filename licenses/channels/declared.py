"""What a source or a picture's metadata declares: a licence field, XMP, IPTC and EXIF rights."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog.checks import Example
from catalog.values import Claim
from licenses import names
from licenses.evidence import claim
from licenses.page import Page
from licenses.urls import read_url

VERSION = 1
REPORTS = {"declared": "The declared licence, and rights fields of picture metadata (not those of a colour profile)."}
EXAMPLES = (
    Example("", ("CC-BY-SA-4.0",), licence="CC BY-SA 4.0"),
    Example("", ("CC-BY-4.0",), fields=(("XMP-xmpRights:UsageTerms", "This work is licensed under CC BY 4.0"),)),
    Example("", ("LicenseRef-all-rights-reserved",), fields=(("IPTC:CopyrightNotice", "(c) A. All rights reserved"),)),
    Example("", fields=(("ICC_Profile:ProfileCopyright", "Public Domain"),)),
    Example("", ("Apache-2.0", "MIT"), licence="MIT OR Apache-2.0"),
    Example("", fields=(("XMP-dc:Rights", "Jane Doe"),)),
)
_FIELD = re.compile(
    r"(?:licen[cs]e|rights|usageterms|webstatement|copyright(?:notice)?|licensor\w*url)"
    r"(?:[-_: ]?(?:url?i?|id|\w{2}(?:-\w{2})?))?$",
    re.I,
)
_PROFILE = re.compile(r"icc|profile", re.I)


def claims(page: Page) -> Iterator[Claim]:
    """Each field that names a licence, as the source wrote it."""
    said = [("licence", page.declared.licence)] if page.declared.licence else []
    said += [(k, v) for k, v in page.declared.fields if _FIELD.search(k) and not _PROFILE.search(k)]
    for name, written in said:
        licences, choice = names.expression(written)
        for licence in licences:
            url = read_url(written)
            yield claim(
                page,
                licence,
                "page",
                "declared",
                quote=f"{name}: {written}",
                written=written,
                url=url.url if url else "",
                where="address" if url else "choice" if choice else "record",
                speaker="source",
            )
