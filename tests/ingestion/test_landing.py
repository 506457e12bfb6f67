"""Typed rows, quarantine, and personal values split off."""

from __future__ import annotations

import json

from ingestion.personal import keyed_hash
from tests.ingestion.conftest import KEY, Bench, Shop

MEMBERS = "member_id,name,email,phone,referred_by_member_id,birth_date,updated_at"
PAID = "receipt_id,payment_no,method,amount\n"


def test_raw_has_hashes_and_pii_has_the_plain_values(shop: Shop) -> None:
    shop.put(
        "members.csv",
        f"{MEMBERS},備考\nM1,山田 太郎,Taro@Example.jp,090-1,M0,1990-01-02,2026-07-01,要注意\n",
    )
    shop.load()
    row = shop.rows(
        "select name_hash, email_hash, phone_hash, member_id_hash, referred_by_member_id_hash, "
        "_extra, birth_date::varchar, _file, _line from raw_pos.members"
    )[0]
    assert row[:5] == tuple(
        keyed_hash(KEY, kind, value)
        for kind, value in [
            ("name", "山田 太郎"),
            ("email", "taro@example.jp"),
            ("phone", "0901"),
            ("member_id", "M1"),
            ("member_id", "M0"),
        ]
    )
    hidden = json.loads(row[5])
    assert list(hidden) == ["hidden_hash"] and len(hidden["hidden_hash"]) == 32
    assert row[6:] == ("1990-01-02", "members.csv", 2)
    everything = str(shop.rows("from raw_pos.members"))
    assert not any(plain in everything for plain in ("山田", "xample", "090-1", "要注意"))
    plain = shop.rows("select member_id, name, email, phone, _extra, _line from pii.pos_members")
    assert plain == [("M1", "山田 太郎", "Taro@Example.jp", "090-1", '{"備考":"要注意"}', 2)]


def test_a_phone_without_digits_makes_nobody_equal(bench: Bench) -> None:
    content = f"{MEMBERS}\nM1,a,,なし,,,2026-07-01\nM2,b,,-,,,2026-07-01\nM3,c,,１,,,2026-07-01\n"
    landed = bench.land("raw_pos.members", {"members.csv": content})
    assert landed.column("phone_hash") == [None, None, keyed_hash(KEY, "phone", "1")]
    assert landed.column("plain_phone") == ["なし", "-", "１"]


def test_extra_of_a_table_without_personal_values_stays_readable(bench: Bench) -> None:
    landed = bench.land("raw_pos.payments", {"payments.csv": PAID[:-1] + ",memo\nR1,1,cash,1,x\n"})
    assert landed.column("_extra") == ['{"memo":"x"}']


def test_extra_is_the_same_however_the_file_was_read(bench: Bench) -> None:
    """An empty value is none in both readers; else a careful read would make new versions."""
    plain = PAID[:-1] + ',memo,note\nR1,1,cash,1,,n\nR2,1,cash,1,"",n\n'
    fast = bench.land("raw_pos.payments", {"payments.csv": plain}).column("_extra")
    careful = bench.land("raw_pos.payments", {"payments.csv": plain + "\n"}).column("_extra")
    assert fast == careful == ['{"note":"n"}'] * 2


def test_a_key_twice_in_one_file_is_set_aside_once(bench: Bench) -> None:
    content = PAID + "R1,1,cash,1\nR1,2,cash,2\nR1,1,card,3\nR1,1,cash,1\n"
    landed = bench.land("raw_pos.payments", {"payments.csv": content})
    assert landed.column("_line") == [2, 3]
    assert [(line, reason) for _, line, reason in landed.aside] == [
        (4, "the key stands twice in this file"),
        (5, "the key stands twice in this file"),
    ]
    assert json.loads(landed.payloads[0])["method"] == "card"


def test_two_versions_of_a_key_in_one_file_are_no_duplicates(bench: Bench) -> None:
    content = f"{MEMBERS}\nM1,a,,,,,2026-07-01\nM1,b,,,,,2026-07-02\nM1,c,,,,,2026-07-02\n"
    landed = bench.land("raw_pos.members", {"members.csv": content})
    assert (landed.column("_line"), [line for _, line, _ in landed.aside]) == ([2, 3], [4])


def test_a_key_that_may_be_partly_empty(bench: Bench) -> None:
    content = "campaign_id,subscriber_id,member_id\nC1,E1,\nC1,,M1\nC1,,\nC1,E1,\n"
    landed = bench.land("raw_email.contacts", {"contacts.csv": content})
    assert landed.column("_line") == [2, 3]
    assert [line for _, line, _ in landed.aside] == [4, 5]
    assert "one of them must be given" in landed.aside[0][2]


def test_a_retyped_column_names_column_lines_and_remedy(shop: Shop) -> None:
    shop.toml = '[feeds.pos]\npath = "pos"\nsettle_seconds = 0\non_failure = "hold"\n'
    rows = "".join(f"R{n},1,cash,secret{n}\n" for n in range(50))
    shop.put("payments.csv", PAID + "R,1,cash,1\n" + rows)
    (held,) = shop.load().held
    assert held.message == (
        "payments.csv, column amount, lines 3, 4, 5: 50 of 51 rows cannot be taken, more than "
        "1.0%; most often: not an amount with at most 2 decimals and 16 digits before them. Mend "
        "the export (a retyped or shifted column?), or raise max_quarantined_share if they are "
        "to be set aside."
    )


def test_a_few_bad_rows_are_set_aside_and_the_share_is_a_setting(shop: Shop) -> None:
    shop.put("payments.csv", PAID + "R1,1,cash,1\nR2,1,cash,x\nR3,1,cash\n")
    assert shop.counts("payments") == (3, 0, 2, 1)
    shop.toml = '[feeds.pos]\npath = "pos"\nsettle_seconds = 0\nmax_quarantined_share = 0.9\n'
    bad = "".join(f"Q{n},1,cash,x\n" for n in range(8))
    shop.put("payments_2.csv", PAID + "R9,1,cash,1\n" + bad)
    assert shop.counts("payments") == (9, 0, 8, 1)


def test_the_message_of_broken_rows_has_their_lines(shop: Shop) -> None:
    shop.toml = '[feeds.pos]\npath = "pos"\nsettle_seconds = 0\non_failure = "hold"\n'
    shop.put("payments.csv", PAID + "R1,1,cash,1\n" + "secret,1\n" * 5)
    (held,) = shop.load().held
    assert held.message.startswith("payments.csv, lines 3, 4, 5: 5 of 6 rows cannot be taken")
    assert "secret" not in held.message


def test_a_quote_in_a_file_name_or_column_does_no_harm(shop: Shop) -> None:
    shop.put("o'neil/payments.csv", PAID[:-1] + ",it's\nR1,1,cash,1,x\n")
    assert shop.counts("payments") == (1, 0, 0, 1)
    assert shop.rows("select _file, _extra from raw_pos.payments") == [
        ("o'neil/payments.csv", '{"it\'s":"x"}')
    ]
    shop.put("o'neil/payments_2.csv", PAID + "R1,1,cash,2\n")
    assert shop.counts("payments") == (1, 0, 0, 1)
