"""Every way in which a file can be written, and every way in which it can be wrong."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from pathlib import Path

import duckdb
import pytest
import zstandard

from ingestion.reading import careful, reader, unpacking
from ingestion.settings import Limits
from tests.ingestion.conftest import Bench

STORES = "raw_pos.stores"
HEADER = "store_id,name,channel,timezone,currency"
ROW = "S1,銀座店,store,Asia/Tokyo,JPY"
TEXT = f"{HEADER}\n{ROW}\n"
PAYMENTS = "raw_pos.payments"
PAID = "receipt_id,payment_no,method,amount\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "utf-8"),
        (TEXT.encode("cp932"), "cp932"),
        (TEXT.encode("cp932"), "Shift_JIS"),
    ],
)
def test_encodings_give_the_same_row(bench: Bench, content: bytes, encoding: str) -> None:
    landed = bench.land(STORES, {"stores.csv": content}, encoding=encoding)
    assert [(row["store_id"], row["name"]) for row in landed.rows] == [("S1", "銀座店")]


def test_letters_that_only_cp932_has_are_kept(bench: Bench) -> None:
    text = TEXT.replace("銀座店", "髙島屋①～ｶﾅ")
    landed = bench.land(STORES, {"stores.csv": text.encode("cp932")}, encoding="cp932")
    assert landed.column("name") == ["髙島屋①～ｶﾅ"]


def test_cp932_read_as_utf8_names_line_and_remedy(bench: Bench) -> None:
    content = (HEADER + "\nS0,Ginza,store,Asia/Tokyo,JPY\n" + ROW + "\n").encode("cp932")
    message = str(bench.refused(STORES, {"stores.csv": content}))
    assert message.startswith("stores.csv, line 3: the bytes are not utf-8")
    assert 'set encoding = "cp932" under [feeds.pos.tables.stores]' in message


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_utf8_under_a_cp932_setting_is_refused(bench: Bench, mark: bytes) -> None:
    """Without the check it would decode to wrong letters."""
    content = mark + f"{HEADER}\nS1,あい,store,Asia/Tokyo,JPY\n".encode()
    message = str(bench.refused(STORES, {"stores.csv": content}, encoding="cp932"))
    assert 'encoding = "utf-8"' in message


def test_half_width_kana_of_cp932_may_look_like_utf8(bench: Bench) -> None:
    content = f"{HEADER}\nS1,ﾃｱﾃｱ,store,Asia/Tokyo,JPY\n".encode("cp932")
    content.decode("utf-8")
    landed = bench.land(STORES, {"stores.csv": content}, encoding="cp932")
    assert landed.column("name") == ["ﾃｱﾃｱ"]


def test_utf16_and_a_cut_letter_have_their_own_hints(bench: Bench) -> None:
    assert "It is UTF-16" in str(bench.refused(STORES, {"stores.csv": TEXT.encode("utf-16")}))
    cut = f"{HEADER}\nS1,銀座".encode()[:-1]
    assert "it was cut off" in str(bench.refused(STORES, {"stores.csv": cut}))


def test_a_letter_that_straddles_two_chunks_is_read(bench: Bench, monkeypatch) -> None:
    monkeypatch.setattr(unpacking, "CHUNK", 16)
    landed = bench.land(STORES, {"stores.csv": TEXT.encode("cp932")}, encoding="cp932")
    assert landed.column("name") == ["銀座店"]


def test_a_bad_byte_far_in_the_file_gives_its_line(bench: Bench, monkeypatch) -> None:
    monkeypatch.setattr(unpacking, "CHUNK", 64)
    lines = [HEADER, *[f"S{n},x,store,Asia/Tokyo,JPY" for n in range(40)]]
    content = "\n".join(lines).encode() + b"\nS99,\x81,store,Asia/Tokyo,JPY\n"
    assert bench.refused(STORES, {"stores.csv": content}).lines == (42,)


def test_another_delimiter_is_told_and_then_read(bench: Bench) -> None:
    content = TEXT.replace(",", ";")
    message = str(bench.refused(STORES, {"stores.csv": content}))
    assert 'Set delimiter = ";" under [feeds.pos.tables.stores]' in message
    assert bench.land(STORES, {"stores.csv": content}, delimiter=";").column("store_id") == ["S1"]


def test_tsv_needs_no_setting_and_mixes_with_csv(bench: Bench) -> None:
    second = TEXT.replace("S1", "S2").replace(",", "\t")
    landed = bench.land(STORES, {"stores_1.csv": TEXT, "stores_2.tsv": second})
    assert landed.column("store_id") == ["S1", "S2"]


def test_a_missing_column_is_named_with_what_is_there(bench: Bench) -> None:
    problem = bench.refused(STORES, {"stores.csv": TEXT.replace("timezone", "zone")})
    assert (problem.column, problem.lines) == ("timezone", (1,))
    assert "it has store_id, name, channel, zone, currency" in str(problem)
    assert "[feeds.pos.tables.stores.columns]" in str(problem)


def test_a_file_without_a_header_does_not_leak_its_first_row(bench: Bench) -> None:
    content = "M1,山田,taro@example.jp\nM2,鈴木,hana@example.jp\n"
    message = str(bench.refused("raw_pos.members", {"members.csv": content}))
    assert "the first line is not a header" in message
    assert "山田" not in message and "example.jp" not in message


def test_a_column_twice_is_refused(bench: Bench) -> None:
    twice = f"{HEADER},name\n{ROW},x\n"
    problem = bench.refused(STORES, {"stores.csv": twice})
    assert problem.column == "name" and "twice" in str(problem)
    mapped = bench.refused(
        STORES, {"stores.csv": f"{HEADER},店名\n{ROW},x\n"}, columns={"店名": "name"}
    )
    assert mapped.column == "name" and "mapping of 店名" in str(mapped)


def test_order_of_columns_is_free_and_unknown_ones_are_kept_apart(bench: Bench) -> None:
    content = (
        "顧客名,currency,store_id,金額,name,channel,店舗,timezone\n"
        "山田,JPY,S1,100,Ginza,store,銀座,Asia/Tokyo\n"
        ",JPY,S2,,Ueno,store,,Asia/Tokyo\n"
    )
    landed = bench.land(STORES, {"stores.csv": content})
    assert json.loads(landed.rows[0]["_extra"]) == {"顧客名": "山田", "金額": "100", "店舗": "銀座"}
    assert landed.rows[1]["_extra"] is None
    assert landed.unknown == ["店舗", "金額", "顧客名"]


def test_japanese_headers_are_mapped(bench: Bench) -> None:
    content = "店舗コード,店舗名,区分,timezone,currency\nS1,銀座店,店舗,Asia/Tokyo,JPY\n"
    landed = bench.land(
        STORES,
        {"stores.csv": content},
        columns={"店舗コード": "store_id", "店舗名": "name", "区分": "channel"},
        values={"channel": {"店舗": "store"}},
    )
    assert (landed.column("channel"), landed.unknown) == (["store"], [])


def test_delimiters_at_the_ends_of_rows_make_no_column(bench: Bench) -> None:
    tidy = bench.land(STORES, {"stores.csv": f"{HEADER},,\n{ROW},,\n"})
    assert (tidy.column("_extra"), len(tidy.rows)) == ([None], 1)
    careful = bench.land(STORES, {"stores.csv": f'{HEADER}\n"S1","a\nb",store,UTC,JPY,\n'})
    fast = bench.land(STORES, {"stores.csv": f"{HEADER}\nS1,ab,store,UTC,JPY,\n"})
    assert len(careful.rows) == len(fast.rows) == 1


def test_lines_are_physical_ones_despite_quoted_breaks_and_blank_lines(bench: Bench) -> None:
    content = (
        f"{HEADER}\n"
        'S1,"two\nlines",store,Asia/Tokyo,JPY\n'
        "\n"
        "S2,x,store,Asia/Tokyo,JPY\n"
        "\r\n"
        'S3,"a\r\nb\r\nc",store,Asia/Tokyo,JPY\n'
        "S4,y,nowhere,Asia/Tokyo,JPY\n"
    )
    landed = bench.land(STORES, {"stores.csv": content})
    assert [(r["store_id"], r["_line"]) for r in landed.rows] == [("S1", 2), ("S2", 5), ("S3", 7)]
    assert landed.rows[0]["name"] == "two\nlines"
    assert [line for _, line, _ in landed.aside] == [10]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_line_ends_of_every_system(bench: Bench, end: str, last: bool) -> None:
    lines = [HEADER, ROW, ROW.replace("S1", "S2")]
    content = end.join(lines) + (end if last else "")
    landed = bench.land(STORES, {"stores.csv": content})
    assert [(r["store_id"], r["_line"]) for r in landed.rows] == [("S1", 2), ("S2", 3)]
    assert landed.column("currency") == ["JPY", "JPY"]


def test_mixed_line_ends_are_read(bench: Bench) -> None:
    content = f"{HEADER}\r\n{ROW}\n{ROW.replace('S1', 'S2')}\r\n{ROW.replace('S1', 'S3')}\n"
    landed = bench.land(STORES, {"stores.csv": content})
    assert landed.column("_line") == [2, 3, 4]
    lines = b'{"campaign_id":"C1","name":"a","channel":"email"}'
    mixed = lines + b"\r\n" + lines.replace(b"C1", b"C2") + b"\n"
    landed = bench.land("raw_email.campaigns", {"campaigns.jsonl": mixed})
    assert [(r["campaign_id"], r["_line"]) for r in landed.rows] == [("C1", 1), ("C2", 2)]


def test_rows_with_too_few_or_many_columns_are_set_aside_with_line(bench: Bench) -> None:
    content = PAID + "R1,1,cash,100\nR2,1,cash\nR3,1,cash,1,000\nR4,1,cash,400\n"
    landed = bench.land(PAYMENTS, {"payments.csv": content})
    assert landed.column("receipt_id") == ["R1", "R4"]
    assert landed.aside == [
        ("payments.csv", 3, "the row has 3 columns and the header 4"),
        ("payments.csv", 4, "the row has 5 columns and the header 4"),
    ]
    assert landed.payloads[1] == "R3\x1f1\x1fcash\x1f1\x1f000"
    assert landed.counts == {"payments.csv": 4}


def test_a_file_of_broken_rows_is_given_up_early(bench: Bench, monkeypatch) -> None:
    monkeypatch.setattr(careful, "BROKEN_TO_REFUSE", 10)
    content = PAID + "R1,1,cash\n" * 5000
    problem = bench.refused(PAYMENTS, {"payments.csv": content})
    assert "10 of the first 10 rows" in str(problem)
    assert problem.lines == (2, 3, 4)


def test_an_unclosed_quote_gives_the_line_where_it_begins(bench: Bench) -> None:
    content = PAID + 'R1,1,cash,100\nR2,1,"cash,200\nR3,1,cash,300\n'
    problem = bench.refused(PAYMENTS, {"payments.csv": content})
    assert problem.lines == (3,) and "quote that is not closed" in str(problem)
    assert "R2" not in str(problem)


def test_a_file_that_was_cut_off_is_refused(bench: Bench) -> None:
    problem = bench.refused(PAYMENTS, {"payments.csv": PAID + "R1,1,cash,100\nR2,1,ca"})
    assert problem.lines == (3,) and "cut off" in str(problem)
    whole = bench.land(PAYMENTS, {"payments.csv": PAID + "R1,1,cash,100\nR2,1,cash,5"})
    assert len(whole.rows) == 2


def test_empty_blank_and_header_only_files(bench: Bench) -> None:
    assert "not even a header" in str(bench.refused(PAYMENTS, {"payments.csv": ""}))
    blank = bench.refused(PAYMENTS, {"payments.csv": "\n" + PAID})
    assert blank.lines == (1,) and "blank" in str(blank)
    packed = gzip.compress(b"")
    assert "not even a header" in str(bench.refused(PAYMENTS, {"payments.csv.gz": packed}))
    landed = bench.land(PAYMENTS, {"payments.csv": PAID, "payments_2.csv": PAID.strip()})
    assert landed.counts == {"payments.csv": 0, "payments_2.csv": 0}
    assert "never empty" in str(bench.refused(STORES, {"stores.csv": HEADER}))


def test_json_lines(bench: Bench) -> None:
    lines = [
        json.dumps({"campaign_id": "C1", "name": "春", "channel": "email", "cost": 1200.5}),
        "",
        '{"campaign_id": "C2", "name": "x"',
        "[1, 2]",
        json.dumps(
            {"campaign_id": 7, "name": "y", "channel": "sms", "cost": None, "tags": [1, {"a": 2}]}
        ),
    ]
    landed = bench.land("raw_email.campaigns", {"campaigns.jsonl": "\n".join(lines) + "\n\n"})
    assert [(r["campaign_id"], r["_line"]) for r in landed.rows] == [("C1", 1), ("7", 5)]
    assert str(landed.rows[0]["cost"]) == "1200.50"
    assert json.loads(landed.rows[1]["_extra"]) == {"tags": [1, {"a": 2}]}
    assert landed.rows[0]["_extra"] is None
    assert landed.unknown == ["tags"]
    assert landed.aside == [
        ("campaigns.jsonl", 3, "the line is no JSON object"),
        ("campaigns.jsonl", 4, "the line is no JSON object"),
    ]


def test_json_lines_with_mapped_keys_and_quotes_in_them(bench: Bench) -> None:
    line = json.dumps({'the "id"': "C1", "n'm": "x", "channel": "EMAIL"})
    landed = bench.land(
        "raw_email.campaigns",
        {"campaigns.ndjson": line},
        columns={'the "id"': "campaign_id", "n'm": "name"},
    )
    assert [(r["campaign_id"], r["name"], r["channel"]) for r in landed.rows] == [
        ("C1", "x", "email")
    ]
    assert landed.rows[0]["_extra"] is None


def test_json_lines_cut_off_and_empty(bench: Bench) -> None:
    line = '{"campaign_id":"C1","name":"a","channel":"email"}\n'
    problem = bench.refused("raw_email.campaigns", {"campaigns.jsonl": line + line[:20]})
    assert problem.lines == (2,) and "cut off" in str(problem)
    assert bench.land("raw_email.campaigns", {"campaigns.jsonl": ""}).rows == []


def test_archives_are_read_whole(bench: Bench) -> None:
    first, second = TEXT.encode(), ROW.replace("S1", "S2").encode() + b"\n"
    packer = zstandard.ZstdCompressor()
    files = {
        "stores_1.csv.gz": gzip.compress(first) + gzip.compress(second),
        "stores_2.csv.zst": packer.compress(first.replace(b"S1", b"S3"))
        + packer.compress(second.replace(b"S2", b"S4")),
    }
    assert bench.land(STORES, files).column("store_id") == ["S1", "S2", "S3", "S4"]


@pytest.mark.parametrize("ending", ["gz", "zst"])
@pytest.mark.parametrize("harm", ["cut", "flip"])
def test_damaged_archives_are_refused(bench: Bench, ending: str, harm: str) -> None:
    """A cut zst archive decompresses without complaint in the library's own reader."""
    rows = "".join(f"R{n},1,cash,{n * 7919 % 10007}\n" for n in range(20000))
    plain = (PAID + rows).encode()
    packed = gzip.compress(plain) if ending == "gz" else zstandard.ZstdCompressor().compress(plain)
    middle = len(packed) // 2
    flipped = packed[:middle] + bytes(255 - b for b in packed[middle : middle + 9])
    bad = packed[:-20] if harm == "cut" else flipped + packed[middle + 9 :]
    message = str(bench.refused(PAYMENTS, {f"payments.csv.{ending}": bad}))
    assert message.startswith(f"payments.csv.{ending}")


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_an_archive_that_grows_without_measure_is_refused(bench: Bench, ending: str) -> None:
    bench.limits = Limits(max_unpacked_mib=1)
    plain = PAID.encode() + b" " * (30 << 20)
    bomb = gzip.compress(plain) if ending == "gz" else zstandard.ZstdCompressor().compress(plain)
    message = str(bench.refused(PAYMENTS, {f"payments.csv.{ending}": bomb}))
    assert message.startswith(f"payments.csv.{ending}: it unpacks to more than")
    assert "raise max_unpacked_mib or max_unpacked_ratio under [limits]" in message
    bench.limits = Limits(max_unpacked_mib=31)
    assert "unpacks" not in str(bench.refused(PAYMENTS, {f"payments.csv.{ending}": bomb}))


