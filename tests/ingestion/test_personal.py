"""Keyed hashes: equal where people are, different where they are not, never a plain value."""

from __future__ import annotations

import hashlib
import hmac
import stat
from pathlib import Path

import pytest

from ingestion import ledger, personal
from ingestion.engine import connect
from ingestion.errors import ConfigurationError
from tests.ingestion.conftest import KEY


def independent(kind: str, value: str) -> str:
    return hmac.new(KEY, kind.encode() + b"\0" + value.encode(), hashlib.sha256).hexdigest()[:32]


def test_a_key_that_was_being_made_when_the_run_died_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(personal.os, "fsync", die)
        personal.load_key(tmp_path, "main")
    assert not (tmp_path / "secret.key").exists()
    key = personal.load_key(tmp_path, "main")
    assert len(key) == 64
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_hash_is_an_hmac_of_kind_and_value() -> None:
    found = personal.keyed_hash(KEY, "email", "Taro@Example.JP ")
    assert found == independent("email", "taro@example.jp")
    assert personal.keyed_hash(b"other", "email", "taro@example.jp") != found


@pytest.mark.parametrize("length", [0, 20, 64, 65, 200])
def test_many_values_are_hashed_as_one_is_whatever_the_keys_length(length: int) -> None:
    """RFC 2104 pads a key to 64 bytes, and hashes a longer one first."""
    key = bytes(range(length))
    hashed = personal.keyed_hasher(key, "email")
    whole = personal.identity_hash(key, "email")
    for value in ("taro@yamada.jp", "山田@例え.jp", "x" * 300):
        digest = hmac.digest(key, b"email\0" + value.encode(), "sha256")
        assert hashed(value) == personal.keyed_hash(key, "email", value) == digest[:16].hex()
        assert whole(value) == int.from_bytes(digest[:8], "big", signed=True)
    assert personal.keyed_hasher(key, "phone")("なし") is None


def test_kinds_are_apart_and_the_referring_member_is_a_member() -> None:
    assert personal.keyed_hash(KEY, "member_id", "100") != personal.keyed_hash(
        KEY, "subscriber_id", "100"
    )
    assert personal.keyed_hash(KEY, "referred_by_member_id", "100") == independent(
        "member_id", "100"
    )


@pytest.mark.parametrize(
    ("column", "one", "other"),
    [
        ("phone", "090-1234-5678", "+81 90 1234 5678"),
        ("phone", "０９０－１２３４－５６７８", "09012345678"),
        ("phone", "+81(0)90-1234-5678", "09012345678"),
        ("phone", "(+81) 90 1234 5678", "09012345678"),
        ("name_kana", "ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダ タロウ"),
        ("name", "ＹＡＭＡＤＡ", "yamada"),
    ],
)
def test_spellings_of_one_thing_are_equal(column: str, one: str, other: str) -> None:
    assert personal.normalise(column, one) == personal.normalise(column, other)


def test_a_key_is_made_once_and_only_the_owner_reads_it(tmp_path: Path) -> None:
    key = personal.load_key(tmp_path / "home", "main")
    file = tmp_path / "home" / "secret.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(key) == 64
    assert personal.load_key(tmp_path / "home", "main") == key
    file.write_text("\n")
    with pytest.raises(ConfigurationError, match="is empty"):
        personal.load_key(tmp_path / "home", "main")


def test_key_from_the_environment_and_of_the_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKUI_HASH_KEY", "from the vault")
    assert personal.load_key(tmp_path, "main") == b"from the vault"
    assert personal.load_key(tmp_path, "demo") == personal.DEMO_KEY
    assert not (tmp_path / "secret.key").exists()


def test_a_warehouse_refuses_another_key_and_another_profile(tmp_path: Path) -> None:
    with connect(tmp_path / "warehouse.duckdb") as connection:
        ledger.prepare(connection, "main", personal.fingerprint(KEY))
        ledger.prepare(connection, "main", personal.fingerprint(KEY))
        with pytest.raises(ConfigurationError, match="key is not the one"):
            ledger.prepare(connection, "main", personal.fingerprint(b"another"))
        with pytest.raises(ConfigurationError, match="Set TOKUI_HOME to a folder of its own"):
            ledger.prepare(connection, "demo", personal.fingerprint(KEY))


@pytest.mark.parametrize(
    ("difference", "words"),
    [(-1, "made by an older Tokui.*Run `tokui upgrade`"), (1, "made by a newer.*Update Tokui")],
)
def test_a_warehouse_of_another_schema_version_is_refused(
    tmp_path: Path, difference: int, words: str
) -> None:
    with connect(tmp_path / "warehouse.duckdb") as connection:
        ledger.prepare(connection, "main", personal.fingerprint(KEY))
        connection.execute(
            f"update ledger.identity set schema_version = schema_version + {difference}"
        )
        with pytest.raises(ConfigurationError, match=words):
            ledger.prepare(connection, "main", personal.fingerprint(KEY))


def test_the_fingerprint_is_not_the_key() -> None:
    assert len(personal.fingerprint(KEY)) == 16
    assert personal.fingerprint(KEY) != personal.fingerprint(KEY + b"x")
