"""Scores of a partition, each worked out by hand."""

from __future__ import annotations

import duckdb
import pytest

from evaluation.components import components
from evaluation.partition import Scores, score

# cluster, person, household
RECORDS = [
    ("A", "p1", "h1"),
    ("A", "p1", "h1"),
    ("A", "p2", "h1"),
    ("B", "p1", "h1"),
    ("B", "p3", None),
    ("C", "p4", "h2"),
    ("C", "p4", "h2"),
    ("D", "p5", "h2"),
]


def scored(records: list[tuple[str, str, str | None]]) -> Scores:
    with duckdb.connect() as connection:
        connection.execute(
            "create table judged (cluster varchar, person varchar, household varchar)"
        )
        if records:
            connection.executemany("insert into judged values (?, ?, ?)", records)
        return score(connection, "judged")


def test_counts() -> None:
    scores = scored(RECORDS)
    assert (scores.records, scores.people, scores.clusters) == (8, 5, 4)
    # A: 3, B: 1, C: 1 | p1: 3, p4: 1 | p1 in A, p4 in C
    assert (scores.predicted_pairs, scores.true_pairs, scores.correct_pairs) == (5, 4, 2)
    assert (scores.mixed_clusters, scores.split_people) == (2, 1)


def test_pairwise_rates() -> None:
    scores = scored(RECORDS)
    assert scores.precision == pytest.approx(2 / 5)
    assert scores.recall == pytest.approx(2 / 4)
    assert scores.f1 == pytest.approx(2 * 0.4 * 0.5 / 0.9)


def test_bcubed_rates() -> None:
    scores = scored(RECORDS)
    precision = (4 / 3 + 1 / 3 + 1 / 2 + 1 / 2 + 2 + 1) / 8
    recall = (4 / 3 + 1 + 1 / 3 + 1 + 2 + 1) / 8
    assert scores.bcubed_precision == pytest.approx(precision)
    assert scores.bcubed_recall == pytest.approx(recall)
    assert scores.bcubed_f1 == pytest.approx(2 * precision * recall / (precision + recall))


def test_wrong_pairs_are_told_apart_by_household() -> None:
    scores = scored(RECORDS)
    assert scores.wrong_pairs_in_households == 2  # p2 with both records of p1
    assert scores.wrong_pairs_elsewhere == 1  # p3, who lives alone, with p1


def test_people_without_a_household_do_not_live_together() -> None:
    scores = scored([("A", "p1", None), ("A", "p2", None)])
    assert (scores.wrong_pairs_in_households, scores.wrong_pairs_elsewhere) == (0, 1)


def test_the_biggest_cluster_is_not_always_a_wrong_one() -> None:
    scores = scored([("A", "p1", None)] * 5 + [("B", "p2", None), ("B", "p3", None)])
    assert (scores.biggest_cluster, scores.biggest_mixed_cluster) == (5, 2)


def test_one_cluster_of_all_and_one_for_each() -> None:
    people = [f"p{i % 10}" for i in range(30)]
    all_in_one = scored([("A", person, None) for person in people])
    assert all_in_one.recall == all_in_one.bcubed_recall == 1
    assert all_in_one.precision == pytest.approx(30 / 435)
    assert all_in_one.bcubed_precision == pytest.approx(0.1)
    each_alone = scored([(f"c{i}", person, None) for i, person in enumerate(people)])
    assert each_alone.precision is None and each_alone.f1 is None
    assert each_alone.recall == 0 and each_alone.bcubed_precision == 1
    assert each_alone.bcubed_recall == pytest.approx(1 / 3)


def test_the_true_partition_scores_one() -> None:
    scores = scored([(person, person, household) for _, person, household in RECORDS])
    assert scores.precision == scores.recall == scores.f1 == scores.bcubed_f1 == 1
    assert (scores.mixed_clusters, scores.biggest_mixed_cluster, scores.split_people) == (0, 0, 0)


def test_no_records_no_rates() -> None:
    scores = scored([])
    assert scores.records == 0
    assert scores.precision is scores.recall is scores.bcubed_precision is None


def test_a_cluster_of_thousands_is_counted_not_enumerated() -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "create table judged as select 'A' as cluster, 'p' || i as person, "
            "cast(null as varchar) as household from range(200000) t(i)"
        )
        assert score(connection, "judged").predicted_pairs == 200000 * 199999 // 2


def test_components_are_transitive() -> None:
    keys = [(0, "a"), (1, "a"), (1, "b"), (4, "b"), (2, "c"), (3, "d"), (2, "d")]
    assert components(6, keys) == [0, 0, 2, 2, 0, 5]


def test_components_do_not_hang_on_the_order() -> None:
    keys = [(record, key) for key in range(50) for record in (key, 99 - key, key + 1)]
    assert components(100, keys) == components(100, reversed(keys)) == [0] * 100
