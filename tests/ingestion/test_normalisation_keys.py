"""Identity keys of rows: where they stand, what they are made of, and that nothing leaks."""

from __future__ import annotations

import hashlib
import hmac
import random
from typing import Any

import pyarrow
import pytest

from ingestion import batches
from ingestion.contract import FEEDS, Table, all_tables, find_table
from ingestion.normalisation import keys as keys_module
from ingestion.normalisation.keys import IdentityKeys, identity_keys
from ingestion.personal import identity_hash, keyed_hash
from tests.ingestion.conftest import KEY, Shop

MEMBERS = find_table("raw_pos.members")
MEMBER_HEADER = (
    "member_id,family_name,given_name,family_kana,given_kana,email,phone,line_user_id,"
    "prefecture,city,address,updated_at\n"
)
HANAKO = (
    "M1,髙橋,花子,ﾀｶﾊｼ,ﾊﾅｺ,Hanako@Takahashi.jp,090-9876-1234,U4af4980629,"
    "東京都,港区,芝1丁目2番3号 メゾン405,2026-07-01\n"
)


def independent(kind: str, text: str) -> int:
    digest = hmac.new(KEY, f"{kind}\0{text}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest[:8], "big")
    return number - 2**64 if number >= 2**63 else number


def made(table: Table, rows: list[dict[str, str]]) -> list[dict[str, Any]]:
    columns = {
        name: pyarrow.array([row.get(name) for row in rows], pyarrow.string())
        for name in table.key_sources
    }
    columns["_row"] = pyarrow.array(range(len(rows)), pyarrow.int64())
    return identity_keys(table, pyarrow.table(columns), KEY).to_pylist()


def test_a_key_is_eight_signed_bytes_of_an_hmac() -> None:
    hashed = identity_hash(KEY, "email")
    found = {hashed(f"{n}@yamada.jp") for n in range(100)}
    assert found == {independent("email", f"{n}@yamada.jp") for n in range(100)}
    assert min(found) < 0 < max(found)
    assert all(-(2**63) <= key < 2**63 for key in found)
    assert identity_hash(KEY, "phone")("1") != identity_hash(KEY, "line")("1")
    assert identity_hash(b"other", "phone")("1") != identity_hash(KEY, "phone")("1")


def test_which_tables_have_which_keys() -> None:
    name_keys = {
        "full_name_key", "family_name_key", "given_name_key", "full_kana_key", "given_kana_key",
        "full_romaji_key", "given_romaji_key",
    }  # fmt: skip
    contacts = {"email_key", "phone_key", "line_key"}
    assert {t.qualified_name: set(t.identity_keys) for t in all_tables() if t.key_groups} == {
        "raw_pos.members": name_keys | contacts | {"address_key"},
        "raw_email.subscribers": name_keys | {"email_key"},
        "raw_support.requesters": name_keys | contacts,
        "raw_support.chat_links": {"line_key"},
    }


def test_raw_members_have_their_keys_and_no_plain_value(shop: Shop) -> None:
    shop.put("members.csv", MEMBER_HEADER + HANAKO)
    shop.load()
    names = list(MEMBERS.identity_keys)
    row = shop.rows(f"select {', '.join(names)} from raw_pos.members")[0]
    assert dict(zip(names, row, strict=True)) == {
        "email_key": independent("email", "hanako@takahashi.jp"),
        "phone_key": independent("phone", "+819098761234"),
        "line_key": independent("line", "u4af4980629"),
        "full_name_key": independent("full_name", "高橋花子"),
        "family_name_key": independent("family_name", "高橋"),
        "given_name_key": independent("given_name", "花子"),
        "full_kana_key": independent("full_kana", "タカハシハナコ"),
        "given_kana_key": independent("given_kana", "ハナコ"),
        "full_romaji_key": independent("full_romaji", "hanako takahasi"),
        "given_romaji_key": independent("given_romaji", "hanako"),
        "address_key": independent("address", "東京都港区芝 1-2-3"),
    }


def test_one_person_has_equal_keys_in_every_table(shop: Shop) -> None:
    shop.put("members.csv", MEMBER_HEADER + HANAKO)
    shop.put(
        "subscribers.csv",
        "subscriber_id,status,email,name,updated_at\n"
        "E1,subscribed,HANAKO@takahashi.jp,Hanako Takahasi,2026-07-01\n",
        "email",
    )
    shop.put(
        "requesters.csv",
        "requester_id,name,name_kana,phone,line_user_id\n"
        "Q1,高橋　花子,たかはし はなこ,+81 90 9876 1234,u4AF4980629\n",
        "support",
    )
    shop.put(
        "chat_links.csv",
        "link_id,line_user_id,action,occurred_at\nL1,U4af4980629,follow,2026-07-01\n",
        "support",
    )
    for feed in FEEDS:
        shop.load(feed)
    requester = "from raw_pos.members m, raw_support.requesters r where true"
    for name in ("phone", "line", "full_name", "given_name", "full_kana", "full_romaji"):
        assert shop.rows(f"select m.{name}_key = r.{name}_key {requester}") == [(True,)], name
    assert shop.rows(
        "select m.email_key = s.email_key, m.full_romaji_key = s.full_romaji_key, "
        "s.given_romaji_key, s.full_name_key, m.line_key = l.line_key "
        "from raw_pos.members m, raw_email.subscribers s, raw_support.chat_links l"
    ) == [(True, True, None, None, True)]


def test_what_tells_nobody_apart_has_no_key(shop: Shop) -> None:
    shop.put(
        "members.csv",
        MEMBER_HEADER
        + "M1,,,,,,,,,,,2026-07-01\n"
        + "M2,テスト,テスト,,,info@shop.co.jp,000-0000-0000,なし,東京都,港区,芝,2026-07-01\n",
    )
    shop.load()
    columns = ", ".join(MEMBERS.identity_keys)
    assert (
        shop.rows(f"select {columns} from raw_pos.members")
        == [(None,) * len(MEMBERS.identity_keys)] * 2
    )


def test_a_feed_cannot_send_a_key(shop: Shop) -> None:
    header = MEMBER_HEADER.replace("\n", ",email_key\n")
    shop.put("members.csv", header + HANAKO.replace("\n", ",42\n"))
    assert shop.load().tables["members"].unknown_columns == ["email_key"]
    assert shop.rows("select email_key from raw_pos.members") == [
        (independent("email", "hanako@takahashi.jp"),)
    ]


def test_known_rows_are_not_normalised_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    everyone = [HANAKO.replace("M1", f"M{n}").replace("花子", f"花{n}") for n in range(30)]
    shop.put("members_20260701.csv", MEMBER_HEADER + "".join(everyone))
    shop.load()
    counted: list[int] = []

    class Counting(IdentityKeys):
        def of(self, rows: pyarrow.Table) -> pyarrow.Table:
            counted.append(len(rows))
            return super().of(rows)

    monkeypatch.setattr(keys_module, "IdentityKeys", Counting)
    moved = everyone[7].replace("芝1丁目", "芝5丁目").replace("2026-07-01", "2026-07-02")
    changed = "".join([*everyone[:7], moved, *everyone[8:]])
    shop.put("members_20260702.csv", MEMBER_HEADER + changed)
    assert shop.counts("members") == (30, 29, 0, 1)
    assert counted == [1]
    assert shop.rows(
        "select count(distinct address_key), count(distinct email_key) from raw_pos.members "
        "where member_id = 'M7'"
    ) == [(2, 1)]


def test_rows_and_keys_stay_together_across_batches(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "ROWS_AT_ONCE", 7)
    rows = [{"email": f"taro{n % 11}@yamada.jp"} if n % 5 else {} for n in range(40)]
    people = [f"M{n:02},a,{row.get('email', '')},2026-07-01\n" for n, row in enumerate(rows)]
    shop.put("members.csv", "member_id,name,email,updated_at\n" + "".join(people))
    assert shop.counts("members") == (40, 0, 0, 40)
    found = shop.rows("select email_key, email_hash from raw_pos.members order by member_id")
    assert found == [
        (independent("email", row["email"]), keyed_hash(KEY, "email", row["email"]))
        if row
        else (None, None)
        for row in rows
    ]


def test_no_text_whatever_stops_a_load() -> None:
    """Random texts of every alphabet that feeds have shown, digits, marks and broken halves."""
    draws = random.Random(7)
    alphabet = (
        "abzAZ019０９@.+-−ー〜()（）、,/'’ \t\u3000\x00山髙々〆ヶの之丁目番地号室千百十一九〇"
        "さゃッァヴヽｶﾞﾟー・゛\u3099\u0304ōéß김Жع٣²①㈱\U000e0101\ufe00\u200d🙂〒条線様"
    )
    texts = ["".join(draws.choices(alphabet, k=draws.randint(0, 14))) for _ in range(6000)]
    columns = MEMBERS.key_sources
    rows = [dict(zip(columns, draws.sample(texts, len(columns)), strict=True)) for _ in range(3000)]
    found = made(MEMBERS, rows)
    assert len(found) == len(rows)
    assert any(row["full_name_key"] for row in found)


def test_a_fault_is_told_without_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(value: str) -> tuple[str]:
        raise ValueError(f"cannot read {value}")

    monkeypatch.setitem(keys_module._NORMALISERS, "email", lambda: fail)
    with pytest.raises(RuntimeError) as raised:
        made(MEMBERS, [{"email": "taro@yamada.jp"}])
    assert "the email keys cannot be made (ValueError)" in str(raised.value)
    assert "yamada" not in str(raised.value)
    assert raised.value.__cause__ is None and raised.value.__suppress_context__