def test_files_are_read_in_batches_of_bounded_bytes(bench: Bench, monkeypatch) -> None:
    """However many batches there are: the same rows and lines, and no text is kept."""
    header = "receipt_id,payment_no,method,amount\n"
    files: dict[str, str | bytes | Path] = {
        f"payments_{n}.csv": header + f"R{n},1,cash,{n}\nR{n},2,card,{n}\n" for n in range(5)
    }
    files["payments_2.csv"] = header
    files["payments_3.csv"] = header + '\nR3,1,"cash",1\n'
    at_once = bench.land("raw_pos.payments", files)
    monkeypatch.setattr(reader, "BYTES_AT_ONCE", 100)
    in_batches = bench.land("raw_pos.payments", files)
    assert in_batches.rows == at_once.rows and in_batches.counts == at_once.counts
    assert len(in_batches.parts) > len(at_once.parts)
    left = "select table_name from duckdb_tables() where table_name like 'part%_rows'"
    assert bench.connection.execute(left).fetchall() == []


def test_rows_that_were_taken_before_an_odd_file_showed_are_taken_back(bench: Bench) -> None:
    """Lines are counted on from file to file, so an odd one would shift those after it."""
    files: dict[str, str | bytes | Path] = {
        "payments_1.csv": PAID + "R1,1,cash,1\n",
        "payments_2.csv": PAID + '"R\n2",1,cash,1\nR3,1,cash,1\n',
        "payments_3.csv": PAID + "R4,1,cash,1\nR5,1,cash,1\n",
    }
    landed = bench.land(PAYMENTS, files)
    assert [(row["_file"], row["_line"], row["receipt_id"]) for row in landed.rows] == [
        ("payments_1.csv", 2, "R1"),
        ("payments_2.csv", 2, "R\n2"),
        ("payments_2.csv", 4, "R3"),
        ("payments_3.csv", 2, "R4"),
        ("payments_3.csv", 3, "R5"),
    ]
    assert landed.counts == {"payments_1.csv": 1, "payments_2.csv": 2, "payments_3.csv": 2}


