"""Keyed hashes of personal values (HMAC-SHA256), so that raw holds none of them in the clear.

`keyed_hash` tells whether a value changed, `identity_hash` whether two records may be one person.

The key is `TOKUI_HASH_KEY`, else `$TOKUI_HOME/secret.key`, made at the first run with mode 0600.
Its fingerprint stands in the warehouse: with another key, equal people would look different, so a
wrong key refuses to start.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import unicodedata
from collections.abc import Callable
from pathlib import Path

from ingestion.errors import ConfigurationError

DEMO_KEY = b"tokui demo: this key is public"
_BLOCK = 64
"""Bytes that SHA-256 takes at a time."""


def load_key(home: Path, profile: str) -> bytes:
    """The secret key of a warehouse, made and stored when there is none.

    The demo's people are invented and its key is public, so that its digests are the same
    everywhere.

    Raises:
        ConfigurationError: the stored key is empty.
    """
    if profile == "demo":
        return DEMO_KEY
    from_environment = os.environ.get("TOKUI_HASH_KEY")
    if from_environment:
        return from_environment.encode()
    path = home / "secret.key"
    if not path.exists():
        _make_key(path)
    key = path.read_text().strip().encode()
    if not key:
        raise ConfigurationError(
            f"{path} is empty. Restore it from a backup: without it known people are not found."
        )
    return key


def _make_key(path: Path) -> None:
    """A new key, whole and on the disk before anything is hashed with it.

    One that was half written when the run was killed, or that a power cut took back, would be lost
    for good with everything that it hashed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def fingerprint(key: bytes) -> str:
    """A short value that tells two keys apart and reveals neither."""
    return hmac.digest(key, b"tokui key fingerprint", "sha256").hex()[:16]


def normalise(column: str, value: str) -> str:
    """The form of a value that `keyed_hash` takes: whatever differs in it is a changed value.

    NFKC folds full-width letters and half-width kana; case and outer space never matter; of a
    phone number only the digits count, a leading +81 being Japan's 0. Identity keys fold far more
    (`ingestion.normalisation`).
    """
    folded = unicodedata.normalize("NFKC", value).strip().casefold()
    if column != "phone":
        return folded
    digits = "".join(filter(str.isdigit, folded))
    if folded.lstrip("( ").startswith("+81"):
        return "0" + digits[2:].removeprefix("0")
    return digits


def keyed_hash(key: bytes, column: str, value: str) -> str:
    """The first 128 bits, in 32 hexadecimal digits, of HMAC-SHA256 over the normalised value.

    The kind of the value is part of the message, so that member 100 and subscriber 100 differ
    while a member's own id and the id of the member who referred another agree.
    """
    kind = _kind_of(column)
    return _digest(key, kind)(normalise(kind, value))[:16].hex()


def keyed_hasher(key: bytes, column: str) -> Callable[[str], str | None]:
    """`keyed_hash` for many values of a column; None where nothing is left of a value.

    A phone number without a digit ("none") is no value: its hash would make people equal.
    """
    kind = _kind_of(column)
    digest = _digest(key, kind)

    def hashed(value: str) -> str | None:
        normal = normalise(kind, value)
        return digest(normal)[:16].hex() if normal else None

    return hashed


def _kind_of(column: str) -> str:
    return column.removeprefix("referred_by_")


def identity_hash(key: bytes, kind: str) -> Callable[[str], int]:
    """The function from a normalised value of a kind to its identity key.

    An identity key is the first 8 bytes, as a signed number, of HMAC-SHA256 over the kind, a zero
    byte and the value. 64 bits are enough: of a million values two are equal by chance once in 37
    million warehouses.
    """
    digest = _digest(key, kind)
    return lambda value: int.from_bytes(digest(value)[:8], "big", signed=True)


def _digest(key: bytes, kind: str) -> Callable[[str], bytes]:
    """HMAC-SHA256 (RFC 2104) over a kind, a zero byte and a text.

    What comes before the text is hashed once. The standard library's own does that again for each
    value, and takes three times as long.
    """
    block = (key if len(key) <= _BLOCK else hashlib.sha256(key).digest()).ljust(_BLOCK, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block) + f"{kind}\0".encode())
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def digest(text: str) -> bytes:
        first, second = inner.copy(), outer.copy()
        first.update(text.encode())
        second.update(first.digest())
        return second.digest()

    return digest
