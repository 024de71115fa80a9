"""Addresses of the web as they are compared: the same page may be spelled in several ways."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit, urlunsplit

_PORTS = {"http": ":80", "https": ":443"}


def normal(address: str) -> str:
    """One spelling for all: host in lower case, no usual port, no fragment. Other addresses are as they were.

    >>> normal("HTTPS://Port.example:443#news")
    'https://port.example/'
    """
    parts = _split(address)
    if parts is None:
        return address
    user, sign, host = parts.netloc.rpartition("@")
    host = host.lower().removesuffix(_PORTS[parts.scheme]).removesuffix(":")
    return urlunsplit((parts.scheme, user + sign + host, parts.path or "/", parts.query, ""))


def rough(address: str) -> str:
    """What spellings have in common that are probably of one page: neither scheme, www., query nor last slash.

    >>> rough("http://www.port.example/News/?page=2")
    'port.example/news'
    """
    parts = _split(address)
    return f"{host(address).removeprefix('www.')}{parts.path.rstrip('/')}".lower() if parts else address


def host(address: str) -> str:
    """The host of an address of the web in lower case; empty for others."""
    parts = _split(address)
    return (parts.hostname or "") if parts else ""


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        return parts if parts.scheme in _PORTS and parts.hostname else None
    except ValueError:
        return None