def test_a_file_with_a_nul_byte_is_read_beside_one_with_a_short_row(bench: Bench) -> None:
    landed = bench.land(
        PAYMENTS,
        {
            "payments_1.csv": PAID + "R\x001,1,cash,1\nR2,1,cash,1\n",
            "payments_2.csv": PAID + "R3\n",
        },
    )
    assert landed.counts == {"payments_1.csv": 2, "payments_2.csv": 1}
    assert [row["receipt_id"] for row in landed.rows] == ["R2"]
    assert [(file, line) for file, line, _ in landed.aside] == [
        ("payments_1.csv", 2),
        ("payments_2.csv", 2),
    ]


def test_many_files_of_one_layout_are_one_read(bench: Bench) -> None:
    files = {f"payments_{n}.csv": PAID + f"R{n},1,cash,{n}\nQ{n},1,card,1\n" for n in range(9)}
    landed = bench.land(PAYMENTS, files)
    assert len(landed.parts) == 1
    assert {(r["_file"], r["_line"]) for r in landed.rows} == {
        (f"payments_{n}.csv", line) for n in range(9) for line in (2, 3)
    }
    files["payments_7.csv"] += "\nR,1,cash,1\nshort\n"
    mixed = bench.land(PAYMENTS, files)
    assert len(mixed.rows) == 19
    assert mixed.aside == [("payments_7.csv", 6, "the row has 1 column and the header 4")]


