"""The report on a warehouse whose every pair was counted by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.identity import evaluate, main

# p1 has m1, m2, s1, s2: 6 pairs; p2 has m3; p3 has m4, r1, r2: 3 pairs.


def test_the_warehouse_partition(planted_home: Path) -> None:
    scores = evaluate(planted_home).warehouse
    assert (scores.records, scores.people, scores.true_pairs) == (8, 3, 9)
    assert scores.predicted_pairs == 4  # c1 = m1, m3, s1; c2 = m2, s2
    assert scores.correct_pairs == 2  # m1-s1, m2-s2
    assert (scores.wrong_pairs_in_households, scores.wrong_pairs_elsewhere) == (2, 0)


def test_the_naive_join_takes_dummies_for_people(planted_home: Path) -> None:
    naive = evaluate(planted_home).naive
    assert naive.clusters == 5  # m1, m3, s1 | m4, r1 | m2 | s2 | r2
    assert (naive.predicted_pairs, naive.correct_pairs) == (4, 2)


def test_the_reference_never_joins_two_people(planted_home: Path) -> None:
    report = evaluate(planted_home)
    assert report.reference.precision == 1
    # m1-s1 by e-mail, m2-s2 by member id, m4-r1 by phone; m1-m3 share name and birth date, but
    # are two people
    assert report.reference.correct_pairs == 3
    assert report.usable_share == pytest.approx(3 / 9)


def test_records_without_a_counterpart_are_counted(planted_home: Path) -> None:
    report = evaluate(planted_home)
    assert (report.not_yet_known, report.without_truth) == (1, 1)


def test_the_report_is_printed(planted_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(planted_home) == 0
    printed = capsys.readouterr().out
    assert "8 records of 3 people, 9 true pairs, 0.3333 of them share a usable key" in printed
    assert "wrong pairs in a household" in printed


@pytest.mark.parametrize("missing", ["truth/people.parquet", "current/warehouse.duckdb"])
def test_what_is_missing_is_named(
    planted_home: Path, missing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (planted_home / missing).unlink()
    assert main(planted_home) == 2
    assert missing in capsys.readouterr().out
