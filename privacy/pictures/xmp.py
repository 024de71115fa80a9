"""XMP packets: read the few properties that matter, write a fresh packet from nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape, quoteattr

from privacy.masking import mask
from privacy.pictures.fields import ADDRESSES, FOLDED, KEPT, PREFIXES, RDF, Kept, base, fits, is_caption, is_returned

MAX_PACKET = 2**20
MAX_VALUE = 4_000
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DEPTH = 20  # of structures in structures; real packets have four or five
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(slots=True)
class Packet:
    """What a packet says: fields that may be returned, and a count of the rest by name."""

    fields: list[tuple[str, str]] = field(default_factory=list, repr=False)
    personal: Counter[str] = field(default_factory=Counter)


def read(data: bytes) -> Packet:
    """Read a packet; one that is broken, huge or declares entities counts as "XMP:unreadable"."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    packet = Packet()
    try:
        root = fromstring(first_packet(data) or data[:MAX_PACKET].strip(b"\0 \r\n\t"), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        packet.personal["XMP:unreadable"] += 1
        return packet
    for description in root.iter(f"{{{RDF}}}RDF"):
        for node in description:
            _properties(node, packet)
    return packet


def first_packet(data: bytes) -> bytes:
    """The first packet in these bytes, to its first end: some writers leave the tail of a longer one behind it."""
    for name in (b"xmpmeta", b"xapmeta"):
        start = data.find(b"<x:" + name)
        end = data.find(b"</x:" + name + b">", start, start + MAX_PACKET) if start >= 0 else -1
        if end >= 0:
            return data[start : end + len(name) + 5]
    return b""


def _properties(node: Element, packet: Packet) -> None:
    for tag, value in node.attrib.items():
        _take(_name(tag), value, packet)
    for child in node:
        name = _name(child.tag)
        if name.startswith("XMP-xmpMM:"):  # ingredients carry the rights of other pictures
            packet.personal[name] += 1
            continue
        leaves = list(_leaves(child, name))
        for leaf, value in leaves:
            _take(leaf, value, packet)
        if not leaves and name:
            packet.personal[name] += 1


def _leaves(node: Element, name: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Each value below a property, under the name of the innermost one."""
    for tag, value in node.attrib.items():
        if tag == f"{{{RDF}}}resource":
            yield name, value
        elif not tag.startswith(f"{{{RDF}}}") and tag != _XML_LANG:
            yield _name(tag) or name, value
    language = node.get(_XML_LANG, "x-default")
    if len(node) == 0 and (node.text or "").strip():
        suffix = f"-{language}" if language != "x-default" and _LANGUAGE.fullmatch(language) else ""
        yield name + suffix, node.text or ""
    for child in node if depth < _DEPTH else ():
        yield from _leaves(child, _name(child.tag) or name, depth + 1)


def _name(tag: object) -> str:
    """The public name of a qualified XML name; empty for RDF's own."""
    address, _, local = str(tag).removeprefix("{").rpartition("}")
    if address == RDF or not address or address.startswith("http://www.w3.org/XML/"):
        return ""
    if address == "adobe:ns:meta/":
        return ""
    prefix = PREFIXES.get(address)
    if prefix is None:
        return "XMP-other"  # a foreign name could itself be personal
    return f"XMP-{prefix}:{local.capitalize() if prefix == 'dc' else local}"


def _take(name: str, value: str, packet: Packet) -> None:
    value = " ".join(value.split())
    if not name or not value:
        return
    if is_returned(name) and fits(name, value):
        packet.fields.append((name, value[:MAX_VALUE]))
        if is_caption(name):
            packet.personal[base(name)] += 1
    elif not name.startswith(("XMP-tiff:", "XMP-crs:")):
        packet.personal[base(name)] += 1


def fold(fields: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The licence and credit fields as properties of one XMP packet, each said once."""
    folded: list[tuple[str, str]] = []
    for name, value in fields:
        name, value = FOLDED.get(base(name), name), mask(" ".join(_NOT_XML.sub("", value).split()))
        if base(name) not in KEPT or not value or (name, value) in folded:
            continue
        kept = KEPT[base(name)]
        one = kept.form in ("text", "alt") and not kept.parent
        place = next((i for i, (other, _) in enumerate(folded) if other == name), None) if one else None
        if place is None:
            folded.append((name, value))
        elif value not in folded[place][1]:  # two notices that differ: neither is lost
            folded[place] = (name, f"{folded[place][1]} | {value}"[:MAX_VALUE].rstrip())
    return tuple(folded)


def write(fields: Sequence[tuple[str, str]]) -> bytes:
    """A fresh packet with these properties; nothing where there are none."""
    if not fields:
        return b""
    used = {KEPT[base(name)].prefix for name, _ in fields}
    spaces = "".join(f' xmlns:{prefix}="{ADDRESSES[prefix]}"' for prefix in sorted(used))
    body = "".join((*_simple(fields), *_structures(fields)))
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}">'
        f'<rdf:Description rdf:about=""{spaces}>{body}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    ).encode()


def _simple(fields: Sequence[tuple[str, str]]) -> Iterator[str]:
    for kept in KEPT.values():
        values = [(name, value) for name, value in fields if base(name) == kept.name]
        if not values or kept.parent:
            continue
        tag = f"{kept.prefix}:{kept.local}"
        if kept.form == "url":
            links = [f"rdf:resource={quoteattr(value)}" for _, value in values]
            items = "".join(f"<rdf:li {link}/>" for link in links)
            yield f"<{tag} {links[0]}/>" if len(links) == 1 else f"<{tag}><rdf:Bag>{items}</rdf:Bag></{tag}>"
        elif kept.form == "text":
            yield from (f"<{tag}>{escape(value)}</{tag}>" for _, value in values)
        else:
            items = "".join(f"<rdf:li{_language(kept, name)}>{escape(value)}</rdf:li>" for name, value in values)
            box = kept.form.capitalize()
            yield f"<{tag}><rdf:{box}>{items}</rdf:{box}></{tag}>"


def _language(kept: Kept, name: str) -> str:
    if kept.form != "alt":
        return ""
    return f' xml:lang="{name.removeprefix(kept.name).removeprefix("-") or "x-default"}"'


def _structures(fields: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Licensor, owner, creator, supplier: a list of structures, a new one where a part repeats."""
    parents = dict.fromkeys((kept.prefix, kept.parent) for kept in KEPT.values() if kept.parent)
    for prefix, parent in parents:
        entries: list[dict[str, str]] = []
        for name, value in fields:
            kept = KEPT[base(name)]
            if (kept.prefix, kept.parent) != (prefix, parent):
                continue
            if not entries or kept.local in entries[-1]:
                entries.append({})
            entries[-1][kept.local] = value
        inner = ["".join(f"<{prefix}:{k}>{escape(v)}</{prefix}:{k}>" for k, v in entry.items()) for entry in entries]
        if parent == "CreatorContactInfo" and inner:
            yield f'<{prefix}:{parent} rdf:parseType="Resource">{inner[0]}</{prefix}:{parent}>'
        elif inner:
            items = "".join(f'<rdf:li rdf:parseType="Resource">{one}</rdf:li>' for one in inner)
            yield f"<{prefix}:{parent}><rdf:Seq>{items}</rdf:Seq></{prefix}:{parent}>"
