"""The registry of faults, and what injections do to files; the nights themselves are end to end."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from evaluation.faults import FAULTS, chosen, shared_nights
from evaluation.faults.content import cut, packed, recode
from evaluation.faults.facts import read_refusals
from evaluation.faults.model import Check, Comparison, Fault, NightFacts, Refusal
from evaluation.faults.night import Night
from evaluation.faults.outcomes import Quarantined, Refused, Stopped, says_what_to_do
from evaluation.faults.rows import add_row, drop_rows_of, drop_share, half_width, scale_rows_of
from expectations.registry import LAYERS, suites_of
from ingestion.contract import all_tables
from tests.evaluation.facts import night_facts

RECEIPTS, LINES = "raw_pos.receipts", "raw_pos.receipt_lines"


def test_the_registry_covers_every_table_and_many_kinds() -> None:
    assert {fault.table for fault in FAULTS} == {table.qualified_name for table in all_tables()}
    assert len(FAULTS) >= 80
    assert len({fault.kind for fault in FAULTS}) >= 40
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


def test_faults_that_share_a_night_are_of_different_tables() -> None:
    nights = shared_nights(FAULTS)
    assert sorted(fault.name for night in nights for fault in night) == sorted(
        fault.name for fault in FAULTS
    )
    for night in nights:
        assert len({fault.table for fault in night}) == len(night)
        assert len({fault.expected.shares for fault in night}) == 1
        assert len(night) == 1 or night[0].expected.shares


def test_faults_are_chosen_by_name_kind_table_or_outcome() -> None:
    assert [fault.name for fault in chosen(["zip bomb"])] == [
        "an archive that grows without measure"
    ]
    assert {type(fault.expected) for fault in chosen(["Refused"])} == {Refused}
    assert chosen([]) == list(FAULTS)


def test_a_row_is_added_under_a_key_of_its_own(night: Night) -> None:
    add_row(RECEIPTS, total_inc_tax="abc")(night)
    rows = _rows(night.path(RECEIPTS))
    assert [row["receipt_id"] for row in rows] == ["R1", "R2", "R3", "FAULT-1"]
    assert rows[-1] == rows[-2] | {"receipt_id": "FAULT-1", "total_inc_tax": "abc"}


def test_a_store_is_spoilt_and_the_others_are_not(night: Night) -> None:
    scale_rows_of(LINES, ("line_amount",), "0.8", "S001")(night)
    assert [row["line_amount"] for row in _rows(night.path(LINES))] == ["80", "160", "300", "400"]
    drop_rows_of(LINES, "S001")(night)
    assert [row["line_amount"] for row in _rows(night.path(LINES))] == ["300", "400"]


def test_a_share_of_the_rows_is_dropped_one_at_least(night: Night) -> None:
    drop_share(LINES, 0.03)(night)
    assert [row["receipt_id"] for row in _rows(night.path(LINES))] == ["R1", "R1", "R3"]


def test_what_did_not_come_tonight_is_sent_again(night: Night) -> None:
    assert night.read("raw_pos.stores").rows == [{"store_id": "S001", "name": "新宿店"}]
    recode("raw_pos.stores", "cp932")(night)
    assert "新宿店" in night.path("raw_pos.stores").read_text(encoding="cp932")


def test_files_are_cut_and_packed(night: Night) -> None:
    whole = night.path(RECEIPTS).read_bytes()
    cut(RECEIPTS, 0.9)(night)
    assert night.path(RECEIPTS).read_bytes() == whole[: whole.index(b"R3") + 4]
    packed(LINES)(night)
    assert not night.path(LINES).exists()
    assert night.path(LINES, ".csv.gz").read_bytes()[:2] == b"\x1f\x8b"


def test_kana_in_half_width() -> None:
    assert half_width("ヤマダ パン太") == "ﾔﾏﾀﾞ ﾊﾟﾝ太"


def test_refusals_are_read_from_a_message() -> None:
    message = (
        "feed pos stopped the run: 2 file(s) cannot be taken.\n"
        "  raw_pos.stores: stores_1.csv, column name, line 1: it lacks it. Export it again.\n"
        "  raw_pos.staff: staff_1.csv: the file is empty. Export it again.\n"
        "Mend or replace the file and run again."
    )
    assert read_refusals(message) == [
        Refusal(
            "raw_pos.stores",
            "stores_1.csv",
            "stores_1.csv, column name, line 1: it lacks it. Export it again.",
        ),
        Refusal("raw_pos.staff", "staff_1.csv", "staff_1.csv: the file is empty. Export it again."),
    ]


def test_a_night_that_set_the_row_aside_passes_and_one_that_lost_it_does_not() -> None:
    expected = Quarantined("channel: not one of")
    right = night_facts(quarantined=[Refusal(RECEIPTS, "f.csv", "channel: not one of store", 9)])
    assert expected.complaints(_compare(expected, right)) == []
    assert expected.complaints(_compare(expected, night_facts())) == [
        "0 rows are set aside and not 1"
    ]
    lost = night_facts(accounting={RECEIPTS: (5, 1, 0, 3)})
    assert f"{RECEIPTS}: 5 rows came and 4 are accounted for" in expected.complaints(
        _compare(expected, lost)
    )
    other = night_facts(quarantined=right.quarantined, digests={"kpi_daily": "other"})
    assert expected.complaints(_compare(expected, other)) == [
        "other than in the clean night: kpi_daily"
    ]


def test_a_stop_must_be_by_the_rule_and_leave_what_is_served() -> None:
    expected = Stopped("staging", "staging.a.rule")
    message = "critical: staging.a · rule: observed 1, expected 0. Send the rows again."
    failed = [Check("staging", "staging.a", "rule", "critical")]
    right = night_facts(status=1, ended="stopped", message=message, failed=failed)
    assert expected.complaints(_compare(expected, right)) == []
    touched = night_facts(status=1, ended="stopped", message=message, failed=failed, served="other")
    assert expected.complaints(_compare(expected, touched)) == ["what is served has changed"]
    published = expected.complaints(_compare(expected, night_facts()))
    assert published[-1] == "no rule stopped it and not staging: staging.a.rule"


def test_a_refusal_must_say_what_to_do() -> None:
    expected = Refused("column total")
    message = "receipts_1.csv, column total, line 1: it is wrong."
    vague = night_facts(
        status=1, ended="stopped", said=message, refused=[Refusal(RECEIPTS, "f", message)]
    )
    assert expected.complaints(_compare(expected, vague)) == [
        f"the message does not say what to do next: {message}"
    ]


@pytest.fixture
def night(tmp_path: Path) -> Night:
    """A night with three receipts of two stores and four lines, and a store of an earlier day."""
    folder = tmp_path / "feeds" / "pos"
    folder.mkdir(parents=True)
    (folder / "receipts_20261001.csv").write_text(
        "receipt_id,store_id,total_inc_tax\nR1,S001,300\nR2,S002,300\nR3,S002,400\n"
    )
    (folder / "receipt_lines_20261001.csv").write_text(
        "receipt_id,line_no,line_amount\nR1,1,100\nR1,2,200\nR2,1,300\nR3,1,400\n"
    )
    (folder / "stores_20260930.csv").write_text("store_id,name\nS001,新宿店\n", encoding="utf-8")
    return Night(tmp_path, "20261001")


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def _compare(expected: Quarantined | Refused | Stopped, night: NightFacts) -> Comparison:
    fault = Fault("a fault", "a kind", RECEIPTS, lambda night: None, expected)
    return Comparison(fault, (fault,), night, night_facts(), night_facts())


def test_every_rule_of_the_gates_says_what_to_do() -> None:
    rules = [
        (suite.table, rule)
        for layer in LAYERS
        for suite in suites_of(layer)
        for rule in suite.rules
    ]
    assert len(rules) > 1000
    silent = {(table, r.name) for table, r in rules if not says_what_to_do(r.explanation)}
    assert not silent