@pytest.mark.parametrize("folder", ["it's", "a*b[1]", "日本 語"])
def test_paths_with_signs_that_mean_something_elsewhere(bench: Bench, folder: str) -> None:
    files = {f"{folder}/stores.csv": TEXT, f"{folder}/stores_2.csv": TEXT.replace("S1", "S2")}
    assert bench.land(STORES, files).column("_file") == list(files)
    table = bench.connection.sql("select 'C1' as campaign_id, 'x' as name, 'sms' as channel")
    path = bench.root / folder / "campaigns.parquet"
    bench.connection.execute(
        "copy (select 'C1' as campaign_id, 'x' as name, 'sms' as channel) to '"
        + str(path).replace("'", "''")
        + "' (format parquet)"
    )
    assert table.fetchall()
    assert len(bench.land("raw_email.campaigns", {f"{folder}/campaigns.parquet": path}).rows) == 1


def test_parquet_rows_have_lines_and_unknown_columns(bench: Bench) -> None:
    path = _parquet(
        bench,
        "select 'R' || i as receipt_id, i::integer as payment_no, 'cash' as method, "
        "i::decimal(9,1) as amount, [i] as parts, 'f' as filename from range(3) t(i)",
    )
    landed = bench.land(PAYMENTS, {"payments.parquet": path})
    assert landed.column("_line") == [1, 2, 3]
    assert json.loads(landed.rows[2]["_extra"]) == {"parts": [2], "filename": "f"}
    assert str(landed.rows[2]["amount"]) == "2.00"


