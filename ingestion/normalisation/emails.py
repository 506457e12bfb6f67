"""E-mail addresses of persons: lower case; addresses of roles and made-up ones are none."""

from __future__ import annotations

import unicodedata

from ingestion.normalisation.wordlists import (
    DUMMY_ADDRESSES,
    DUMMY_DOMAINS,
    RESERVED_TLDS,
    ROLE_ADDRESSES,
)

MAX_LENGTH = 254


def normalised_email(value: str | None) -> str | None:
    """The address in lower case, or None: unreadable, a role, made up.

    Dots and tags are left alone: only the provider knows whether they matter. Japanese carriers
    gave out addresses with dots that the standard forbids, so a local part may hold any.
    """
    if not value:
        return None
    text = value if value.isascii() else unicodedata.normalize("NFKC", value)
    address = text.strip().lower()
    local, at, domain = address.partition("@")
    if not at or not _is_readable(address, local, domain) or _is_made_up(local, domain):
        return None
    return address


def _is_readable(address: str, local: str, domain: str) -> bool:
    if not local or len(address) > MAX_LENGTH or not address.isascii():
        return False
    if not address.isprintable() or " " in address or not local.strip("."):
        return False
    labels = domain.split(".")
    is_host = len(labels) > 1 and all(labels) and domain.replace("-", "").replace(".", "").isalnum()
    return is_host and len(labels[-1]) > 1 and not labels[-1].isdigit()


def _is_made_up(local: str, domain: str) -> bool:
    name = local.partition("+")[0]
    if name in ROLE_ADDRESSES or name in DUMMY_ADDRESSES or domain in DUMMY_DOMAINS:
        return True
    if not name.strip(name[:1]):
        return True
    labels = domain.split(".")
    return labels[-1] in RESERVED_TLDS or "example" in (labels[0], labels[-2])
