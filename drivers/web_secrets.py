"""Addresses without what is secret in them. It needs no browser."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from cua.core import SEAL
from cua.secret_words import named_secret


def without_secrets(url: str) -> str:
    """The address without a user and password, and with the values of parameters named like a secret sealed."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    sealed = parts._replace(netloc=host, query=_sealed(parts.query), fragment=_sealed(parts.fragment))
    return urlunsplit(sealed) if sealed != parts else url


def _sealed(query: str) -> str:
    names = [name for name, _ in parse_qsl(query, keep_blank_values=True)] if "=" in query else []
    if not any(named_secret(name) for name in names):
        return query
    pairs = parse_qsl(query, keep_blank_values=True)
    return "&".join(
        f"{quote(name)}={f'{SEAL}secret{SEAL}' if named_secret(name) else quote(value)}" for name, value in pairs
    )