@pytest.mark.parametrize("keep", [0, 10, 200, -1])
def test_truncated_parquet_is_refused(bench: Bench, keep: int) -> None:
    path = _parquet(bench, "select 'R1' as receipt_id")
    path.write_bytes(path.read_bytes()[:keep])
    message = str(bench.refused(PAYMENTS, {"payments.parquet": path}))
    assert "no whole Parquet file" in message and "Copy it again" in message


def test_what_a_csv_writer_writes_is_what_is_landed(bench: Bench) -> None:
    """Random texts with every troublesome sign, through the fast way and the careful one."""
    source = random.Random(7)
    signs = ["a", "b", "é", "店", '"', ",", "'", ";", "\\", "x y", "\t", "|", "\n", "\r\n"]
    for trial in range(12):
        end = source.choice(["\n", "\r\n"])
        usable = signs if trial % 2 else signs[:-2]
        rows, out = [], io.StringIO()
        writer = csv.writer(out, lineterminator=end)
        writer.writerow(HEADER.split(","))
        for number in range(40):
            text = "<" + "".join(source.choices(usable, k=source.randint(0, 8))) + ">"
            line = out.getvalue().count("\n") + 1
            writer.writerow([f"S{number:02}", text, "store", "UTC", "JPY"])
            rows.append((f"S{number:02}", text, line))
        landed = bench.land(STORES, {f"stores_{trial}.csv": out.getvalue()})
        assert [(r["store_id"], r["name"], r["_line"]) for r in landed.rows] == rows


def _parquet(bench: Bench, query: str) -> Path:
    path = bench.root / "made.parquet"
    duckdb.sql(query).write_parquet(str(path))
    return path
